//! Severity and queue by the pack's rules. A rule that fails to evaluate never decides: the next one applies.

use crate::{
    expression::Scope,
    pack::{ExceptionType, Rule},
    severity::Severity,
};

/// Numbers of the rules that decided and of those that failed to evaluate, from 1, in the order of the pack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleNumbers {
    /// The severity rule that decided; `None` where the default of the type did.
    pub severity: Option<i16>,
    /// Severity rules that failed.
    pub failed_severity: Vec<i16>,
    /// The routing rule that decided; `None` where the default of the type did.
    pub routing: Option<i16>,
    /// Routing rules that failed.
    pub failed_routing: Vec<i16>,
}

/// The highest severity of the rules that hold, else the type's default.
pub fn severity(kind: &ExceptionType, scope: &Scope, numbers: &mut RuleNumbers) -> Severity {
    let mut best: Option<(i16, &Rule<Severity>)> = None;
    for (number, rule) in numbered(&kind.severity_rules) {
        if holds(number, rule, scope, &mut numbers.failed_severity) && best.is_none_or(|(_, best)| rule.then > best.then) {
            best = Some((number, rule));
        }
    }
    numbers.severity = best.map(|(number, _)| number);
    best.map_or(kind.document.severity, |(_, rule)| rule.then)
}

/// The queue of the first rule that holds, else the type's queue.
pub fn queue(kind: &ExceptionType, scope: &Scope, numbers: &mut RuleNumbers) -> String {
    let found = numbered(&kind.routing).find(|(number, rule)| holds(*number, rule, scope, &mut numbers.failed_routing));
    numbers.routing = found.map(|(number, _)| number);
    found.map_or_else(|| kind.document.queue.clone(), |(_, rule)| rule.then.clone())
}

fn numbered<T>(rules: &[Rule<T>]) -> impl Iterator<Item = (i16, &Rule<T>)> {
    (1..=i16::MAX).zip(rules)
}

fn holds<T>(number: i16, rule: &Rule<T>, scope: &Scope, failed: &mut Vec<i16>) -> bool {
    rule.when.holds(scope).unwrap_or_else(|_| {
        failed.push(number);
        false
    })
}
