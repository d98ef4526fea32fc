//! What rules refused: list, show, replay, discard.

pub mod discard;
pub mod list;
pub mod replay;
pub mod selection;
pub mod show;
mod views;
