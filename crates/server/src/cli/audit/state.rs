//! `sentinai audit verify --state`: stored exceptions against their events.
//!
//! What the events say and is stored otherwise was changed past the program. Values that follow from others, counters and the like, are
//! computed again; a difference there changes nothing that happened and is reported apart.

use domain::replay::Difference;
use serde::Serialize;
use store::{
    StoreError, TenantTx,
    evidence::WrongEvidence,
    state::{StoredState, WrongCounter},
};

/// Differences that a report names; all are counted.
const MOST: usize = 100;

/// Result of the comparison for one tenant.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateReport {
    /// Number of exceptions that were compared.
    exceptions: u64,
    /// Number of exceptions that differ from their events or are missing.
    pub altered: u64,
    /// Number of derived values that differ.
    derived: u64,
    /// The first differences of both kinds.
    differences: Vec<Finding>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// The exception; empty for a counter of the tenant.
    exception_id: String,
    kind: Kind,
    problem: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    /// Not what the events say.
    Altered,
    /// Not what follows from other stored values.
    Derived,
}

/// Compares all of a tenant, page by page.
pub async fn compare(tx: &mut TenantTx) -> Result<StateReport, StoreError> {
    let mut report = StateReport::default();
    let mut page = tx.stored_states("").await?;
    while let Some(last) = page.last() {
        let behind = last.standing.exception_id.clone();
        for state in &page {
            report.exception(state);
        }
        page = tx.stored_states(&behind).await?;
    }
    for id in tx.missing_exceptions().await? {
        report.altered += 1;
        report.note(&id, Kind::Altered, "it was received and has no row".to_owned());
    }
    for WrongEvidence { hash, is_stored } in tx.wrong_evidence().await? {
        report.altered += 1;
        let problem = if is_stored {
            "has another body than the one it names"
        } else {
            "is missing, and events refer to it"
        };
        report.note("", Kind::Altered, format!("evidence {hash} {problem}"));
    }
    for counter in tx.wrong_counters().await? {
        report.derived += 1;
        let WrongCounter {
            counter,
            key,
            stored,
            counted,
        } = counter;
        report.note(
            "",
            Kind::Derived,
            format!("{counter} {key}: {stored} is stored, counting gives {counted}"),
        );
    }
    Ok(report)
}

impl StateReport {
    fn exception(&mut self, state: &StoredState) {
        self.exceptions += 1;
        let id = state.standing.exception_id.as_str();
        let altered = altered(state);
        self.altered += u64::from(!altered.is_empty());
        for problem in altered {
            self.note(id, Kind::Altered, problem);
        }
        let bucket = state.standing.cell.id();
        if state.facet_bucket != bucket {
            self.derived += 1;
            self.note(
                id,
                Kind::Derived,
                format!("facet bucket: {} is stored, {bucket} follows from its values", state.facet_bucket),
            );
        }
    }

    fn note(&mut self, exception_id: &str, kind: Kind, problem: String) {
        if self.differences.len() < MOST {
            self.differences.push(Finding {
                exception_id: exception_id.to_owned(),
                kind,
                problem,
            });
        }
    }

    /// The result as text: a line for the whole, and one for each difference.
    pub fn sentences(&self, tenant: &str) -> Vec<String> {
        let Self {
            exceptions,
            altered,
            derived,
            ..
        } = self;
        let first = match altered {
            0 => format!("[OK] {tenant}: {exceptions} exceptions are as their events say"),
            _ => format!(
                "[ALTERED] {tenant}: {altered} of {exceptions} exceptions are not as their events say; they were changed past the program"
            ),
        };
        let mut lines = vec![first];
        if *derived > 0 {
            lines.push(format!("[DERIVED] {tenant}: {derived} derived values differ; no event is affected"));
        }
        lines.extend(self.differences.iter().map(Finding::sentence));
        let unnamed = (altered + derived).saturating_sub(self.differences.len() as u64);
        if self.differences.len() == MOST && unnamed > 0 {
            lines.push(format!("  and {unnamed} more"));
        }
        lines
    }
}

impl Finding {
    fn sentence(&self) -> String {
        match self.exception_id.as_str() {
            "" => format!("  {}", self.problem),
            id => format!("  {id}: {}", self.problem),
        }
    }
}

fn altered(state: &StoredState) -> Vec<String> {
    if !state.replay.is_received() {
        return vec!["there is a row, and no event says that it was received".to_owned()];
    }
    let content = &state.content;
    let mut problems: Vec<String> = state
        .replay
        .differences(state.standing.told(), &content.hash)
        .into_iter()
        .map(|Difference { member, expected, stored }| format!("{member}: {stored} is stored, the events say {expected}"))
        .collect();
    if content.recomputed() != Some(content.hash) {
        problems.push("content: what is stored as sent has another hash than what was received".to_owned());
    }
    problems
}
