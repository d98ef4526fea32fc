//! Exceptions: receive, list, facets, count, export, show, recurrences, events, evidence, commands.

pub mod commands;
pub mod count;
pub mod events;
pub mod evidence;
pub mod export;
pub mod facets;
pub mod list;
pub mod parts;
mod reasons;
pub mod receive;
pub mod recurrences;
pub mod show;
pub mod views;
pub mod work;
