//! Queues: what waits where, and the next of it.

pub mod list;
pub mod next;
