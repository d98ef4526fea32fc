//! Reads every exception back and compares it with what was sent.

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use seeding::{SeededException, Series};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{args::Order, progress::Progress};
use crate::cli::api::{
    client::Client,
    failure::Failure,
    report::{grouped, say},
    target::Target,
};

/// Differences told one by one.
const TOLD: usize = 20;
/// Findings told one by one.
const FINDINGS_TOLD: usize = 5;

/// An exception as the server shows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    exception_id: String,
    exception_type: String,
    severity: String,
    claimed_severity: Option<String>,
    source_system: String,
    domain: String,
    created_at: DateTime<Utc>,
    respond_due_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    raw_payload: Map<String, Value>,
    normalized_context: Map<String, Value>,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, Deserialize)]
struct Finding {
    pointer: String,
    message: String,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Verified {
    good: u32,
    differences: usize,
    findings: usize,
    /// Whether triage judged a severity otherwise than the pack's default.
    is_judged_otherwise: bool,
}

/// Verifies all exceptions and says what differs; whether nothing does.
pub async fn all(client: &Client, target: &Target, series: &Series<'_, '_>, order: &Order) -> Result<bool, Failure> {
    let mut progress = Progress::new("read back", series.len());
    let mut answers = stream::iter(0..series.len())
        .map(|index| one(client, target, series, index))
        .buffer_unordered(order.way.concurrency());
    let mut verified = Verified::default();
    while let Some(answer) = answers.next().await {
        let (sent, found) = answer?;
        for line in verified.take(&sent, &found, order.as_of) {
            progress.say(&line);
        }
        progress.advance();
    }
    drop((answers, progress));
    say(&verified.summary(series.len()));
    Ok(verified.good == series.len())
}

impl Verified {
    /// Judges one exception; what is to be said about it.
    fn take(&mut self, sent: &SeededException, found: &Result<Shown, Failure>, as_of: DateTime<Utc>) -> Vec<String> {
        let id = &sent.exception_id;
        let differences = match found {
            Ok(shown) => compare(sent, shown, as_of),
            Err(failure) => vec![format!("cannot be read: {failure}")],
        };
        let findings = found.iter().flat_map(|shown| &shown.findings);
        let findings: Vec<_> = findings
            .map(|finding| format!("[WARNING] {id}: {}: {}", finding.pointer, finding.message))
            .collect();
        self.good += u32::from(differences.is_empty());
        self.is_judged_otherwise |= found.as_ref().is_ok_and(|shown| shown.severity != sent.severity.as_str());
        let told = TOLD.saturating_sub(self.differences);
        let findings_told = FINDINGS_TOLD.saturating_sub(self.findings);
        self.differences += differences.len();
        self.findings += findings.len();
        let failed = differences.iter().map(|difference| format!("[FAILED] {id}: {difference}"));
        failed.take(told).chain(findings.into_iter().take(findings_told)).collect()
    }

    fn summary(&self, count: u32) -> String {
        let word = if self.good == count { "[OK]" } else { "[FAILED]" };
        let mut parts = vec![format!("{word} verified {} of {}", grouped(self.good), grouped(count))];
        if self.differences > TOLD {
            parts.push(format!("{} differences, the first {TOLD} are above", self.differences));
        }
        if self.findings > 0 {
            parts.push(format!("{} findings about the data", self.findings));
        }
        let advice = "\n  Rules may look at the age of an exception: send with an --as-of that is not long ago";
        parts.join("; ") + if self.is_judged_otherwise { advice } else { "" }
    }
}

type Read = (SeededException, Result<Shown, Failure>);

/// The exception as made and as shown. Fails where all others would.
async fn one(client: &Client, target: &Target, series: &Series<'_, '_>, index: u32) -> Result<Read, Failure> {
    let made = series.get(index).ok_or_else(|| Failure::Pack("the series has ended".to_owned()))?;
    let sent = made.map_err(|fault| Failure::Pack(fault.to_string()))?;
    let found = client.exception(&target.tenant, target.key.as_ref(), &sent.exception_id).await;
    match found {
        // Not there is what is looked for, not the end.
        Err(failure) if failure.concerns_all() && failure.status() != Some(404) => Err(failure),
        found => Ok((sent, found)),
    }
}

fn compare(sent: &SeededException, shown: &Shown, as_of: DateTime<Utc>) -> Vec<String> {
    let mut differences = Vec::new();
    let mut same = |what: &str, sent: &str, shown: &str| {
        if sent != shown {
            differences.push(format!("{what} was {sent} and is {shown}"));
        }
    };
    let severity = sent.severity.as_str();
    same("exceptionId", &sent.exception_id, &shown.exception_id);
    same("exceptionType", &sent.exception_type, &shown.exception_type);
    same("severity", severity, &shown.severity);
    same("claimedSeverity", severity, shown.claimed_severity.as_deref().unwrap_or("absent"));
    same("sourceSystem", &sent.source_system, &shown.source_system);
    same("domain", &sent.domain, &shown.domain);
    same("createdAt", &sent.created_at.to_rfc3339(), &shown.created_at.to_rfc3339());
    if sent.raw_payload != shown.raw_payload {
        differences.push(format!(
            "rawPayload differs in {}",
            differing(&sent.raw_payload, &shown.raw_payload)
        ));
    }
    if sent.normalized_context != shown.normalized_context {
        let members = differing(&sent.normalized_context, &shown.normalized_context);
        differences.push(format!("normalizedContext differs in {members}"));
    }
    differences.extend(times(shown, as_of));
    differences
}

fn times(shown: &Shown, as_of: DateTime<Utc>) -> Vec<String> {
    let mut wrong = Vec::new();
    if !(as_of - TimeDelta::days(7)..=as_of).contains(&shown.created_at) {
        wrong.push(format!(
            "createdAt {} is not within the seven days before",
            shown.created_at.to_rfc3339()
        ));
    }
    if shown.due_at <= shown.created_at {
        wrong.push(format!("dueAt {} is not after createdAt", shown.due_at.to_rfc3339()));
    }
    if shown.respond_due_at > shown.due_at {
        wrong.push(format!("respondDueAt {} is after dueAt", shown.respond_due_at.to_rfc3339()));
    }
    wrong
}

/// Names of the members that are not the same in both.
fn differing(sent: &Map<String, Value>, shown: &Map<String, Value>) -> String {
    let changed = sent
        .iter()
        .filter(|(name, value)| shown.get(*name) != Some(value))
        .map(|(name, _)| name);
    let added = shown.keys().filter(|name| !sent.contains_key(*name));
    changed.chain(added).map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
