//! Where an exception stands.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Status of the work on an exception. Escalation is a level, not a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Nobody works on it yet.
    Open,
    /// Somebody works on it.
    InProgress,
    /// It waits for somebody else.
    Waiting,
    /// A second person must decide.
    PendingApproval,
    /// It is done.
    Resolved,
}

impl Status {
    /// All statuses in the order of work.
    pub const ALL: [Status; 5] = [
        Status::Open,
        Status::InProgress,
        Status::Waiting,
        Status::PendingApproval,
        Status::Resolved,
    ];

    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Open => "OPEN",
            Status::InProgress => "IN_PROGRESS",
            Status::Waiting => "WAITING",
            Status::PendingApproval => "PENDING_APPROVAL",
            Status::Resolved => "RESOLVED",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownStatus)
    }
}

/// The text is no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status is one of OPEN, IN_PROGRESS, WAITING, PENDING_APPROVAL, RESOLVED")]
pub struct UnknownStatus;
