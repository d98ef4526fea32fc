//! `sentinai audit verify --state`: stored exceptions against their events.
//!
//! A value that differs from the events was changed past the program. Values that follow from others (results of triage, search terms,
//! counters) are computed again; a difference there changes nothing that happened and is reported apart.

use std::collections::BTreeSet;

use domain::{replay::Difference, work::alarm};
use serde::Serialize;
use store::{
    OwnerStore, StoreError, TenantTx,
    evidence::WrongEvidence,
    state::{StoredState, UnreadableRow, WrongCounter},
};

use super::derived::{Recomputation, Skipped};

/// Differences that a report names; all are counted.
const MOST: usize = 100;

/// Search terms of an exception.
type Terms = BTreeSet<String>;

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
    /// Exceptions whose derived values were not computed again.
    skipped: Skipped,
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
pub async fn compare(store: &OwnerStore, tx: &mut TenantTx) -> Result<StateReport, StoreError> {
    let mut report = StateReport::default();
    let mut recomputation = Recomputation::new(store);
    let mut behind = String::new();
    loop {
        let page = tx.stored_states(&behind).await?;
        let Some(last) = page.last() else { break };
        behind = match last {
            Ok(state) => state.standing.exception_id.clone(),
            Err(row) => row.exception_id.clone(),
        };
        let mut terms = Vec::new();
        for row in &page {
            report.exceptions += 1;
            match row {
                Ok(state) => terms.extend(report.exception(state, &mut recomputation).await?),
                Err(UnreadableRow { exception_id, problem }) => {
                    report.altered += 1;
                    report.note(exception_id, Kind::Altered, format!("the row cannot be read: {problem}"));
                }
            }
        }
        for id in tx.wrong_terms(&terms).await? {
            report.derived(&id, "search_terms", "others are stored than follow from its content");
        }
    }
    report.skipped = recomputation.skipped;
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
    /// Compares an exception. Returns its id and search terms, where they can be computed again.
    async fn exception(
        &mut self,
        state: &StoredState,
        recomputation: &mut Recomputation<'_>,
    ) -> Result<Option<(String, Terms)>, StoreError> {
        let id = state.standing.exception_id.as_str();
        let altered = altered(state);
        self.altered += u64::from(!altered.is_empty());
        for problem in altered {
            self.note(id, Kind::Altered, problem);
        }
        let bucket = state.standing.cell.id();
        if state.facet_bucket != bucket {
            let problem = format!("{} is stored, {bucket} follows from its values", state.facet_bucket);
            self.derived(id, "facet_bucket", &problem);
        }
        let Some(again) = recomputation.of(state).await? else {
            return Ok(None);
        };
        let is_set = state.replay.changed_at().is_none_or(|at| alarm::is_set(&state.standing, at));
        if !is_set {
            self.derived(
                id,
                "next_timer_at",
                "it is not the next time that follows from its deadlines and work",
            );
        }
        match again {
            Ok(received) => {
                for column in state.triaged.differences(&received) {
                    self.derived(id, column, "another value is stored than follows from its content");
                }
                Ok(Some((id.to_owned(), received.terms)))
            }
            Err(fault) => {
                self.derived(id, "triage", &format!("its content would be refused: {fault}"));
                Ok(None)
            }
        }
    }

    fn derived(&mut self, exception_id: &str, column: &str, problem: &str) {
        self.derived += 1;
        self.note(exception_id, Kind::Derived, format!("{column}: {problem}"));
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
            skipped,
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
        if skipped.exceptions > 0 {
            let packs: Vec<&str> = skipped.packs.iter().map(String::as_str).collect();
            lines.push(format!(
                "[SKIPPED] {tenant}: derived values of {} exceptions are not compared: their packs cannot be read ({})",
                skipped.exceptions,
                packs.join(", ")
            ));
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
        .differences(&state.told())
        .into_iter()
        .map(|Difference { member, expected, stored }| format!("{member}: {stored} is stored, the events say {expected}"))
        .collect();
    if content.recomputed() != Some(content.hash) {
        problems.push("content: what is stored as sent has another hash than what was received".to_owned());
    }
    problems
}
