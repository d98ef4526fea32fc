//! Exceptions: receive, list, facets, show, events.

pub mod events;
pub mod facets;
pub mod list;
pub mod receive;
pub mod show;
pub mod views;
