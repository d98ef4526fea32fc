//! Why each value is what it is: told from the numbers of the rules that decided, with the texts of the pack version they belong to.

use chrono::{DateTime, Utc};

use super::{Reason, RuleNumbers};
use crate::{
    intake::RawException,
    pack::{ExceptionType, Pack, Rule},
    severity::Severity,
};

/// Decisions of triage about an exception, as stored.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// Type of the exception.
    pub exception_type: &'a str,
    /// Severity of the exception.
    pub severity: Severity,
    /// Queue of the exception.
    pub queue: &'a str,
    /// When it arose (UTC).
    pub created_at: DateTime<Utc>,
    /// When it must be resolved (UTC).
    pub due_at: DateTime<Utc>,
    /// Rules that decided.
    pub rules: &'a RuleNumbers,
    /// The exception as it was sent, where it can be read.
    pub raw: Option<&'a RawException>,
}

/// The pack version that decided. `pack` is `None` where it cannot be read.
#[derive(Debug, Clone, Copy)]
pub struct DecidedBy<'a> {
    /// The compiled pack.
    pub pack: Option<&'a Pack>,
    /// Domain of the pack.
    pub domain: &'a str,
    /// Version of the pack.
    pub version: &'a str,
}

/// The reasons for type, severity, queue, due time and creation time.
pub fn explain(decided: &Decided<'_>, by: DecidedBy<'_>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = type_reason(decided).into_iter().collect();
    let kind = by.pack.and_then(|pack| Some((pack, pack.exception_type(decided.exception_type)?)));
    if let Some((pack, kind)) = kind {
        by_pack(decided, pack, kind, &mut reasons);
    } else {
        let why = format!("explanation not available: pack {} {}", by.domain, by.version);
        reasons.push(Reason::new("severity", decided.severity.as_str(), &why));
        reasons.push(Reason::new("queue", decided.queue, &why));
        reasons.push(Reason::new("due", decided.due_at.to_rfc3339(), &why));
    }
    reasons.extend(created_reason(decided));
    reasons
}

fn by_pack(decided: &Decided<'_>, pack: &Pack, kind: &ExceptionType, reasons: &mut Vec<Reason>) {
    let (name, rules) = (decided.exception_type, decided.rules);
    let label = |number: i16| format!("rule {number} of {name} in {}", pack.label());
    let default = || format!("default of {name} in {}", pack.label());
    let failed = |about: &'static str, number: &i16| Reason::new(about, "not decided", format!("{} failed to evaluate", label(*number)));
    reasons.extend(rules.failed_severity.iter().map(|number| failed("severity", number)));
    let rule = rules.severity.and_then(|number| Some((number, at(&kind.severity_rules, number)?)));
    let (severity, because) = match rule {
        Some((number, rule)) => (rule.then, format!("{}: {}", label(number), rule.because)),
        None => (kind.document.severity, default()),
    };
    reasons.push(Reason::new("severity", severity.as_str(), because));
    reasons.extend(rules.failed_routing.iter().map(|number| failed("queue", number)));
    let rule = rules.routing.and_then(|number| Some((number, at(&kind.routing, number)?)));
    let (queue, because) = match rule {
        Some((number, rule)) => (&rule.then, format!("routing {}: {}", label(number), rule.because)),
        None => (&kind.document.queue, default()),
    };
    reasons.push(Reason::new("queue", queue, because));
    reasons.push(due_reason(kind, pack, severity, decided.created_at));
}

fn at<T>(rules: &[Rule<T>], number: i16) -> Option<&Rule<T>> {
    rules.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

fn type_reason(decided: &Decided<'_>) -> Option<Reason> {
    let claim = decided.raw?.claimed_type.as_ref()?;
    Some(Reason::new(
        "type",
        decided.exception_type,
        format!("sent as {}", &claim.pointer[1..]),
    ))
}

fn due_reason(kind: &ExceptionType, pack: &Pack, severity: Severity, created_at: DateTime<Utc>) -> Reason {
    let deadlines = kind.policy.deadlines(pack, severity, created_at, &[]);
    let calendar = kind.policy.calendar.as_deref().and_then(|name| pack.document().calendars.get(name));
    let clock = calendar.map_or("the clock around".to_owned(), |calendar| {
        format!("working time of {}", calendar.label)
    });
    let resolve = crate::clock::hours(deadlines.durations.resolve);
    Reason::new(
        "due",
        deadlines.due_at.to_rfc3339(),
        format!("{severity} is due after {resolve} of {clock} in {}", pack.label()),
    )
}

fn created_reason(decided: &Decided<'_>) -> Option<Reason> {
    let because = if decided.raw?.created_at.is_some() {
        "the source's timestamp"
    } else {
        "the source gave no timestamp: our time of receipt"
    };
    Some(Reason::new("created", decided.created_at.to_rfc3339(), because))
}
