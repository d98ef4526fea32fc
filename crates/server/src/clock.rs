//! The clock. [`now`] is the one place that reads it, for commands of the command line. Whatever serves or works has a [`Clock`] to ask,
//! so that tests decide what time it is.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Now, cut to microseconds as PostgreSQL keeps it.
#[expect(clippy::disallowed_methods, reason = "this is its home")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

/// A clock, cheap to clone. By default that of the system.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds since 1970 where somebody sets the time by hand.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// Now (UTC), in whole microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.manual {
            None => now(),
            Some(micros) => time(micros.load(Ordering::SeqCst)),
        }
    }
}

/// The hands of a clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands at a time.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp_micros())))
    }

    /// The clock that is read.
    pub fn clock(&self) -> Clock {
        Clock {
            manual: Some(Arc::clone(&self.0)),
        }
    }

    /// Returns the time that it shows.
    pub fn now(&self) -> DateTime<Utc> {
        time(self.0.load(Ordering::SeqCst))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now() + by);
    }
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
