//! Commands as they are sent.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    severity::Severity,
    time::{deserialize_day, deserialize_time},
    work::Command,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::exceptions::views::SeverityName;

/// A command on an exception
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = Command)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum CommandBody {
    /// Take it, and begin.
    Claim {},
    /// Begin with what one was given.
    Start {},
    /// Give it to somebody.
    Assign {
        /// Their name, as `people` lists them.
        owner: String,
    },
    /// Give it up; it stays in its queue.
    Release {},
    /// Give it back to the queue it came from.
    HandBack { reason: String },
    /// Let it wait for somebody else.
    Wait {
        /// Code of the pack.
        reason: String,
        /// Until when at the latest.
        #[serde(deserialize_with = "deserialize_time")]
        until: DateTime<Utc>,
        note: Option<String>,
    },
    /// Go on with what waited.
    Resume {},
    /// Ask for help: a level up, to the queue that takes over.
    Escalate { reason: String },
    /// Rate it otherwise.
    ChangeSeverity {
        #[schema(value_type = SeverityName)]
        severity: Severity,
        reason: String,
    },
    /// Put it into another queue; for supervisors.
    Move { queue: String, reason: String },
    /// Say something about it.
    Comment {
        /// Markdown.
        text: String,
    },
    /// A step of the playbook is done.
    CompleteStep {
        step: String,
        /// Evidence, where the step asks for it.
        note: Option<String>,
    },
    /// A step of the playbook does not apply.
    SkipStep { step: String, reason: String },
    /// It is done.
    Resolve {
        /// Code of the type.
        resolution: String,
        /// Code of the type.
        #[serde(rename = "rootCause")]
        root_cause: String,
        note: Option<String>,
    },
    /// It is not done after all; the clock starts again.
    Reopen { reason: String },
    /// Make it a part of another one.
    Link {
        /// Id of the other one.
        parent: String,
    },
    /// It is no part of another one any more.
    Unlink {},
    /// Offer it to nobody before a business day.
    Snooze {
        #[serde(deserialize_with = "deserialize_day")]
        until: NaiveDate,
        reason: String,
    },
    /// Offer it again.
    Wake {},
    /// Allow what somebody else asked for.
    Grant { note: Option<String> },
    /// Refuse what somebody else asked for.
    Refuse { reason: String },
    /// Take back what oneself asked for.
    Withdraw {},
}

impl From<CommandBody> for Command {
    fn from(body: CommandBody) -> Self {
        match body {
            CommandBody::Claim {} => Command::Claim,
            CommandBody::Start {} => Command::Start,
            CommandBody::Assign { owner } => Command::Assign { owner },
            CommandBody::Release {} => Command::Release,
            CommandBody::HandBack { reason } => Command::HandBack { reason },
            CommandBody::Wait { reason, until, note } => Command::Wait { reason, until, note },
            CommandBody::Resume {} => Command::Resume,
            CommandBody::Escalate { reason } => Command::Escalate { reason },
            CommandBody::ChangeSeverity { severity, reason } => Command::ChangeSeverity { severity, reason },
            CommandBody::Move { queue, reason } => Command::Move { queue, reason },
            CommandBody::Comment { text } => Command::Comment { text },
            CommandBody::CompleteStep { step, note } => Command::CompleteStep { step, note },
            CommandBody::SkipStep { step, reason } => Command::SkipStep { step, reason },
            CommandBody::Resolve {
                resolution,
                root_cause,
                note,
            } => Command::Resolve {
                resolution,
                root_cause,
                note,
            },
            CommandBody::Reopen { reason } => Command::Reopen { reason },
            CommandBody::Link { parent } => Command::Link { parent },
            CommandBody::Unlink {} => Command::Unlink,
            CommandBody::Snooze { until, reason } => Command::Snooze { until, reason },
            CommandBody::Wake {} => Command::Wake,
            CommandBody::Grant { note } => Command::Grant { note },
            CommandBody::Refuse { reason } => Command::Refuse { reason },
            CommandBody::Withdraw {} => Command::Withdraw,
        }
    }
}
