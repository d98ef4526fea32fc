//! What work has made of an exception, and what can be done with it, as its detail shows them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    decimal::Decimal,
    pack::{ExceptionType, Pack, approval::ApprovalAction, document::CodeDocument},
    standing::Work,
    status::Status,
    work::{Pending, allowed},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::names::Names;

/// Workflow state of an exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workflow)]
#[serde(rename_all = "camelCase")]
pub struct WorkView {
    /// How often it was escalated.
    escalation: u32,
    #[schema(required)]
    waiting: Option<WaitingView>,
    /// When somebody took it first.
    #[schema(required)]
    responded_at: Option<DateTime<Utc>>,
    /// The queue it came from.
    #[schema(required)]
    previous_queue: Option<String>,
    /// Code of the type.
    #[schema(required)]
    root_cause: Option<String>,
    /// Time until which it is hidden from Next (UTC).
    #[schema(required)]
    snoozed_until: Option<DateTime<Utc>>,
    /// The exception it is linked to.
    #[schema(required)]
    parent: Option<String>,
    /// Steps of the playbook that were done or skipped, by id.
    steps: BTreeMap<String, StepDoneView>,
    /// What waits for a second person.
    #[schema(required)]
    pending: Option<PendingView>,
    /// Verbs its status knows; who asks, and what exactly, may still be refused.
    allowed: Vec<&'static str>,
    choices: ChoicesView,
}

/// For what it waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Waiting)]
pub struct WaitingView {
    reason: String,
    label: String,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// What became of a step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepOutcome)]
pub struct StepDoneView {
    /// Whether it was done; else it was skipped.
    done: bool,
    by: String,
    at: DateTime<Utc>,
    #[schema(required)]
    note: Option<String>,
}

/// A request that a second person must decide.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PendingApproval)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    request_id: String,
    /// What happens when it is granted: a command, or what its source reports (`{"report": "cleared"}`, or `lowered` with a severity).
    #[schema(value_type = Object)]
    change: Value,
    requested_by: String,
    requested_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    label: String,
    because: String,
    approver: String,
    /// Amount at stake, where it is known.
    #[schema(required, value_type = Option<f64>)]
    exposure: Option<Decimal>,
}

/// What the pack knows to choose from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Choices)]
#[serde(rename_all = "camelCase")]
pub struct ChoicesView {
    resolutions: Vec<ResolutionView>,
    root_causes: Vec<CodeView>,
    waiting_reasons: Vec<WaitingReasonView>,
    queues: Vec<CodeView>,
}

/// A code and its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Code)]
pub struct CodeView {
    code: String,
    label: String,
}

/// A way to end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resolution)]
#[serde(rename_all = "camelCase")]
pub struct ResolutionView {
    code: String,
    label: String,
    /// Whether the pack may want a second person for it.
    needs_approval: bool,
}

/// Something to wait for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingReason)]
#[serde(rename_all = "camelCase")]
pub struct WaitingReasonView {
    code: String,
    label: String,
    /// Whether the clock stops meanwhile.
    stops_clock: bool,
}

impl WorkView {
    /// Of an exception with a status.
    pub fn of(work: Work, parent: Option<String>, status: Status, (kind, pack): (Option<&ExceptionType>, &Pack), names: &Names) -> Self {
        let allowed = allowed(status, work.pending.as_ref());
        let reasons = &pack.document().waiting_reasons;
        let steps = work.steps.into_iter().map(|(id, step)| {
            let view = StepDoneView {
                done: step.done,
                by: names.actor(step.by),
                at: step.at,
                note: step.note,
            };
            (id, view)
        });
        Self {
            escalation: work.escalation,
            waiting: work.waiting.map(|waiting| WaitingView {
                label: reasons.get(&waiting.reason).cloned().unwrap_or_else(|| waiting.reason.clone()),
                reason: waiting.reason,
                since: waiting.since,
                until: waiting.until,
            }),
            responded_at: work.responded_at,
            previous_queue: work.previous_queue,
            root_cause: work.root_cause,
            snoozed_until: work.snoozed_until,
            parent,
            steps: steps.collect(),
            pending: work.pending.map(|pending| PendingView::of(pending, names)),
            allowed,
            choices: ChoicesView::of(kind, pack),
        }
    }
}

impl PendingView {
    /// A request, with names for people.
    pub fn of(pending: Pending, names: &Names) -> Self {
        let change = change(&pending, names);
        Self {
            request_id: pending.id,
            change,
            requested_by: names.actor(pending.by),
            requested_at: pending.at,
            expires_at: pending.expires_at,
            label: pending.label,
            because: pending.because,
            approver: pending.approver.to_string(),
            exposure: pending.exposure,
        }
    }
}

/// The requested change, with the name of the owner where it has one.
fn change(pending: &Pending, names: &Names) -> Value {
    let mut change = serde_json::to_value(&pending.asked).unwrap_or_default();
    if let Some(owner) = change.get("owner").and_then(Value::as_str).map(str::to_owned) {
        change["owner"] = Value::String(names.member(owner));
    }
    change
}

impl ChoicesView {
    fn of(kind: Option<&ExceptionType>, pack: &Pack) -> Self {
        let document = pack.document();
        let may_need = |code: &String| {
            document.approvals.iter().any(|demand| {
                demand.action == ApprovalAction::Resolve && (demand.resolutions.is_empty() || demand.resolutions.contains(code))
            })
        };
        let codes = |of: fn(&ExceptionType) -> &Vec<CodeDocument>| kind.map(of).into_iter().flatten().cloned();
        Self {
            resolutions: codes(|kind| &kind.document.resolutions)
                .map(|code| ResolutionView {
                    needs_approval: may_need(&code.code),
                    code: code.code,
                    label: code.label,
                })
                .collect(),
            root_causes: codes(|kind| &kind.document.root_causes).map(CodeView::from).collect(),
            waiting_reasons: document
                .waiting_reasons
                .iter()
                .map(|(code, label)| WaitingReasonView {
                    code: code.clone(),
                    label: label.clone(),
                    stops_clock: kind.is_some_and(|kind| kind.policy.pauses_on(code)),
                })
                .collect(),
            queues: document
                .queues
                .iter()
                .map(|(name, queue)| CodeView {
                    code: name.clone(),
                    label: queue.label.clone(),
                })
                .collect(),
        }
    }
}

impl From<CodeDocument> for CodeView {
    fn from(code: CodeDocument) -> Self {
        Self {
            code: code.code,
            label: code.label,
        }
    }
}
