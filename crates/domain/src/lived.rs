//! What happened in a past that is written at once: each step was decided where it stands in time, with what was known then.
//!
//! `seeding` makes such a past, the store writes it. What happens now goes other ways: [`crate::reception`] and [`crate::work`].

use crate::{
    reception::{Arriving, Known},
    work::Decision,
};

/// One step of a past.
#[derive(Debug, Clone)]
pub enum Lived {
    /// Something was received.
    Received {
        /// What.
        arriving: Box<Arriving>,
        /// What was known then that it may be about.
        known: Vec<Known>,
    },
    /// Somebody, or the clock, did something.
    Decided(Box<Decision>),
}
