//! The tenant's chain of events, to be read and to be verified.

pub mod events;
pub mod head;
pub mod verify;
