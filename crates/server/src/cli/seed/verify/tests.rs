//! Whatever differs is told.

use domain::severity::Severity;
use serde_json::json;

use super::*;

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().expect("object").clone()
}

fn pair() -> (SeededException, Shown, DateTime<Utc>) {
    let as_of: DateTime<Utc> = "2026-05-14T16:00:00Z".parse().expect("time");
    let sent = SeededException {
        exception_id: "FIN-1-0001".into(),
        exception_type: "LATE".into(),
        severity: Severity::High,
        source_system: "Van".into(),
        domain: "Rounds".into(),
        created_at: as_of - TimeDelta::days(1),
        raw_payload: map(&json!({"a": 1, "b": [1.5]})),
        normalized_context: map(&json!({"c": null})),
    };
    let shown = Shown {
        exception_id: sent.exception_id.clone(),
        exception_type: sent.exception_type.clone(),
        severity: "HIGH".into(),
        claimed_severity: Some("HIGH".into()),
        source_system: sent.source_system.clone(),
        domain: sent.domain.clone(),
        created_at: sent.created_at,
        respond_due_at: as_of,
        due_at: as_of,
        raw_payload: map(&json!({"b": [1.5], "a": 1})),
        normalized_context: sent.normalized_context.clone(),
        findings: Vec::new(),
    };
    (sent, shown, as_of)
}

#[test]
fn what_is_the_same_is_verified_in_whatever_order() {
    let (sent, shown, as_of) = pair();
    assert_eq!(compare(&sent, &shown, as_of), Vec::<String>::new());
}

#[test]
fn every_difference_is_told() {
    let (sent, shown, as_of) = pair();
    let other = Shown {
        exception_id: "FIN-2".into(),
        severity: "LOW".into(),
        claimed_severity: None,
        created_at: as_of - TimeDelta::days(8),
        due_at: as_of - TimeDelta::days(9),
        raw_payload: map(&json!({"a": 2, "b": [1.5], "d": 1})),
        ..shown
    };
    assert_eq!(
        compare(&sent, &other, as_of),
        [
            "exceptionId was FIN-1-0001 and is FIN-2",
            "severity was HIGH and is LOW",
            "claimedSeverity was HIGH and is absent",
            "createdAt was 2026-05-13T16:00:00+00:00 and is 2026-05-06T16:00:00+00:00",
            "rawPayload differs in a, d",
            "createdAt 2026-05-06T16:00:00+00:00 is not within the seven days before",
            "dueAt 2026-05-05T16:00:00+00:00 is not after createdAt",
            "respondDueAt 2026-05-14T16:00:00+00:00 is after dueAt",
        ]
    );
}

#[test]
fn differences_are_told_up_to_a_limit_and_counted_beyond() {
    let (sent, shown, as_of) = pair();
    let finding = Finding {
        pointer: "/rawPayload/a".into(),
        message: "odd".into(),
    };
    let other = Ok(Shown {
        severity: "LOW".into(),
        findings: vec![finding],
        ..shown.clone()
    });
    let mut verified = Verified::default();
    let lines: Vec<_> = (0..30).flat_map(|_| verified.take(&sent, &other, as_of)).collect();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("[FAILED] FIN-1-0001: severity was"))
            .count(),
        TOLD
    );
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("[WARNING] FIN-1-0001: /rawPayload/a: odd"))
            .count(),
        FINDINGS_TOLD
    );
    assert_eq!(verified.take(&sent, &Ok(shown), as_of), Vec::<String>::new());
    insta::assert_snapshot!(verified.summary(31), @r"
    [FAILED] verified 1 of 31; 30 differences, the first 20 are above; 30 findings about the data
      Rules may look at the age of an exception: send with an --as-of that is not long ago
    ");
}

#[test]
fn what_cannot_be_read_is_not_verified() {
    let (sent, _, as_of) = pair();
    let mut verified = Verified::default();
    let gone = Err(Failure::Strange("gone".into()));
    assert_eq!(verified.take(&sent, &gone, as_of), ["[FAILED] FIN-1-0001: cannot be read: gone"]);
    assert_eq!(verified.summary(1), "[FAILED] verified 0 of 1");
    let (sent, shown, as_of) = pair();
    let mut verified = Verified::default();
    verified.take(&sent, &Ok(shown), as_of);
    assert_eq!(verified.summary(1), "[OK] verified 1 of 1");
}
