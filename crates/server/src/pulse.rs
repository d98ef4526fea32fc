//! A sign of life: whether something that runs in the background still goes round.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::lock::lock;

/// The last sign of life of something; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<Option<Instant>>>);

impl Pulse {
    /// Gives a sign of life.
    pub fn beat(&self) {
        *lock(&self.0) = Some(Instant::now());
    }

    /// Whether there was one within a time.
    pub fn is_felt_within(&self, time: Duration) -> bool {
        lock(&self.0).is_some_and(|last| last.elapsed() <= time)
    }
}
