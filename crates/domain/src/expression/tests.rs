//! Rules answer rightly, and hostile ones are refused or bounded.

use std::time::Instant;

use serde_json::{Value, json};

use super::*;

fn names() -> Names {
    Names {
        variables: ["rawPayload", "exceptionType", "amount", "items"].map(String::from).into(),
        members: vec![("rawPayload".into(), ["difference", "items", "currency"].map(String::from).into())],
        ..Names::default()
    }
}

fn compile(source: &str) -> Result<Expression, ExpressionFault> {
    Expression::compile(source, &names())
}

fn holds(source: &str, payload: &Value) -> Result<bool, EvaluationFault> {
    let mut scope = Scope::default();
    scope.set("rawPayload", from_value(payload));
    scope.set("exceptionType", CelValue::from("X"));
    compile(source).expect("compiles").holds(&scope)
}

#[test]
fn rules_answer() {
    let payload = json!({"difference": -5.5, "currency": "EUR", "items": ["a", "b"]});
    for (source, expected) in [
        ("abs(rawPayload.difference) > 5.0", true),
        ("rawPayload.currency in ['USD', 'EUR']", true),
        ("has(rawPayload.difference) && rawPayload.difference > 0.0", false),
        ("rawPayload.items.exists(i, i == 'b')", true),
        ("rawPayload.currency.matches('^E[A-Z]{2}$')", true),
        ("days('2026-11-20', '2026-11-23') == 3", true),
        ("addDays('2026-11-30', 1) == '2026-12-01'", true),
        ("addDays('2026-11-30', 1.0) == '2026-12-01'", true),
        ("round(2.345, 1) == 2.3", true),
    ] {
        assert_eq!(holds(source, &payload), Ok(expected), "{source}");
    }
}

#[test]
fn an_expression_tells_what_it_reads() {
    let rule = compile("items.exists(i, i == amount) || rawPayload.currency == 'EUR'").expect("compiles");
    let mut reads = rule.reads().clone();
    assert_eq!(reads.variables().collect::<Vec<_>>(), ["amount", "items", "rawPayload"]);
    let of_payload = |reads: &Reads| ["currency", "difference", "size"].map(|name| reads.member("rawPayload", name));
    assert_eq!(of_payload(&reads), [true, false, false]);
    reads.extend(compile("has(rawPayload.difference) && items.size() > 0").expect("compiles").reads());
    assert_eq!(of_payload(&reads), [true, true, false]);
    assert!(reads.member("items", "anything") && !reads.variable("exposure"));
    // Who reads all of it reads each member.
    reads.extend(compile("size(rawPayload) > 3").expect("compiles").reads());
    assert_eq!(of_payload(&reads), [true, true, true]);
}

#[test]
fn a_rule_that_fails_says_why() {
    assert!(matches!(holds("rawPayload.difference > 1.0", &json!({})), Err(EvaluationFault::Failed(why)) if why.contains("difference")));
    assert_eq!(holds("exceptionType", &json!({})), Err(EvaluationFault::NotBoolean("a text")));
}

#[test]
fn unknown_names_are_refused_at_load() {
    assert!(matches!(compile("rawPayoad.x == 1"), Err(ExpressionFault::UnknownName(name, _)) if name == "rawPayoad"));
    assert!(matches!(compile("rawPayload.diference > 1.0"), Err(ExpressionFault::UnknownField { field, .. }) if field == "diference"));
    assert!(matches!(
        compile("has(rawPayload.diference)"),
        Err(ExpressionFault::UnknownField { .. })
    ));
    assert!(matches!(compile("shell('rm') == 1"), Err(ExpressionFault::UnknownFunction(..))));
    assert!(matches!(compile("1 +"), Err(ExpressionFault::Syntax(_))));
}

#[test]
fn deep_and_long_expressions_are_refused_not_fatal() {
    let hostile = [
        vec!["1"; 900].join("+"),
        format!("{}1{}", "(".repeat(1000), ")".repeat(1000)),
        format!("{}1{}", "[".repeat(1000), "]".repeat(1000)),
        format!("{}1", "true?1:".repeat(290)),
        format!("rawPayload{}", ".a".repeat(1000)),
        format!("rawPayload{}", "[0]".repeat(600)),
        "{".repeat(2000),
        "'".repeat(2001),
    ];
    for source in hostile {
        assert!(compile(&source).is_err(), "{source}");
    }
    // The parser folds these into shallow trees: harmless, and they still answer.
    for source in [format!("{}true", "!".repeat(2000)), vec!["true"; 300].join("&&")] {
        assert_eq!(compile(&source).expect("shallow").holds(&Scope::default()), Ok(true));
    }
    assert_eq!(compile(&" ".repeat(2049)).err(), Some(ExpressionFault::TooLong(2049)));
}

#[test]
fn evaluation_at_the_depth_limit_fits_a_small_stack() {
    let source = vec!["1"; guard::MAX_DEPTH - 1].join("+") + " > 0";
    let run = move || holds(&source, &json!({}));
    #[expect(clippy::disallowed_methods, reason = "the point is the size of the stack")]
    let answer = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread").join();
    assert_eq!(answer.expect("no overflow"), Ok(true));
}

#[test]
fn macros_are_bounded_in_depth_and_steps() {
    assert!(matches!(
        compile("items.all(a, items.all(b, items.all(c, a == b)))"),
        Err(ExpressionFault::MacrosTooDeep(_))
    ));
    let many: Vec<u32> = (0..10_000).collect();
    let started = Instant::now();
    let answer = holds(
        "rawPayload.items.all(a, rawPayload.items.all(b, a <= 10000))",
        &json!({"items": many}),
    );
    assert!(matches!(answer, Err(EvaluationFault::TooCostly(_))), "{answer:?}");
    assert_eq!(
        holds("rawPayload.items.all(a, a < 10000)", &json!({"items": many[..5000]})),
        Ok(true)
    );
    assert!(started.elapsed().as_secs() < 60, "bounded: {:?}", started.elapsed());
}

#[test]
fn patterns_must_be_literal_and_small() {
    for source in [
        "exceptionType.matches(exceptionType)",
        r"exceptionType.matches('(\\w{100}){100}')",
        "exceptionType.matches('(')",
    ] {
        assert!(matches!(compile(source), Err(ExpressionFault::Pattern(_))), "{source}");
    }
}

#[test]
fn long_texts_cost_what_it_takes_to_go_through_them() {
    let long = json!({"currency": "x".repeat(4 << 20), "items": ["a", "b"]});
    let doubled = ["rawPayload.currency"; 40].join(" + ");
    let hostile = [
        format!("({doubled}).contains('y')"),
        ["rawPayload.currency.contains('y')"; 20].join(" || "),
        "rawPayload.items.all(i, (i + rawPayload.currency).contains(rawPayload.currency))".to_owned(),
        "[rawPayload.currency].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).size() == 1".to_owned(),
    ];
    for source in &hostile {
        let answer = holds(source, &long);
        assert!(matches!(answer, Err(EvaluationFault::TooCostly(_))), "{source}: {answer:?}");
    }
    assert_eq!(holds("rawPayload.currency.contains('y')", &long), Ok(false));
    // Short texts cost nothing beside the steps of the expression.
    let many: Vec<String> = (0..5000).map(|number| format!("item {number}")).collect();
    let short = json!({"currency": "EUR", "items": many});
    assert_eq!(
        holds("rawPayload.items.exists(i, i.contains('4999') && i.startsWith('item'))", &short),
        Ok(true)
    );
    // Lists are put together of items, however long a text is beside them.
    let beside = json!({"currency": "x".repeat(64 << 10), "items": vec!["a"; 1000]});
    assert_eq!(holds("rawPayload.items.map(i, i).size() == 1000", &beside), Ok(true));
    let parts = ["rawPayload.currency"; 20].join(" + ' ' + ");
    assert_eq!(holds(&format!("({parts}).startsWith('EUR EUR')"), &short), Ok(true));
}
