//! Triage decides by the pack, explains itself, and refuses with every fault.

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json, value::to_raw_value};

use super::*;

fn bakery() -> Pack {
    Pack::parse(include_str!("../../testdata/bakery.json")).expect("a whole pack")
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap()
}

fn send(object: &Value) -> Result<Triaged, Vec<Fault>> {
    let raw = RawException::parse(&to_raw_value(object).expect("json")).expect("well-formed");
    triage(&raw, &bakery(), noon())
}

fn burnt(payload: &Value) -> Triaged {
    send(&json!({"sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "severity": "CRITICAL", "rawPayload": payload})).expect("accepted")
}

fn because<'t>(triaged: &'t Triaged, about: &str) -> Vec<&'t str> {
    triaged
        .reasons
        .iter()
        .filter(|reason| reason.about == about)
        .map(|reason| reason.because.as_str())
        .collect()
}

#[test]
fn the_pack_decides_the_severity_and_says_which_rule() {
    for (payload, severity, reason) in [
        (
            json!({"oven": "1", "loss": 5}),
            Severity::Medium,
            "default of BURNT_BREAD in Bakery 1.2.0",
        ),
        (
            json!({"oven": "1", "loss": 101}),
            Severity::High,
            "rule 1 of BURNT_BREAD in Bakery 1.2.0: more than 100 lost",
        ),
        (
            json!({"oven": "1", "loss": "-5000.00"}),
            Severity::Critical,
            "rule 2 of BURNT_BREAD in Bakery 1.2.0: more than 1,000 lost",
        ),
        (
            json!({"oven": "1", "loss": 101, "kind": "RYE"}),
            Severity::High,
            "rule 1 of BURNT_BREAD in Bakery 1.2.0: more than 100 lost",
        ),
        (
            json!({"oven": "1", "loss": 1, "kind": "RYE"}),
            Severity::Low,
            "rule 3 of BURNT_BREAD in Bakery 1.2.0: rye sells dark",
        ),
    ] {
        let triaged = burnt(&payload);
        assert_eq!(triaged.severity, severity, "{payload}");
        assert_eq!(because(&triaged, "severity"), [reason]);
    }
}

#[test]
fn a_rule_that_fails_is_told_and_does_not_decide() {
    let triaged = burnt(&json!({"oven": "1"}));
    assert_eq!(triaged.severity, Severity::Medium);
    insta::assert_debug_snapshot!(because(&triaged, "severity"));
}

#[test]
fn routing_takes_the_first_rule_that_holds() {
    let send_from = |source: &str| {
        send(&json!({"sourceSystem": source, "exceptionType": "BURNT_BREAD", "rawPayload": {"oven": "1", "loss": 1}})).expect("accepted")
    };
    assert_eq!(send_from("Oven").queue, "bakers");
    let routed = send_from("Till");
    assert_eq!(routed.queue, "owner");
    assert_eq!(
        because(&routed, "queue"),
        ["routing rule 1 of BURNT_BREAD in Bakery 1.2.0: the till is the owner's"]
    );
}

#[test]
fn doubtful_values_are_findings_and_missing_ones_that_matter_are_faults() {
    let triaged =
        burnt(&json!({"oven": "1", "loss": "a lot", "currency": "EURO", "kind": "SPELT", "bakedOn": "2026-13-01", "loaves": 1.5}));
    let pointers: Vec<&str> = triaged.findings.iter().map(|finding| finding.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/rawPayload/loss",
            "/rawPayload/currency",
            "/rawPayload/kind",
            "/rawPayload/loaves",
            "/rawPayload/bakedOn"
        ]
    );
    let faults = send(
        &json!({"sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "timestamp": "2027-01-01T00:00:00Z", "rawPayload": {"oven": [1]}}),
    )
    .expect_err("refused");
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/timestamp", "/rawPayload/oven"]);
}

#[test]
fn unknown_types_are_refused_with_the_known_ones() {
    let faults = send(&json!({"sourceSystem": "Oven", "rawPayload": {"type": "COLD_BREAD"}})).expect_err("refused");
    assert_eq!((faults[0].pointer.as_str(), &*faults[0].code), ("/rawPayload/type", "unknown-type"));
    assert!(faults[0].message.contains("BURNT_BREAD, SOUR_MILK"), "{}", faults[0].message);
}

#[test]
fn the_fingerprint_is_the_problem_not_the_amount_and_never_of_nothing() {
    let of = |payload: Value| burnt(&payload).fingerprint;
    assert_eq!(
        of(json!({"oven": "1", "kind": "RYE", "loss": 1})),
        of(json!({"oven": 1, "kind": " RYE", "loss": 2}))
    );
    assert_ne!(of(json!({"oven": "1", "kind": "RYE"})), of(json!({"oven": "1R", "kind": "YE"})));
    let incomplete = burnt(&json!({"oven": "1"}));
    assert_eq!(incomplete.fingerprint, None);
    assert!(
        incomplete
            .findings
            .iter()
            .any(|finding| finding.code == "fingerprint-incomplete" && finding.pointer == "/rawPayload/kind")
    );
}

#[test]
fn a_type_without_a_clock_gets_the_default_of_its_severity() {
    let sour = send(
        &json!({"sourceSystem": "Oven", "exceptionType": "SOUR_MILK", "timestamp": "2026-11-21T00:00:00Z", "rawPayload": {"fridge": "F"}}),
    );
    assert_eq!(sour.expect("accepted").due_at, Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).unwrap());
}

#[test]
fn entities_come_from_their_fields_and_from_lists() {
    let entities = burnt(&json!({"oven": 7, "bakers": ["Ann", "Bo"]})).entities;
    let pairs: Vec<(&str, &str)> = entities
        .iter()
        .map(|entity| (entity.label.as_str(), entity.value.as_str()))
        .collect();
    assert_eq!(pairs, [("Oven", "7"), ("Bakers", "Ann"), ("Bakers", "Bo")]);
}
