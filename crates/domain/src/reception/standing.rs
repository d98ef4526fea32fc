//! Where an exception stands: what a change of it compares and moves.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{cell::Cell, exception::Received, status::Status};

/// Resolution of an exception whose source said that the problem is gone.
pub const AUTO_CLEARED: &str = "AUTO_CLEARED";
/// Resolution of an exception that only repeated another one.
pub const FOLDED: &str = "FOLDED";

/// Where an exception stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub exception_id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Status, severity, type, queue and source system.
    pub cell: Cell,
    /// What makes it the same problem as another.
    pub fingerprint: Option<String>,
    /// Somebody must have taken it (UTC).
    pub respond_due_at: DateTime<Utc>,
    /// It must be resolved (UTC).
    pub due_at: DateTime<Utc>,
    /// How it ended, by code; `None` while it is open.
    pub resolution: Option<String>,
    /// When it was resolved (UTC).
    pub resolved_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// An exception that has just been received.
    pub fn new(received: &Received) -> Self {
        Self {
            exception_id: received.id.to_string(),
            version: 1,
            cell: received.cell(Status::Open),
            fingerprint: received.triaged.fingerprint.clone(),
            respond_due_at: received.triaged.respond_due_at,
            due_at: received.triaged.due_at,
            resolution: None,
            resolved_at: None,
        }
    }

    /// Resolved at a time.
    pub fn resolve(&mut self, resolution: &str, at: DateTime<Utc>) {
        self.cell.status = Status::Resolved;
        self.resolution = Some(resolution.to_owned());
        self.resolved_at = Some(at);
    }

    /// Open again, with new deadlines.
    pub fn reopen(&mut self, respond_due_at: DateTime<Utc>, due_at: DateTime<Utc>) {
        self.cell.status = Status::Open;
        self.resolution = None;
        self.resolved_at = None;
        self.respond_due_at = respond_due_at;
        self.due_at = due_at;
    }

    /// As an event tells it.
    pub fn told(&self) -> Value {
        json!({
            "status": self.cell.status,
            "severity": self.cell.severity,
            "exceptionType": self.cell.exception_type,
            "queue": self.cell.queue,
            "sourceSystem": self.cell.source_system,
            "respondDueAt": self.respond_due_at,
            "dueAt": self.due_at,
            "resolution": self.resolution,
            "resolvedAt": self.resolved_at,
        })
    }
}
