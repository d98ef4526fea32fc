//! Clocks of servers that differ: events never go back, and whoever finds an event ahead of their own clock says so in the log.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Differences up to this are usual among synchronised clocks.
const TOLERATED: TimeDelta = TimeDelta::seconds(2);
/// A difference is reported at most this often.
const REPORTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Reports differences between the clock of this server and those of others.
#[derive(Debug)]
pub struct Skew {
    /// Microseconds since 1970 at which it reported last.
    reported_at: AtomicI64,
}

impl Default for Skew {
    fn default() -> Self {
        Self {
            reported_at: AtomicI64::new(i64::MIN),
        }
    }
}

impl Skew {
    /// Logs by how much the clock of this server is behind, where the last event of an exception is ahead of it.
    pub fn report(&self, last_event: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if let Some(behind) = self.due(last_event, now) {
            tracing::warn!(
                seconds = behind.num_seconds(),
                "the clock of this server is behind that of another: synchronise them, for example with NTP"
            );
        }
    }

    /// By how much this clock is behind, where that is to be reported now.
    fn due(&self, last_event: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<TimeDelta> {
        let behind = last_event? - now;
        if behind <= TOLERATED {
            return None;
        }
        let reported_at = self.reported_at.load(Ordering::Relaxed);
        let every = REPORTED_EVERY.num_microseconds().unwrap_or(i64::MAX);
        if now.timestamp_micros().saturating_sub(reported_at) < every {
            return None;
        }
        self.reported_at.store(now.timestamp_micros(), Ordering::Relaxed);
        Some(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_is_reported_once_a_minute() {
        let skew = Skew::default();
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(skew.due(None, at(0)), None);
        assert_eq!(skew.due(Some(at(2)), at(0)), None, "as usual");
        assert_eq!(skew.due(Some(at(120)), at(0)), Some(TimeDelta::seconds(120)));
        assert_eq!(skew.due(Some(at(120)), at(59)), None);
        assert_eq!(skew.due(Some(at(180)), at(60)), Some(TimeDelta::seconds(120)));
    }
}
