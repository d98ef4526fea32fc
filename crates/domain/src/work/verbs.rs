//! The state machine as a table: which verbs a status knows.

use crate::status::Status;

/// What can be said of an exception whatever its status.
const ALWAYS: [&str; 3] = ["comment", "link", "unlink"];

/// Verbs of a status. Who asks, and what exactly, may still be refused.
pub fn allowed(status: Status) -> Vec<&'static str> {
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
    own.iter().chain(&ALWAYS).copied().collect()
}
