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
fn the_last_line_counts() {
    assert_eq!(summary(50, 50, 0, 0), "[OK] verified 50 of 50");
    assert_eq!(summary(50, 50, 0, 2), "[OK] verified 50 of 50; 2 findings about the data");
    assert_eq!(
        summary(10, 50, 44, 0),
        "[FAILED] verified 10 of 50; 44 differences, the first 20 are above"
    );
}
