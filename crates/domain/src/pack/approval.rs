//! The part of a pack that says what needs a second person.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    document::PackDocument,
    lint::{Lints, unknown},
};
use crate::{decimal::Decimal, role::Role};

/// Longest that a request stands, in hours: a year.
const LONGEST: u32 = 366 * 24;

/// Something that one person alone may not do. Whoever asks never decides, whatever their role.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalDocument {
    /// Name for people, e.g. `Write-off`.
    pub label: String,
    /// What is asked for.
    pub action: ApprovalAction,
    /// Of `resolve`: resolutions, by code; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<String>,
    /// Only where the exposure is greater than this, in its own currency and without its sign; an unknown exposure counts as greater.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Decimal>,
    /// Of `snooze`: only for longer than so many days. Of `bulk`: only for more than so many exceptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_than: Option<u32>,
    /// Who may decide, at least.
    #[serde(default = "supervisor")]
    pub approver: Role,
    /// Of `resolve` and `lowerSeverity`: what happens where a source system reports it, with a clearing or a revision.
    #[serde(default, skip_serializing_if = "SourceReports::is_default")]
    pub sources: SourceReports,
    /// Hours until a request that nobody decided is void.
    #[serde(default = "a_day")]
    pub expires_after_hours: u32,
    /// Why, for those who ask and those who decide.
    pub because: String,
}

/// Treatment of a report by a source system that needs a second person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SourceReports {
    /// A member must agree. At most one request per exception is open.
    #[default]
    Ask,
    /// It is done without asking.
    Allow,
}

impl SourceReports {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What needs a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ApprovalAction {
    /// Resolving it.
    Resolve,
    /// Lowering the severity.
    LowerSeverity,
    /// Hiding it for a while.
    Snooze,
    /// Changing many at once.
    Bulk,
}

impl ApprovalDocument {
    /// How long a request stands.
    pub fn expires_after(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.expires_after_hours))
    }
}

/// Checks what a pack demands: a demand that never applies is a hole nobody sees.
pub fn check(document: &PackDocument, lints: &mut Lints) {
    let known = || {
        document
            .exception_types
            .values()
            .flat_map(|kind| &kind.resolutions)
            .map(|code| &code.code)
    };
    for (index, demand) in document.approvals.iter().enumerate() {
        let pointer = format!("/approvals/{index}");
        for (place, code) in demand
            .resolutions
            .iter()
            .enumerate()
            .filter(|(_, code)| !known().any(|known| known == *code))
        {
            lints.add(format!("{pointer}/resolutions/{place}"), unknown("resolution", code, known()));
        }
        let resolves = demand.action == ApprovalAction::Resolve;
        lints.require(
            resolves || demand.resolutions.is_empty(),
            format!("{pointer}/resolutions"),
            "only resolving knows resolutions",
        );
        let counts = matches!(demand.action, ApprovalAction::Snooze | ApprovalAction::Bulk);
        lints.require(
            counts || demand.more_than.is_none(),
            format!("{pointer}/moreThan"),
            "only a snooze has days, and only bulk a number of exceptions; amounts go into above",
        );
        lints.require(
            matches!(demand.action, ApprovalAction::Resolve | ApprovalAction::LowerSeverity) || demand.sources == SourceReports::Ask,
            format!("{pointer}/sources"),
            "source systems only clear and revise: sources belongs to resolve and lowerSeverity",
        );
        lints.require(
            demand.approver > Role::Viewer,
            format!("{pointer}/approver"),
            "a viewer decides nothing: name operator, supervisor or admin",
        );
        lints.require(
            (1..=LONGEST).contains(&demand.expires_after_hours),
            format!("{pointer}/expiresAfterHours"),
            format!("a request stands for 1 to {LONGEST} hours"),
        );
    }
}

fn supervisor() -> Role {
    Role::Supervisor
}

fn a_day() -> u32 {
    24
}
