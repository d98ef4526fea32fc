//! Four eyes: what needs a second person waits for one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Command, decide::Case};
use crate::{
    decimal::Decimal,
    pack::{
        Pack,
        approval::{ApprovalAction, ApprovalDocument, SourceReports},
    },
    role::Role,
    severity::Severity,
    standing::Standing,
    status::Status,
};

/// A request that a second person must decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// Its id within the tenant: that of the exception, `#`, and the version that waits for it.
    pub id: String,
    /// What happens when it is granted.
    #[serde(rename = "change")]
    pub asked: Asked,
    /// Who asked; they never decide.
    #[serde(rename = "requestedBy")]
    pub by: String,
    /// When (UTC).
    #[serde(rename = "requestedAt")]
    pub at: DateTime<Utc>,
    /// When it is void (UTC).
    pub expires_at: DateTime<Utc>,
    /// Name of the approval rule.
    pub label: String,
    /// Why the pack has that rule.
    pub because: String,
    /// Who may decide, at least.
    pub approver: Role,
    /// The highest amount ever at stake, without its sign, where one is known.
    pub exposure: Option<Decimal>,
    /// Where it was.
    pub status_before: Status,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Asked {
    /// A member's command. The exception is `PENDING_APPROVAL` meanwhile.
    Command(Command),
    /// What its source reports. The exception keeps its status meanwhile, and is worked on.
    Report(Report),
}

/// What a source system reports about an exception of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "camelCase")]
pub enum Report {
    /// The problem is gone.
    Cleared,
    /// The problem is less severe.
    Lowered {
        /// As triage rates what was sent.
        severity: Severity,
    },
}

/// What may need a second person.
#[derive(Debug, Clone, Copy)]
pub enum Act<'a> {
    /// Resolving, with a resolution.
    Resolve(&'a str),
    /// Lowering the severity.
    Lower,
    /// Hiding for so many days.
    Snooze(i64),
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// A member.
    Member,
    /// A source system by itself: some rules of a pack let it.
    Source,
}

/// The approval rule of the pack that an act falls under, if any: of several that of the strongest approver, else the first.
pub fn required<'p>(pack: &'p Pack, standing: &Standing, act: Act<'_>, maker: Maker) -> Option<&'p ApprovalDocument> {
    let rules = pack.document().approvals.iter().rev().filter(|rule| {
        let meant = match (rule.action, act) {
            (ApprovalAction::Resolve, Act::Resolve(resolution)) => {
                rule.resolutions.is_empty() || rule.resolutions.iter().any(|code| code == resolution)
            }
            (ApprovalAction::LowerSeverity, Act::Lower) => true,
            (ApprovalAction::Snooze, Act::Snooze(days)) => days > rule.more_than.map_or(0, i64::from),
            _ => false,
        };
        let allowed = maker == Maker::Source && rule.sources == SourceReports::Allow;
        meant && !allowed && rule.above.as_ref().is_none_or(|above| is_above(pack, standing, above))
    });
    rules.max_by_key(|rule| rule.approver)
}

/// Whether more than a limit is, or ever was, at stake. A type without an amount is not measured by one; an amount that is missing may be any.
fn is_above(pack: &Pack, standing: &Standing, limit: &Decimal) -> bool {
    let kind = pack.exception_type(&standing.cell.exception_type);
    let is_unknown = kind.is_some_and(|kind| kind.exposure.is_some()) && standing.exposure.minor.is_none();
    is_unknown || standing.exposure.highest().is_some_and(|highest| highest > *limit)
}

/// The approval rule that a command here falls under, if any.
pub(super) fn required_for<'p>(case: &Case<'p>, standing: &Standing, command: &Command, at: DateTime<Utc>) -> Option<&'p ApprovalDocument> {
    let act = match command {
        Command::Resolve { resolution, .. } => Act::Resolve(resolution),
        Command::ChangeSeverity { severity, .. } if *severity < standing.cell.severity => Act::Lower,
        Command::Snooze { until, .. } => Act::Snooze((*until - case.today(at)).num_days()),
        _ => return None,
    };
    required(case.pack, standing, act, Maker::Member)
}

impl Pending {
    /// A request about an exception that becomes its next version.
    pub fn new(standing: &Standing, asked: Asked, rule: &ApprovalDocument, by: String, at: DateTime<Utc>) -> Self {
        Self {
            id: format!("{}#{}", standing.exception_id, standing.version + 1),
            asked,
            by,
            at,
            expires_at: at.checked_add_signed(rule.expires_after()).unwrap_or(DateTime::<Utc>::MAX_UTC),
            label: rule.label.clone(),
            because: rule.because.clone(),
            approver: rule.approver,
            exposure: standing.exposure.highest(),
            status_before: standing.cell.status,
        }
    }

    /// What its source reports, where it is about that.
    pub fn report(&self) -> Option<Report> {
        match self.asked {
            Asked::Report(report) => Some(report),
            Asked::Command(_) => None,
        }
    }
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
