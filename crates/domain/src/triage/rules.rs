//! Severity and queue by the pack's rules. A rule that fails never decides: the next applies and a reason tells.

use super::Reason;
use crate::{
    expression::Scope,
    pack::{ExceptionType, Pack, Rule},
    severity::Severity,
};

/// The highest severity of the rules that hold, else the type's default.
pub fn severity(name: &str, kind: &ExceptionType, pack: &Pack, scope: &Scope, reasons: &mut Vec<Reason>) -> Severity {
    let mut best: Option<(usize, &Rule<Severity>)> = None;
    for (index, rule) in kind.severity_rules.iter().enumerate() {
        if holds("severity", index, rule, name, pack, scope, reasons) && best.is_none_or(|(_, best)| rule.then > best.then) {
            best = Some((index, rule));
        }
    }
    let (severity, because) = match best {
        Some((index, rule)) => (rule.then, format!("{}: {}", rule_label(index, name, pack), rule.because)),
        None => (kind.document.severity, format!("default of {name} in {}", pack.label())),
    };
    reasons.push(Reason::new("severity", severity.as_str(), because));
    severity
}

/// The queue of the first rule that holds, else the type's queue.
pub fn queue(name: &str, kind: &ExceptionType, pack: &Pack, scope: &Scope, reasons: &mut Vec<Reason>) -> String {
    let found = kind
        .routing
        .iter()
        .enumerate()
        .find(|(index, rule)| holds("queue", *index, rule, name, pack, scope, reasons));
    let (queue, because) = match found {
        Some((index, rule)) => (
            rule.then.clone(),
            format!("routing {}: {}", rule_label(index, name, pack), rule.because),
        ),
        None => (kind.document.queue.clone(), format!("default of {name} in {}", pack.label())),
    };
    reasons.push(Reason::new("queue", &queue, because));
    queue
}

fn holds<T>(about: &str, index: usize, rule: &Rule<T>, name: &str, pack: &Pack, scope: &Scope, reasons: &mut Vec<Reason>) -> bool {
    rule.when.holds(scope).unwrap_or_else(|fault| {
        reasons.push(Reason::new(
            about,
            "not decided",
            format!("{} was not applied: {fault}", rule_label(index, name, pack)),
        ));
        false
    })
}

fn rule_label(index: usize, name: &str, pack: &Pack) -> String {
    format!("rule {} of {name} in {}", index + 1, pack.label())
}
