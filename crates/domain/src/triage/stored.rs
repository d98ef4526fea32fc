//! The stored results of triage, for comparison with those of triaging the same content again.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::de::DeserializeOwned;

use super::RuleNumbers;
use crate::{exception::Received, fault::Fault};

/// Stored values that follow from nothing but the content of an exception and its pack version.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct StoredTriage {
    pub claimed_severity: Option<String>,
    pub title: String,
    pub fingerprint: Option<String>,
    pub created_at: DateTime<Utc>,
    pub aged_from: NaiveDate,
    /// JSON text of a list.
    pub entities: String,
    /// JSON text of a list.
    pub findings: String,
    pub finding_count: i16,
    pub rules: RuleNumbers,
}

impl StoredTriage {
    /// Names of the columns whose values differ from those that follow from the same content, received again.
    pub fn differences(&self, again: &Received) -> Vec<&'static str> {
        let (triaged, rules) = (&again.triaged, &again.triaged.rules);
        let same = [
            ("claimed_severity", self.claimed_severity == again.raw.claimed_severity),
            ("title", self.title == triaged.title),
            ("fingerprint", self.fingerprint == triaged.fingerprint),
            ("created_at", self.created_at == triaged.created_at.trunc_subsecs(6)),
            ("aged_from", self.aged_from == triaged.aged_from),
            ("entities", is_json(&self.entities, &triaged.entities)),
            ("findings", is_json::<Vec<Fault>>(&self.findings, &triaged.findings)),
            ("finding_count", usize::try_from(self.finding_count) == Ok(triaged.findings.len())),
            ("severity_rule", self.rules.severity == rules.severity),
            ("failed_severity_rules", self.rules.failed_severity == rules.failed_severity),
            ("routing_rule", self.rules.routing == rules.routing),
            ("failed_routing_rules", self.rules.failed_routing == rules.failed_routing),
        ];
        same.into_iter().filter(|(_, is_same)| !is_same).map(|(column, _)| column).collect()
    }
}

fn is_json<T: DeserializeOwned + PartialEq>(text: &str, expected: &T) -> bool {
    serde_json::from_str::<T>(text).is_ok_and(|stored| stored == *expected)
}
