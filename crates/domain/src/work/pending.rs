//! Four eyes: what needs a second person waits for one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Command, decide::Case};
use crate::{
    pack::approval::{ApprovalAction, ApprovalDocument},
    role::Role,
    standing::Standing,
    status::Status,
    triage::{exposure, payload},
};

/// A request that a second person must decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// Its id within the tenant: that of the exception, `#`, and the version that waits for it.
    pub id: String,
    /// What happens when it is granted.
    pub asked: Command,
    /// Who asked; they never decide.
    pub by: String,
    /// When (UTC).
    pub at: DateTime<Utc>,
    /// When it is void (UTC).
    pub expires_at: DateTime<Utc>,
    /// Name of what the pack demands.
    pub label: String,
    /// Why the pack demands it.
    pub because: String,
    /// Who may decide, at least.
    pub approver: Role,
    /// Amount at stake, without its sign, where it is known.
    pub exposure: Option<f64>,
    /// Where it was.
    pub status_before: Status,
}

/// What the pack demands for a command here, if anything: of several demands that of the strongest approver, else the first.
pub(super) fn demanded<'p>(case: &Case<'p>, command: &Command, at: DateTime<Utc>) -> Option<(&'p ApprovalDocument, Option<f64>)> {
    let exposure = stake(case);
    let has_stake = case
        .pack
        .exception_type(&case.standing.cell.exception_type)
        .is_some_and(|kind| kind.exposure.is_some());
    let demands = case.pack.document().approvals.iter().rev().filter(|demand| {
        let meant = match (demand.action, command) {
            (ApprovalAction::Resolve, Command::Resolve { resolution, .. }) => {
                demand.resolutions.is_empty() || demand.resolutions.contains(resolution)
            }
            (ApprovalAction::LowerSeverity, Command::ChangeSeverity { severity, .. }) => *severity < case.standing.cell.severity,
            (ApprovalAction::Snooze, Command::Snooze { until, .. }) => {
                (*until - case.today(at)).num_days() > demand.more_than.map_or(0, i64::from)
            }
            _ => false,
        };
        // A type without an amount is not measured by one; an amount that is missing may be any.
        meant
            && demand
                .above
                .is_none_or(|above| has_stake && exposure.is_none_or(|exposure| exposure > above))
    });
    demands.max_by_key(|demand| demand.approver).map(|demand| (demand, exposure))
}

/// The amount at stake, where the payload tells it.
fn stake(case: &Case<'_>) -> Option<f64> {
    let kind = case.pack.exception_type(&case.standing.cell.exception_type)?;
    let values: Map<String, Value> = serde_json::from_str(case.payload).ok()?;
    values.get(kind.exposure.as_ref()?).and_then(payload::number)?;
    Some(exposure(kind, &values))
}

/// Why a request is void, as its event tells it.
pub const VOIDED: &str = "the exception has changed";

/// Makes a request void: the exception it is about has changed. Tells which it was.
pub fn void(standing: &mut Standing) -> Option<Pending> {
    let pending = standing.work.pending.take()?;
    if standing.cell.status == Status::PendingApproval {
        standing.cell.status = pending.status_before;
    }
    Some(pending)
}
