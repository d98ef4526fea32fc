//! The one grammar that selects exceptions: shared by list, counts and export, typed here, parsed at the edge, turned into SQL in the store.

mod list;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

pub use self::list::{InvalidList, list_values};
use crate::{severity::Severity, status::Status};

/// Which exceptions. Within a member any of the values, between members all of them; an empty member does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the exception")]
pub struct Filter {
    pub statuses: Vec<Status>,
    pub severities: Vec<Severity>,
    pub types: Vec<String>,
    pub queues: Vec<String>,
    pub sources: Vec<String>,
    /// Member ids; `None` is nobody.
    pub owners: Vec<Option<String>>,
    /// Waiting reasons by code.
    pub waiting_for: Vec<String>,
    /// Resolutions by code.
    pub resolutions: Vec<String>,
    /// Root causes by code.
    pub root_causes: Vec<String>,
    /// Selects by a breach of the resolution deadline, before or after the resolution.
    pub breached: Option<bool>,
    /// Selects by any escalation so far.
    pub escalated: Option<bool>,
    /// Selects by a severity that a member set or a repetition raised, and that no rule has replaced since.
    pub severity_changed: Option<bool>,
    /// The exception that they are parts of.
    pub parent: Option<String>,
    /// Due times by bucket, relative to now.
    pub due: Vec<DueBucket>,
    /// Exact value of any entity, as it is shown or as it was sent.
    pub entity: Option<String>,
    /// Free text: every word must be the beginning of a word of the title, of an id or of an entity's value; letter case does not matter.
    pub text: Option<String>,
    /// Values of declared fields of the payload, by name of the field.
    pub fields: BTreeMap<String, Vec<String>>,
    /// From this time on, included.
    pub created_from: Option<DateTime<Utc>>,
    /// Up to this time, excluded.
    pub created_to: Option<DateTime<Utc>>,
    /// Aged from this day on, included.
    pub aged_from: Option<NaiveDate>,
    /// Aged from a day before this one.
    pub aged_to: Option<NaiveDate>,
    /// From this time on, included.
    pub due_from: Option<DateTime<Utc>>,
    /// Up to this time, excluded.
    pub due_to: Option<DateTime<Utc>>,
    /// Resolved from this time on, included.
    pub resolved_from: Option<DateTime<Utc>>,
    /// Resolved up to this time, excluded.
    pub resolved_to: Option<DateTime<Utc>>,
}

/// When an unresolved exception is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueBucket {
    /// Before now.
    Late,
    /// Within an hour.
    NextHour,
    /// After that, within 24 hours.
    Today,
    /// Later.
    Later,
}

impl DueBucket {
    /// All buckets, most urgent first.
    pub const ALL: [DueBucket; 4] = [DueBucket::Late, DueBucket::NextHour, DueBucket::Today, DueBucket::Later];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DueBucket::Late => "late",
            DueBucket::NextHour => "nextHour",
            DueBucket::Today => "today",
            DueBucket::Later => "later",
        }
    }
}

/// Sort key of a list. Within one time or amount the id decides; within any other value the due time, most urgent first, then the
/// id. What has no such value comes last, whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the exception")]
pub enum SortKey {
    Created,
    Due,
    Severity,
    Type,
    Status,
    Queue,
    Source,
    /// By the id of the member.
    Owner,
    /// By the amount in minor units, whatever its currency.
    Exposure,
    /// By how long ago the deadline of the resolution was breached.
    Lateness,
}

impl SortKey {
    /// All sort keys.
    pub const ALL: [SortKey; 10] = [
        SortKey::Created,
        SortKey::Due,
        SortKey::Severity,
        SortKey::Type,
        SortKey::Status,
        SortKey::Queue,
        SortKey::Source,
        SortKey::Owner,
        SortKey::Exposure,
        SortKey::Lateness,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SortKey::Created => "created",
            SortKey::Due => "due",
            SortKey::Severity => "severity",
            SortKey::Type => "type",
            SortKey::Status => "status",
            SortKey::Queue => "queue",
            SortKey::Source => "source",
            SortKey::Owner => "owner",
            SortKey::Exposure => "exposure",
            SortKey::Lateness => "lateness",
        }
    }
}

/// Direction of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Which way.
    pub direction: Direction,
}
