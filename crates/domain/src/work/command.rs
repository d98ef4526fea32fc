//! What people ask for.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    severity::Severity,
    time::{deserialize_day, deserialize_time},
};

/// A command on one exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Take it, and begin.
    Claim,
    /// Begin with what one was given.
    Start,
    /// Give it to somebody.
    Assign {
        /// Their name, as events name them.
        owner: String,
    },
    /// Give it up; it stays in its queue.
    Release,
    /// Give it back to the queue it came from.
    HandBack {
        /// Why.
        reason: String,
    },
    /// Let it wait for somebody else.
    Wait {
        /// Code of the pack.
        reason: String,
        /// Until when at the latest (UTC).
        #[serde(deserialize_with = "deserialize_time")]
        until: DateTime<Utc>,
        /// Anything more.
        note: Option<String>,
    },
    /// Go on with what waited.
    Resume,
    /// Ask for help: a level up, to the queue that takes over.
    Escalate {
        /// Why.
        reason: String,
    },
    /// Rate it otherwise.
    ChangeSeverity {
        /// The new one.
        severity: Severity,
        /// Why.
        reason: String,
    },
    /// Put it into another queue.
    Move {
        /// The new one.
        queue: String,
        /// Why.
        reason: String,
    },
    /// Say something about it (Markdown).
    Comment {
        /// What.
        text: String,
    },
    /// A step of the playbook is done.
    CompleteStep {
        /// Its id.
        step: String,
        /// Evidence, where the step asks for it.
        note: Option<String>,
    },
    /// A step of the playbook does not apply.
    SkipStep {
        /// Its id.
        step: String,
        /// Why.
        reason: String,
    },
    /// It is done.
    Resolve {
        /// How, by code of the type.
        resolution: String,
        /// Why it happened, by code of the type.
        root_cause: String,
        /// Anything more.
        note: Option<String>,
    },
    /// It is not done after all; the clock starts again.
    Reopen {
        /// Why.
        reason: String,
    },
    /// Make it a part of another one.
    Link {
        /// The other one.
        parent: String,
    },
    /// It is no part of another one any more.
    Unlink,
    /// Offer it to nobody before a business day.
    Snooze {
        /// The day, in the calendar of its type.
        #[serde(deserialize_with = "deserialize_day")]
        until: NaiveDate,
        /// Why.
        reason: String,
    },
    /// Offer it again.
    Wake,
    /// Allow what somebody else asked for.
    Grant {
        /// Anything more.
        note: Option<String>,
    },
    /// Refuse what somebody else asked for.
    Refuse {
        /// Why.
        reason: String,
    },
    /// Take back what oneself asked for.
    Withdraw,
}

impl Command {
    /// The word on the wire.
    pub fn verb(&self) -> &'static str {
        match self {
            Command::Claim => "claim",
            Command::Start => "start",
            Command::Assign { .. } => "assign",
            Command::Release => "release",
            Command::HandBack { .. } => "handBack",
            Command::Wait { .. } => "wait",
            Command::Resume => "resume",
            Command::Escalate { .. } => "escalate",
            Command::ChangeSeverity { .. } => "changeSeverity",
            Command::Move { .. } => "move",
            Command::Comment { .. } => "comment",
            Command::CompleteStep { .. } => "completeStep",
            Command::SkipStep { .. } => "skipStep",
            Command::Resolve { .. } => "resolve",
            Command::Reopen { .. } => "reopen",
            Command::Link { .. } => "link",
            Command::Unlink => "unlink",
            Command::Snooze { .. } => "snooze",
            Command::Wake => "wake",
            Command::Grant { .. } => "grant",
            Command::Refuse { .. } => "refuse",
            Command::Withdraw => "withdraw",
        }
    }

    /// Texts people wrote, with the name of their member; none may be empty where it is there.
    pub(super) fn texts(&self) -> Vec<(&'static str, &str)> {
        match self {
            Command::HandBack { reason }
            | Command::Escalate { reason }
            | Command::ChangeSeverity { reason, .. }
            | Command::Move { reason, .. }
            | Command::SkipStep { reason, .. }
            | Command::Reopen { reason }
            | Command::Snooze { reason, .. }
            | Command::Refuse { reason } => vec![("reason", reason)],
            Command::Comment { text } => vec![("text", text)],
            Command::Assign { owner } => vec![("owner", owner)],
            Command::Link { parent } => vec![("parent", parent)],
            Command::Wait { note, .. } | Command::CompleteStep { note, .. } | Command::Resolve { note, .. } | Command::Grant { note } => {
                note.iter().map(|note| ("note", note.as_str())).collect()
            }
            _ => Vec::new(),
        }
    }
}
