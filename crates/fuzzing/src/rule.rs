//! Rules: compiled under the guard and evaluated. Whatever is written in one, it ends soon and takes nothing with it.

use std::time::{Duration, Instant};

use domain::{
    expression::{Expression, Names, Scope, from_json},
    json::Json,
};

/// More than any rule may take, on a slow machine and without optimisation.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// The first line is the rule, the rest a payload.
pub fn rule(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (source, payload) = text.split_once('\n').unwrap_or((text, "{}"));
    let began = Instant::now();
    let names = Names {
        variables: ["rawPayload", "exceptionType"].map(String::from).into(),
        ..Names::default()
    };
    let Ok(rule) = Expression::compile(source, &names) else { return };
    let mut scope = Scope::default();
    scope.set("rawPayload", from_json(&Json::read(payload).unwrap_or(Json::Null)));
    scope.set("exceptionType", "X".into());
    if let Err(fault) = rule.holds(&scope) {
        assert!(!fault.to_string().is_empty());
    }
    assert!(began.elapsed() < ENDS_WITHIN, "{source} took {:?}", began.elapsed());
}
