//! Jobs: list, show, and decide about dead letters.

pub mod discard;
pub mod list;
pub mod replay;
pub mod show;
mod views;
