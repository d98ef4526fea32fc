//! The one place that reads the clock. Everything else is told the time.

use chrono::{DateTime, Utc};

/// Now, cut to microseconds as PostgreSQL keeps it.
#[expect(clippy::disallowed_methods, reason = "this is its home")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
