//! The state machine as a table: which verbs a status knows.

use super::Pending;
use crate::status::Status;

/// What can be said of an exception whatever its status.
const ALWAYS: [&str; 3] = ["comment", "link", "unlink"];

/// What can be said of a request while the exception keeps its status: its source reported something.
const OF_REPORT: [&str; 3] = ["grant", "refuse", "withdraw"];

/// Verbs of a status, with a request that may wait. Who asks, and what exactly, may still be refused.
pub fn allowed(status: Status, pending: Option<&Pending>) -> Vec<&'static str> {
    let own: &[&str] = match status {
        Status::Open => &[
            "claim",
            "start",
            "assign",
            "release",
            "handBack",
            "escalate",
            "changeSeverity",
            "move",
            "completeStep",
            "skipStep",
            "resolve",
            "snooze",
            "wake",
        ],
        Status::InProgress => &[
            "claim",
            "assign",
            "release",
            "handBack",
            "wait",
            "escalate",
            "changeSeverity",
            "move",
            "completeStep",
            "skipStep",
            "resolve",
            "snooze",
            "wake",
        ],
        Status::Waiting => &[
            "claim",
            "assign",
            "release",
            "handBack",
            "resume",
            "escalate",
            "changeSeverity",
            "move",
            "completeStep",
            "skipStep",
            "resolve",
        ],
        // These change it, which makes the request void.
        Status::PendingApproval => &["grant", "refuse", "withdraw", "assign", "escalate", "move"],
        Status::Resolved => &["reopen"],
    };
    let of_report = pending.and_then(Pending::report).map(|_| OF_REPORT);
    own.iter().chain(of_report.iter().flatten()).chain(&ALWAYS).copied().collect()
}
