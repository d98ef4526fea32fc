//! Triage: what an exception is, how bad, whose and by when. Pure and synchronous; the rules that decided are kept by number, and [`explain`] tells them.
//!
//! Severity follows the pack; what the source claims is kept beside it and decides nothing.

pub mod entities;
pub mod explain;
mod fingerprint;
pub mod payload;
mod rules;
mod stored;
#[cfg(test)]
mod tests;

use cel::Value as CelValue;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use self::payload::{CheckedPayload, Values, to_rule_value};
pub use self::{rules::RuleNumbers, stored::StoredTriage};
use crate::{
    decimal::Decimal,
    display::decimal,
    exposure::Exposure,
    expression::{Scope, from_json, object},
    fault::Fault,
    intake::RawException,
    json::Json,
    pack::{ExceptionType, Pack},
    reception::ClearBy,
    severity::Severity,
    time::{is_plausible, parse_date},
};

/// How far ahead of our clock a source's clock may be.
pub const MAX_AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What triage found out.
#[derive(Debug, Clone)]
pub struct Triaged {
    /// Type, known to the pack.
    pub exception_type: String,
    /// Severity by the pack.
    pub severity: Severity,
    /// Queue by the pack.
    pub queue: String,
    /// One line that says what is wrong.
    pub title: String,
    /// Things it is about.
    pub entities: Vec<Entity>,
    /// Hash of the fields that make it the same problem as another; `None` where one of them is missing.
    pub fingerprint: Option<String>,
    /// When it arose.
    pub created_at: DateTime<Utc>,
    /// The day from which its age counts, in its type's calendar.
    pub aged_from: NaiveDate,
    /// Somebody must have taken it.
    pub respond_due_at: DateTime<Utc>,
    /// It must be resolved.
    pub due_at: DateTime<Utc>,
    /// Amount at risk, and the highest known.
    pub exposure: Exposure,
    /// The rules that decided.
    pub rules: RuleNumbers,
    /// What is doubtful about the data.
    pub findings: Vec<Fault>,
}

/// A thing an exception is about: an account, a patient, an order. In JSON `[field, label, value]`: each exception is stored with some.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, String, String)")]
pub struct Entity {
    /// Field of the payload.
    pub field: String,
    /// Label of the field.
    pub label: String,
    /// Its value as text.
    pub value: String,
}

impl Serialize for Entity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.field, &self.label, &self.value).serialize(serializer)
    }
}

impl From<(String, String, String)> for Entity {
    fn from((field, label, value): (String, String, String)) -> Self {
        Self { field, label, value }
    }
}

/// Why a value is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is about: `type`, `severity`, `queue`, `due`, `created`.
    pub about: String,
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub because: String,
}

impl Reason {
    /// A reason.
    pub fn new(about: &str, value: impl Into<String>, because: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            value: value.into(),
            because: because.into(),
        }
    }
}

/// Triages an exception against one pack at a time. Refuses with every fault at once.
pub fn triage(raw: &RawException, pack: &Pack, at: DateTime<Utc>) -> Result<Triaged, Vec<Fault>> {
    let (name, kind) = find_type(raw, pack)?;
    let mut faults = Vec::new();
    let created_at = created_at(raw, at, &mut faults);
    let checked = payload::check(&raw.payload, &kind.document.fields);
    faults.extend(checked.faults.iter().cloned());
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut findings = checked.findings.clone();
    findings.extend(header_findings(raw, pack));
    let mut rules = RuleNumbers::default();
    let scope = scope(raw, kind, name, &checked, created_at, at, pack);
    let severity = rules::severity(kind, &scope, &mut rules);
    let queue = rules::queue(kind, &scope, &mut rules);
    let deadlines = kind.policy.deadlines(pack, severity, created_at, &[]);
    let fingerprint = fingerprint::of(name, kind, &raw.payload, &mut findings);
    Ok(Triaged {
        exception_type: name.to_owned(),
        severity,
        queue,
        title: kind.title.render(&raw.payload, &kind.document.fields),
        entities: entities::shown(&raw.payload, &kind.document.fields),
        fingerprint,
        created_at,
        aged_from: aged_from(kind, &checked.values, created_at, pack),
        respond_due_at: deadlines.respond_due_at,
        due_at: deadlines.due_at,
        exposure: Exposure::of(kind, &checked.values),
        rules,
        findings,
    })
}

/// Which problem a clearing means: the exception it names, else all open ones with the fingerprint of its payload.
pub fn clears(raw: &RawException, pack: &Pack) -> Result<ClearBy, Vec<Fault>> {
    if let Some(id) = &raw.exception_id {
        return Ok(ClearBy::Id(id.clone()));
    }
    let (name, kind) = find_type(raw, pack)?;
    let mut missing = Vec::new();
    fingerprint::of(name, kind, &raw.payload, &mut missing)
        .map(ClearBy::Fingerprint)
        .ok_or(missing)
}

fn find_type<'r, 'p>(raw: &'r RawException, pack: &'p Pack) -> Result<(&'r str, &'p ExceptionType), Vec<Fault>> {
    let known = || pack.types().keys().cloned().collect::<Vec<_>>().join(", ");
    let Some(claim) = &raw.claimed_type else {
        let message = format!("exceptionType is missing; {} knows {}", pack.label(), known());
        return Err(vec![Fault::at("/exceptionType", "missing", message)]);
    };
    if let Some(domain) = raw.domain.as_ref().filter(|domain| *domain != pack.domain()) {
        let message = format!("domain '{domain}' is not active for this tenant; active is {}", pack.label());
        return Err(vec![Fault::at("/domain", "unknown-domain", message)]);
    }
    let unknown = || {
        let message = format!("'{}' is no exception type of {}; known are {}", claim.name, pack.label(), known());
        vec![Fault::at(claim.pointer, "unknown-type", message)]
    };
    pack.exception_type(&claim.name)
        .map(|kind| (claim.name.as_str(), kind))
        .ok_or_else(unknown)
}

fn created_at(raw: &RawException, at: DateTime<Utc>, faults: &mut Vec<Fault>) -> DateTime<Utc> {
    let created = raw.created_at.unwrap_or(at);
    if created > at + MAX_AHEAD {
        let message = format!("{} is in the future (it is {} here)", created.to_rfc3339(), at.to_rfc3339());
        faults.push(Fault::at("/timestamp", "in-the-future", message));
    }
    // Before this no system sent exceptions; such a time is a broken clock and would run every deadline from the stone age.
    if created.timestamp() < 0 {
        faults.push(Fault::at(
            "/timestamp",
            "too-old",
            format!("{} is before 1970", created.to_rfc3339()),
        ));
    }
    created
}

fn header_findings(raw: &RawException, pack: &Pack) -> Vec<Fault> {
    let mut findings = Vec::new();
    let sources = &pack.document().source_systems;
    if !sources.contains(&raw.source_system) {
        let message = format!(
            "{} is not a source system of {}; known are {}",
            raw.source_system,
            pack.label(),
            sources.join(", ")
        );
        findings.push(Fault::at("/sourceSystem", "unknown-source", message));
    }
    if let Some(claimed) = raw.claimed_severity.as_ref().filter(|claimed| claimed.parse::<Severity>().is_err()) {
        findings.push(Fault::at(
            "/severity",
            "unknown-severity",
            format!("'{claimed}' is no severity; it is kept as claimed and ignored"),
        ));
    }
    findings
}

/// The values that the rules of the type read, and no others.
fn scope(
    raw: &RawException,
    kind: &ExceptionType,
    name: &str,
    checked: &CheckedPayload<'_>,
    created: DateTime<Utc>,
    at: DateTime<Utc>,
    pack: &Pack,
) -> Scope {
    let mut scope = Scope::default();
    let mut set = |variable: &str, value: &dyn Fn() -> CelValue| {
        if kind.reads.variable(variable) {
            scope.set(variable, value());
        }
    };
    let (values, fields) = (&checked.values, &kind.document.fields);
    set("rawPayload", &|| {
        let members = values.iter().filter(|(name, _)| kind.reads.member("rawPayload", name));
        to_rule_value(members, fields)
    });
    set("normalizedContext", &|| {
        let members = raw.context.iter().filter(|(name, _)| kind.reads.member("normalizedContext", name));
        object(members.map(|(name, value)| (name.as_str(), from_json(value))))
    });
    set("exceptionType", &|| CelValue::from(name));
    set("sourceSystem", &|| CelValue::from(raw.source_system.as_str()));
    set("severity", &|| CelValue::from(raw.claimed_severity.as_deref().unwrap_or("")));
    set("exposure", &|| CelValue::Float(exposure(kind, values).to_f64()));
    set("age", &|| CelValue::Int(age(kind, values, created, at, pack)));
    scope
}

/// The amount at stake without its sign, 0 where unknown.
fn exposure(kind: &ExceptionType, values: &Values<'_>) -> Decimal {
    let value = kind.exposure.as_ref().and_then(|field| values.get(field));
    value.and_then(decimal).map_or_else(Decimal::zero, Decimal::abs)
}

/// Business days to now, in the type's calendar; plain days without one.
fn age(kind: &ExceptionType, values: &Values<'_>, created: DateTime<Utc>, at: DateTime<Utc>, pack: &Pack) -> i64 {
    let from = aged_from(kind, values, created, pack);
    match kind.policy.calendar.as_deref().and_then(|name| pack.calendar(name)) {
        Some(calendar) => calendar.business_days_between(from, calendar.local_date(at)),
        None => (at.date_naive() - from).num_days(),
    }
}

/// The date the type names, else that of its creation in the type's calendar: an evening in New York is not yet the next day.
fn aged_from(kind: &ExceptionType, values: &Values<'_>, created: DateTime<Utc>, pack: &Pack) -> NaiveDate {
    let named = kind
        .age_from
        .as_ref()
        .and_then(|field| values.get(field))
        .and_then(Json::as_text)
        .and_then(parse_date);
    let calendar = kind.policy.calendar.as_deref().and_then(|name| pack.calendar(name));
    // Dates that the database and the wire know as well, and nothing that means "without end".
    named
        .filter(|day| is_plausible(*day) && day.year() < 3000)
        .unwrap_or_else(|| calendar.map_or(created.date_naive(), |calendar| calendar.local_date(created)))
}
