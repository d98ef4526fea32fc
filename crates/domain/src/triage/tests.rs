//! Triage decides by the pack, explains itself, and refuses with every fault.

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

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

/// The explanation of a value, read back with the pack or without it.
fn explained(triaged: &Triaged, pack: Option<&Pack>, about: &str) -> Vec<(String, String)> {
    let decided = explain::Decided {
        exception_type: &triaged.exception_type,
        severity: triaged.severity,
        queue: &triaged.queue,
        created_at: triaged.created_at,
        due_at: triaged.due_at,
        rules: &triaged.rules,
        raw: None,
    };
    let by = explain::DecidedBy {
        pack,
        domain: "Bakery",
        version: "1.2.0",
    };
    let reasons = explain::explain(&decided, by).into_iter().filter(|reason| reason.about == about);
    reasons.map(|reason| (reason.value, reason.because)).collect()
}

fn because(triaged: &Triaged, about: &str) -> Vec<String> {
    let all = explained(triaged, Some(&bakery()), about);
    all.into_iter().map(|(_, because)| because).collect()
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
fn a_decision_stays_known_where_its_pack_cannot_be_read() {
    let triaged = burnt(&json!({"oven": "1", "loss": 101}));
    assert_eq!((triaged.rules.severity, triaged.rules.routing), (Some(1), None));
    let told = |about| explained(&triaged, None, about);
    let why = "explanation not available: pack Bakery 1.2.0".to_owned();
    assert_eq!(told("severity"), [("HIGH".to_owned(), why.clone())]);
    assert_eq!(told("queue"), [("bakers".to_owned(), why.clone())]);
    assert_eq!(told("due"), [(triaged.due_at.to_rfc3339(), why)]);
}

#[test]
fn the_due_time_that_is_explained_is_the_one_that_was_decided() {
    let triaged = burnt(&json!({"oven": "1", "loss": 5000}));
    assert_eq!(explained(&triaged, Some(&bakery()), "due")[0].0, triaged.due_at.to_rfc3339());
}

#[test]
fn what_was_sent_is_put_together_again() {
    for object in [
        json!({"sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {"oven": "1"}, "tags": {"a": {"b": 1}}}),
        json!({"rawPayload": {"oven": "1", "type": "BURNT_BREAD"}, "sourceSystem": "Oven", "normalizedContext": {"x": 1}}),
    ] {
        let raw = RawException::parse(&to_raw_value(&object).expect("json")).expect("well-formed");
        let again: Box<RawValue> = RawValue::from_string(crate::intake::Content::object(
            &raw.content.header,
            &raw.content.payload,
            &raw.content.context,
        ))
        .expect("JSON");
        let again = RawException::parse(&again).expect("well-formed");
        assert_eq!(again.content.hash, raw.content.hash);
        assert_eq!(
            again.claimed_type.map(|claim| claim.pointer),
            raw.claimed_type.map(|claim| claim.pointer)
        );
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

fn sent(payload: &str) -> Result<Triaged, Vec<Fault>> {
    let object = format!(r#"{{"sourceSystem":"Oven","exceptionType":"BURNT_BREAD","rawPayload":{payload}}}"#);
    let raw = RawException::parse(&serde_json::from_str::<Box<RawValue>>(&object).expect("json")).expect("well-formed");
    triage(&raw, &bakery(), noon())
}

#[test]
fn a_blank_or_mistyped_value_is_no_fingerprint_and_clears_nothing() {
    for kind in [
        r#""""#,
        r#"" ""#,
        "\"\u{a0}\"",
        r#""\u0000""#,
        "{}",
        "[]",
        "false",
        r#"["RYE"]"#,
        "null",
    ] {
        let payload = format!(r#"{{"oven": "1", "kind": {kind}}}"#);
        let triaged = sent(&payload).expect("accepted");
        assert_eq!(triaged.fingerprint, None, "{kind}");
        assert!(
            triaged.findings.iter().any(|finding| finding.code == "fingerprint-incomplete"),
            "{kind}"
        );
        let clearing = format!(r#"{{"sourceSystem":"Oven","exceptionType":"BURNT_BREAD","state":"cleared","rawPayload":{payload}}}"#);
        let raw = RawException::parse(&serde_json::from_str::<Box<RawValue>>(&clearing).expect("json")).expect("well-formed");
        assert_eq!(
            clears(&raw, &bakery()).expect_err("refused")[0].code,
            "fingerprint-incomplete",
            "{kind}"
        );
    }
}

#[test]
fn a_required_field_is_present_and_not_blank() {
    for oven in ["null", r#""""#, "\"\u{a0}\u{2003}\"", r#""\u200b""#] {
        let faults = sent(&format!(r#"{{"oven": {oven}, "kind": "RYE"}}"#)).expect_err(oven);
        assert_eq!(
            (faults[0].pointer.as_str(), &*faults[0].code),
            ("/rawPayload/oven", "missing"),
            "{oven}"
        );
    }
}

#[test]
fn fingerprints_keep_every_digit_and_compare_texts_in_form_c() {
    let of = |oven: &str| {
        sent(&format!(r#"{{"oven": {oven}, "kind": "RYE"}}"#))
            .expect("accepted")
            .fingerprint
            .expect("whole")
    };
    let account = "123456789012345678901234567";
    assert_ne!(of(account), of("123456789012345678901234568"));
    assert_eq!(of(account), of(&format!("\"{account}\"")));
    assert_eq!(of("\"Z\u{fc}rich\""), of("\"Zu\u{308}rich\""));
    let shown = sent(&format!(r#"{{"oven": {account}, "loss": 90071992547409930.10, "kind": "RYE"}}"#)).expect("accepted");
    assert_eq!(shown.title, format!("– 90,071,992,547,409,930.1 of rye burnt in {account}"));
    assert_eq!(shown.entities[0].value, account);
}

#[test]
fn what_is_derived_never_has_control_characters() {
    let odd = r#""A\u0000B\u001b\n""#;
    let triaged = sent(&format!(
        r#"{{"oven": {odd}, "loss": {odd}, "currency": {odd}, "kind": {odd}, "loaves": {odd}, "bakedOn": {odd}, "bakers": [{odd}], "\u0000": 1}}"#
    ))
    .expect("accepted");
    let texts = [&triaged.title]
        .into_iter()
        .chain(triaged.entities.iter().map(|entity| &entity.value));
    let findings = triaged.findings.iter().flat_map(|finding| [&finding.pointer, &finding.message]);
    for text in texts.chain(findings) {
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    assert_eq!(triaged.entities[0].value, "A B");
    assert!(!triaged.findings.is_empty());
}

#[test]
fn dates_that_nobody_means_are_findings() {
    for date in ["0026-09-23", "26-09-23", "12026-09-23", "1026-09-23"] {
        let triaged = sent(&format!(r#"{{"oven": "1", "kind": "RYE", "bakedOn": "{date}"}}"#)).expect("accepted");
        let codes: Vec<&str> = triaged.findings.iter().map(|finding| &*finding.code).collect();
        assert_eq!(codes, ["implausible-date"], "{date}");
        assert_eq!(triaged.aged_from.to_string(), "2026-11-23", "{date}");
    }
    let plain = sent(r#"{"oven": "1", "kind": "RYE", "bakedOn": "2026-11-20"}"#).expect("accepted");
    assert!(plain.findings.is_empty());
}

#[test]
fn numbers_sent_as_texts_have_the_grammar_of_numbers() {
    for (loss, severity) in [
        (r#""1.23E+08""#, Severity::Critical),
        (r#""+101""#, Severity::High),
        (r#"".5""#, Severity::Medium),
        ("1e1000", Severity::Critical),
    ] {
        let triaged = sent(&format!(r#"{{"oven": "1", "kind": "WHEAT", "loss": {loss}}}"#)).expect("accepted");
        assert_eq!((triaged.severity, triaged.findings.len()), (severity, 0), "{loss}");
    }
    let odd = sent(r#"{"oven": "1", "kind": "WHEAT", "loss": "1.5E-"}"#).expect("accepted");
    assert_eq!(odd.findings[0].code, "wrong-type");
}

#[test]
fn items_of_lists_and_members_of_objects_can_be_entities() {
    let text = include_str!("../../testdata/bakery.json").replace(
        r#""role": "entity", "items": {"type": "string", "label": "Baker"}"#,
        r#""items": {"type": "string", "label": "Baker", "role": "entity"}"#,
    );
    let pack = Pack::parse(&text).expect("a whole pack");
    let bakers: Vec<String> = (0..30).map(|number| format!("Baker {number}")).collect();
    let object = json!({"sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {"oven": "1", "bakers": bakers}});
    let raw = RawException::parse(&to_raw_value(&object).expect("json")).expect("well-formed");
    let entities = triage(&raw, &pack, noon()).expect("accepted").entities;
    let labels: Vec<&str> = entities.iter().map(|entity| entity.label.as_str()).collect();
    assert_eq!(
        (labels.len(), labels[0], labels[10], entities[10].value.as_str()),
        (11, "Oven", "Baker", "Baker 9")
    );
}
