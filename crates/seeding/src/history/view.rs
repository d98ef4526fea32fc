//! An exception at a moment, as those see it who work on it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::{
    calendar::Calendar,
    pack::{ExceptionType, Pack, approval::ApprovalAction},
    standing::Standing,
};

use super::people::People;

/// An exception at a moment.
pub(super) struct View<'v> {
    pub(super) pack: &'v Pack,
    pub(super) people: &'v People,
    pub(super) standing: &'v Standing,
    pub(super) at: DateTime<Utc>,
}

impl<'v> View<'v> {
    pub(super) fn kind(&self) -> Option<&'v ExceptionType> {
        self.pack.exception_type(&self.standing.cell.exception_type)
    }

    fn calendar(&self) -> Option<&'v Calendar> {
        self.pack.calendar(self.kind()?.policy.calendar.as_deref()?)
    }

    /// The moment by which so much working time has passed; people act in working time only.
    pub(super) fn later(&self, from: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
        self.calendar()
            .map_or(from + time, |calendar| calendar.add_working_time(from, time))
    }

    /// The business day so many days later.
    pub(super) fn day(&self, from: DateTime<Utc>, days: i64) -> NaiveDate {
        self.calendar().map_or((from + TimeDelta::days(days)).date_naive(), |calendar| {
            calendar.add_business_days(calendar.local_date(from), days)
        })
    }

    /// The beginning of a day; not before `from`.
    pub(super) fn opening(&self, from: DateTime<Utc>, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        self.calendar()
            .map_or(midnight.and_utc(), |calendar| calendar.instant(midnight))
            .max(from)
    }

    /// Place of its queue in the pack.
    pub(super) fn queue(&self) -> usize {
        self.pack.document().queues.get_index_of(&self.standing.cell.queue).unwrap_or(0)
    }

    /// Whether a second person must decide where it ends so.
    pub(super) fn needs_second(&self, resolution: &str) -> bool {
        let demands = self.pack.document().approvals.iter();
        demands
            .filter(|demand| demand.action == ApprovalAction::Resolve)
            .any(|demand| demand.resolutions.iter().any(|code| code == resolution))
    }
}
