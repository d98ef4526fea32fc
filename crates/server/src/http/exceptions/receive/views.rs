//! What senders send and what they are answered, as JSON.

use chrono::{DateTime, Utc};
use domain::{
    pack::Pack,
    reception::{Outcome, Receipt},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    digest::SummaryView,
    settle::{Refusal, Settled},
};
use crate::http::{
    exceptions::views::SeverityName,
    problem::{ApiError, FaultView},
};

/// What became of one exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accepted)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedView {
    /// The id it is stored under.
    exception_id: String,
    /// Always `accepted`: it is stored.
    status: &'static str,
    /// In a sentence.
    message: String,
    /// `accepted` when new or changed by this, `linked` when it repeats another one, `duplicate` when nothing is new.
    outcome: &'static str,
    /// The exception that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_to: Option<String>,
    exception_type: String,
    #[schema(value_type = SeverityName)]
    severity: String,
    queue: String,
    due_at: DateTime<Utc>,
    /// Of a clearing.
    #[serde(skip_serializing_if = "Option::is_none")]
    cleared: Option<ClearedView>,
}

/// What a clearing did to the open exceptions that it means.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Cleared)]
#[serde(rename_all = "camelCase")]
pub struct ClearedView {
    /// How many are resolved.
    resolved: usize,
    /// How many wait for a member to agree, because the pack reserves closing them for two people.
    awaiting_approval: usize,
    /// How many with the same fingerprint stay open, because other source systems sent them.
    left_open: usize,
}

/// What became of a batch, item by item in its order.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub struct BatchView {
    accepted: usize,
    linked: usize,
    duplicates: usize,
    rejected: usize,
    results: Vec<ItemView>,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchItem)]
#[serde(untagged)]
pub enum ItemView {
    /// It is stored.
    Accepted(AcceptedView),
    /// It was refused; the others were not touched by that.
    Rejected(RejectedView),
}

/// A refused item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rejected)]
#[serde(rename_all = "camelCase")]
pub struct RejectedView {
    /// Its id, where it had one.
    #[schema(required)]
    exception_id: Option<String>,
    /// Always `rejected`.
    status: &'static str,
    /// Always `rejected`.
    outcome: &'static str,
    /// In a sentence.
    message: String,
    errors: Vec<FaultView>,
    /// Where it is kept, to be looked at, replayed or discarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantine_id: Option<String>,
}

/// One exception, or several.
#[derive(ToSchema)]
#[schema(as = Intake)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its shape goes into the OpenAPI document")]
pub enum IntakeBody {
    One { exception: Box<ExceptionBody> },
    Several { exceptions: Vec<ExceptionBody> },
}

/// An exception as its source sends it.
#[derive(ToSchema)]
#[schema(as = IntakeException)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape goes into the OpenAPI document")]
pub struct ExceptionBody {
    /// Name of the sending system.
    source_system: String,
    /// The source's own fields. Only a clearing that names its exceptionId can do without.
    #[schema(value_type = Object)]
    raw_payload: serde_json::Value,
    /// What an integration added.
    #[schema(value_type = Object)]
    normalized_context: Option<serde_json::Value>,
    /// Id at the source; also looked for in rawPayload. Without one, ours.
    exception_id: Option<String>,
    /// Type; also looked for at normalizedContext.exceptionType and rawPayload.type.
    exception_type: Option<String>,
    /// Severity as claimed: kept, never trusted.
    severity: Option<String>,
    /// When it arose; also looked for in rawPayload. Without one, now. Without an offset, UTC.
    timestamp: Option<String>,
    /// Domain; must be the active one.
    domain: Option<String>,
    /// `cleared` where the problem is gone: the open exceptions it means, by exceptionId or by the pack's fingerprint fields, are resolved.
    #[schema(example = "open")]
    state: Option<String>,
}

impl BatchView {
    /// Adds the next item's result.
    pub fn add(&mut self, item: Settled) {
        self.results.push(match item {
            Ok(accepted) => {
                *match accepted.outcome {
                    "duplicate" => &mut self.duplicates,
                    "linked" => &mut self.linked,
                    _ => &mut self.accepted,
                } += 1;
                ItemView::Accepted(accepted)
            }
            Err(refusal) => {
                self.rejected += 1;
                let messages: Vec<&str> = refusal.faults.iter().map(|fault| fault.message.as_str()).collect();
                ItemView::Rejected(RejectedView {
                    message: messages.join("; "),
                    exception_id: refusal.id,
                    status: "rejected",
                    outcome: "rejected",
                    errors: refusal.faults.into_iter().map(FaultView::from).collect(),
                    quarantine_id: refusal.quarantine_id.map(Into::into),
                })
            }
        });
    }
}

impl AcceptedView {
    /// From what became of an arrival.
    pub fn new(receipt: Receipt, pack: &Pack) -> Self {
        let Receipt { outcome, standing } = receipt;
        let queue = pack.queue_label(&standing.cell.queue);
        let what = format!("{} {}", standing.cell.severity, standing.cell.exception_type);
        let message = match &outcome {
            Outcome::Accepted | Outcome::Duplicate => format!("{what} is in queue {queue}"),
            Outcome::Linked { to } if standing.resolution.is_some() => format!("{what} repeats {to}, which stands for both"),
            Outcome::Linked { to } => format!("{what} repeats {to} and is in queue {queue}"),
            Outcome::Revised => format!("{what} in queue {queue} now has this content, version {}", standing.version),
            Outcome::Cleared { resolved: 0, .. } => {
                format!("{what} stays open until a member agrees: the pack reserves closing it for two")
            }
            Outcome::Cleared { resolved: 1, .. } => format!("{what} is resolved: its source cleared it"),
            Outcome::Cleared { resolved, .. } => format!(
                "{what} and {} repetitions of it are resolved: their source cleared them",
                resolved - 1
            ),
        };
        let cleared = match outcome {
            Outcome::Cleared {
                resolved,
                waiting,
                left_open,
            } => Some(ClearedView {
                resolved,
                awaiting_approval: waiting,
                left_open,
            }),
            _ => None,
        };
        let word = match outcome {
            Outcome::Accepted | Outcome::Revised | Outcome::Cleared { .. } => "accepted",
            Outcome::Linked { .. } => "linked",
            Outcome::Duplicate => "duplicate",
        };
        let linked_to = match outcome {
            Outcome::Linked { to } => Some(to),
            _ => None,
        };
        Self {
            exception_id: standing.exception_id,
            status: "accepted",
            message,
            outcome: word,
            linked_to,
            exception_type: standing.cell.exception_type,
            severity: standing.cell.severity.as_str().to_owned(),
            queue: standing.cell.queue,
            due_at: standing.due_at,
            cleared,
        }
    }
}

/// A CloudEvent 1.0 in the JSON format.
#[derive(ToSchema)]
#[schema(as = CloudEvent)]
#[expect(dead_code, reason = "only its shape goes into the OpenAPI document")]
pub struct CloudEventBody {
    /// Always `1.0`.
    #[schema(example = "1.0")]
    specversion: String,
    /// Id at the source; together with `source` it names the event.
    id: String,
    /// URI reference; its last segment names the sending system.
    #[schema(example = "/warehouse/Scanner")]
    source: String,
    /// The exception type, perhaps after a prefix with dots.
    #[serde(rename = "type")]
    kind: String,
    /// When it arose (RFC 3339).
    time: Option<String>,
    /// What it is about; kept at normalizedContext.subject.
    subject: Option<String>,
    /// A JSON media type, where there is one.
    datacontenttype: Option<String>,
    /// An exception object (with rawPayload), or the source's own fields.
    #[schema(value_type = Option<Object>)]
    data: Option<serde_json::Value>,
    /// The same, as JSON text in Base64.
    data_base64: Option<String>,
}

/// What became of one line of a stream.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineResult)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    /// Its number in the stream, from 1; blank lines count and have no result.
    line: u64,
    /// `accepted`, `linked` or `duplicate` as for a single exception, `rejected` when refused.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception_id: Option<String>,
    /// The exception that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception_type: Option<String>,
    #[schema(value_type = Option<SeverityName>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    /// Of a clearing.
    #[serde(skip_serializing_if = "Option::is_none")]
    cleared: Option<ClearedView>,
    /// Why it was refused, with pointers into the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultView>,
    /// Where a refused line is kept; absent where it is not JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantine_id: Option<String>,
}

impl LineView {
    /// What became of a line.
    pub fn of(line: u64, settled: Settled) -> Self {
        match settled {
            Ok(stored) => Self::accepted(line, stored),
            Err(refusal) => Self::rejected(line, refusal),
        }
    }

    /// What became of it, in a word.
    pub fn outcome(&self) -> &'static str {
        self.outcome
    }

    /// Whether it is in quarantine.
    pub fn is_kept(&self) -> bool {
        self.quarantine_id.is_some()
    }

    fn accepted(line: u64, stored: AcceptedView) -> Self {
        Self {
            line,
            outcome: stored.outcome,
            exception_id: Some(stored.exception_id),
            linked_to: stored.linked_to,
            exception_type: Some(stored.exception_type),
            severity: Some(stored.severity),
            queue: Some(stored.queue),
            due_at: Some(stored.due_at),
            cleared: stored.cleared,
            errors: Vec::new(),
            quarantine_id: None,
        }
    }

    fn rejected(line: u64, refusal: Refusal) -> Self {
        Self {
            line,
            outcome: "rejected",
            exception_id: refusal.id,
            linked_to: None,
            exception_type: None,
            severity: None,
            queue: None,
            due_at: None,
            cleared: None,
            errors: refusal.faults.into_iter().map(FaultView::from).collect(),
            quarantine_id: refusal.quarantine_id.map(Into::into),
        }
    }
}

/// The last line of a stream that could not be taken in to its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamFailed)]
pub struct FailedView {
    /// The first line without a result.
    line: u64,
    /// Always `failed`.
    outcome: &'static str,
    /// The status that a request of its own would have had.
    status: u16,
    /// The code that its problem would have had.
    code: &'static str,
    /// What happened and what to do.
    detail: String,
}

impl FailedView {
    /// From the error that ended the stream at a line.
    pub fn new(line: u64, error: &ApiError) -> Self {
        let stored = line.saturating_sub(1);
        Self {
            line,
            outcome: "failed",
            status: error.status().as_u16(),
            code: error.code().0,
            detail: format!(
                "{}. All lines up to {stored} have their result; send the rest again",
                error.detail()
            ),
        }
    }
}

/// What a result line is.
#[derive(ToSchema)]
#[schema(as = ResultLine)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its shape goes into the OpenAPI document")]
pub enum ResultLine {
    Line(LineView),
    Summary(SummaryView),
    Failed(FailedView),
}
