//! Laws of reception, on the bakery's pack.

mod order;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::{
    exception::{Arrival, Sender},
    intake::RawException,
    json::Json,
    pack::Pack,
    triage,
    work::Report,
};

mod sources;

fn pack(recurrence: &Value) -> Arc<Pack> {
    let mut document: Value = serde_json::from_str(include_str!("../../testdata/bakery.json")).expect("valid");
    if !recurrence.is_null() {
        document["exceptionTypes"]["SOUR_MILK"]["recurrence"] = recurrence.clone();
    }
    Arc::new(Pack::parse(&document.to_string()).expect("a whole pack"))
}

fn monday() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200, 0).expect("valid")
}

fn arrival(at: DateTime<Utc>, on_conflict: OnConflict) -> Arrival {
    Arrival {
        at,
        sender: Sender::Source(["Till".into(), "Oven".into()].into()),
        on_conflict,
    }
}

fn arrives(pack: &Arc<Pack>, at: DateTime<Utc>, on_conflict: OnConflict, object: &Value) -> Arriving {
    let raw = RawException::parse(&to_raw_value(object).expect("valid")).expect("well-formed");
    let arrival = arrival(at, on_conflict);
    if raw.state == crate::intake::State::Cleared {
        let by = triage::clears(&raw, pack).expect("a meaning");
        return Arriving::Clearing(Box::new(Clearing {
            by,
            raw,
            pack: Arc::clone(pack),
            arrival,
        }));
    }
    let triaged = triage::triage(&raw, pack, at).expect("accepted");
    let id = raw.exception_id.clone().expect("an id");
    Arriving::Exception(Box::new(Received::new(id, raw, triaged, pack, arrival)))
}

#[test]
fn a_revision_loses_no_alarm_that_is_due() {
    let pack = pack(&Value::Null);
    let object = |fridge: &str| {
        let mut milk = milk("a", fridge);
        milk["timestamp"] = json!(monday());
        milk
    };
    let first = arrives(&pack, monday(), OnConflict::Refuse, &object("F1"));
    let mut reception = Reception::new([]);
    reception.take(&first).expect("new");
    let standing = reception.outcome().next().expect("stored").now.clone();
    let due = standing.alarm_at.expect("an alarm");
    let Arriving::Exception(received) = &first else {
        panic!("an exception")
    };
    let known = Known {
        standing,
        content: Some(received.raw.content.clone()),
        last_event_at: Some(monday()),
    };
    // Before the clock has told it.
    let revision = arrives(&pack, due + TimeDelta::milliseconds(1), OnConflict::Revise, &object("F2"));
    let mut reception = Reception::new([known]);
    reception.take(&revision).expect("revised");
    assert_eq!(reception.outcome().next().expect("revised").now.alarm_at, Some(due));
}

/// Sour milk in a fridge.
fn milk(id: &str, fridge: &str) -> Value {
    json!({"exceptionId": id, "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": fridge}})
}

fn cleared(fridge: &str) -> Value {
    json!({"state": "cleared", "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": fridge}})
}

/// Outcomes, events and where the exceptions stand afterwards.
type Told = (Vec<Result<Outcome, Refusal>>, Vec<(String, &'static str)>, Vec<(String, Status)>);

/// Receives in one batch.
fn receive(pack: &Arc<Pack>, objects: &[Value]) -> Told {
    receive_at(pack, &objects.iter().map(|object| (monday(), object.clone())).collect::<Vec<_>>())
}

#[expect(clippy::type_complexity, reason = "three lists of pairs")]
fn receive_at(
    pack: &Arc<Pack>,
    objects: &[(DateTime<Utc>, Value)],
) -> (Vec<Result<Outcome, Refusal>>, Vec<(String, &'static str)>, Vec<(String, Status)>) {
    let batch: Vec<Arriving> = objects
        .iter()
        .map(|(at, object)| arrives(pack, *at, OnConflict::Refuse, object))
        .collect();
    let mut reception = Reception::new([]);
    let outcomes = batch
        .iter()
        .map(|arriving| reception.take(arriving).map(|receipt| receipt.outcome))
        .collect();
    let events = reception
        .events
        .iter()
        .map(|event| (event.exception_id.clone(), event.kind.as_str()))
        .collect();
    let rows = reception
        .outcome()
        .map(|entry| (entry.now.exception_id.clone(), entry.now.cell.status))
        .collect();
    (outcomes, events, rows)
}

fn cleared_of(resolved: usize, waiting: usize, left_open: usize) -> Outcome {
    Outcome::Cleared {
        resolved,
        waiting,
        left_open,
    }
}

fn linked(to: &str) -> Outcome {
    Outcome::Linked { to: to.into() }
}

#[test]
fn a_repetition_is_linked_to_the_oldest_open_one_and_both_say_so() {
    let (outcomes, events, rows) = receive(
        &pack(&Value::Null),
        &[milk("a", "F1"), milk("b", "F1"), milk("c", "F2"), milk("d", "F1")],
    );
    assert_eq!(
        outcomes,
        [Ok(Outcome::Accepted), Ok(linked("a")), Ok(Outcome::Accepted), Ok(linked("a"))]
    );
    let told = |id: &str| events.iter().filter(|(of, _)| of == id).map(|(_, kind)| *kind).collect::<Vec<_>>();
    assert_eq!(told("a"), ["received", "recurred", "recurred"]);
    assert_eq!(told("b"), ["received"]);
    assert!(rows.iter().all(|(_, status)| *status == Status::Open));
}

#[test]
fn a_folded_repetition_is_kept_but_closed() {
    let folding = pack(&json!({"whileOpen": "fold"}));
    let (outcomes, _, rows) = receive(&folding, &[milk("a", "F1"), milk("b", "F1"), milk("c", "F1")]);
    assert_eq!(outcomes, [Ok(Outcome::Accepted), Ok(linked("a")), Ok(linked("a"))]);
    assert_eq!(
        rows,
        [
            ("a".into(), Status::Open),
            ("b".into(), Status::Resolved),
            ("c".into(), Status::Resolved)
        ]
    );
}

#[test]
fn a_missing_fingerprint_field_never_makes_two_problems_one() {
    let without = |id: &str| json!({"exceptionId": id, "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {}});
    let (outcomes, ..) = receive(&pack(&Value::Null), &[without("a"), without("b")]);
    assert_eq!(outcomes, [Ok(Outcome::Accepted), Ok(Outcome::Accepted)]);
}

#[test]
fn clearing_resolves_every_open_one_of_the_problem_and_a_later_one_reopens_it() {
    let (outcomes, events, rows) = receive(
        &pack(&Value::Null),
        &[
            milk("a", "F1"),
            milk("b", "F1"),
            milk("c", "F2"),
            cleared("F1"),
            cleared("F1"),
            milk("d", "F1"),
        ],
    );
    assert_eq!(outcomes[3], Ok(cleared_of(2, 0, 0)));
    assert_eq!(outcomes[4], Ok(Outcome::Duplicate), "nothing is left to clear");
    assert_eq!(outcomes[5], Ok(linked("b")), "the one resolved last");
    assert!(events.contains(&("b".into(), "reopened")));
    let expected = [
        ("a", Status::Resolved),
        ("b", Status::Open),
        ("c", Status::Open),
        ("d", Status::Resolved),
    ];
    assert_eq!(rows, expected.map(|(id, status)| (id.to_owned(), status)));
}

#[test]
fn clearing_what_nobody_knows_is_refused() {
    let (outcomes, events, _) = receive(&pack(&Value::Null), &[milk("a", "F1"), cleared("F9")]);
    assert_eq!(outcomes[1], Err(Refusal::NothingToClear));
    assert_eq!(events.len(), 1);
}

#[test]
fn a_problem_resolved_long_ago_is_forgotten() {
    let remembering = pack(&json!({"whenResolved": "reopen", "withinDays": 2}));
    for (days, expected) in [(2, linked("a")), (3, Outcome::Accepted)] {
        let later = monday() + TimeDelta::days(days);
        let (outcomes, ..) = receive_at(
            &remembering,
            &[(monday(), milk("a", "F1")), (monday(), cleared("F1")), (later, milk("b", "F1"))],
        );
        assert_eq!(outcomes[2], Ok(expected), "after {days} days");
    }
}

#[test]
fn a_revision_keeps_status_and_history_and_moves_what_triage_decides() {
    let bakery = pack(&Value::Null);
    let first = arrives(&bakery, monday(), OnConflict::Refuse, &milk("a", "F1"));
    let other = arrives(&bakery, monday(), OnConflict::Refuse, &milk("a", "F2"));
    let revision = arrives(&bakery, monday(), OnConflict::Revise, &milk("a", "F2"));
    let mut reception = Reception::new([]);
    reception.take(&first).expect("valid");
    assert_eq!(reception.take(&other), Err(Refusal::Differs(vec!["/rawPayload/fridge".into()])));
    let revised = reception.take(&revision).expect("valid");
    assert_eq!((revised.outcome, revised.standing.version), (Outcome::Revised, 2));
    assert_eq!(
        reception.take(&revision).expect("valid").outcome,
        Outcome::Duplicate,
        "sent again, nothing changes"
    );
    let event: Value = serde_json::from_str(&reception.events.last().expect("valid").data).expect("valid");
    assert_eq!(event["changed"], json!(["/rawPayload/fridge"]));
    let bodies: HashMap<String, &String> = reception.evidence.iter().map(|(hash, body)| (hash.to_string(), body)).collect();
    for (side, fridge) in [("before", "F1"), ("after", "F2")] {
        let body = bodies[event[side]["evidence"].as_str().expect("a hash")];
        assert!(body.contains(&format!(r#""rawPayload":{{"fridge":"{fridge}"}}"#)), "{side}: {body}");
    }
    let entry = reception.outcome().next().expect("valid");
    assert_eq!(entry.latest.expect("valid").raw.payload["fridge"], Json::Text("F2".into()));
}

/// Burnt bread of yesterday morning, and that a second person is asked to give it away.
fn asked(pack: &Arc<Pack>, loss: f64) -> (Known, crate::work::Pending) {
    let Arriving::Exception(received) = arrives(pack, monday(), OnConflict::Refuse, &bread(loss)) else {
        unreachable!()
    };
    let standing = Standing::new(&received);
    let case = crate::work::Case {
        standing,
        pack,
        parent_is_part: None,
        has_parts: false,
        last_event_at: None,
    };
    let by = crate::work::Actor {
        name: "member:ann".into(),
        role: crate::role::Role::Operator,
    };
    let command =
        serde_json::from_value(json!({"command": "resolve", "resolution": "GIVEN_AWAY", "rootCause": "TIMER"})).expect("a command");
    let decision = crate::work::decide(&case, &command, &by, monday()).expect("asked for");
    let known = Known {
        standing: decision.now,
        content: Some(received.raw.content.clone()),
        last_event_at: None,
    };
    (known, decision.asked.expect("a request"))
}

fn bread(loss: f64) -> Value {
    json!({"exceptionId": "b", "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "timestamp": "2026-11-22T08:00:00Z",
        "rawPayload": {"oven": "O-1", "kind": "WHEAT", "loss": loss}})
}

#[test]
fn what_a_source_changes_voids_the_request_about_it() {
    let pack = pack(&Value::Null);
    let cleared = json!({"state": "cleared", "sourceSystem": "Oven", "exceptionId": "b"});
    for (object, status, last) in [(bread(500.0), Status::Open, "revised"), (cleared, Status::Resolved, "resolved")] {
        let (known, pending) = asked(&pack, 50.0);
        let version = known.standing.version;
        let mut reception = Reception::new([known]);
        let batch = [arrives(&pack, monday(), OnConflict::Revise, &object)];
        let receipt = reception.take(&batch[0]).expect("taken");
        assert_eq!((receipt.standing.cell.status, receipt.standing.version), (status, version + 1));
        assert_eq!(receipt.standing.work.pending, None);
        let kinds: Vec<_> = reception.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["approval_voided", last]);
        let voided: Vec<_> = reception
            .voided
            .iter()
            .map(|(pending, event)| (pending.id.as_str(), event.kind.as_str()))
            .collect();
        assert_eq!(voided, [(pending.id.as_str(), "approval_voided")]);
    }
}

#[test]
fn a_revision_moves_the_deadlines_of_what_is_resolved_too() {
    let pack = pack(&Value::Null);
    let (mut known, _) = asked(&pack, 50.0);
    known.standing.resolve("GIVEN_AWAY", monday());
    let mut reception = Reception::new([known]);
    let batch = [arrives(&pack, monday(), OnConflict::Revise, &bread(5000.0))];
    let standing = reception.take(&batch[0]).expect("taken").standing;
    assert_eq!(standing.cell.status, Status::Resolved);
    assert_eq!(standing.alarm_at, None);
    assert_eq!(Some(standing.due_at), standing.deadlines(&pack).map(|deadlines| deadlines.due_at));
}

#[test]
fn what_a_revision_makes_late_is_told_late_at_once() {
    let pack = pack(&Value::Null);
    let Arriving::Exception(first) = arrives(&pack, monday(), OnConflict::Refuse, &bread(50.0)) else {
        unreachable!()
    };
    let Arriving::Exception(severe) = arrives(&pack, monday(), OnConflict::Refuse, &bread(5000.0)) else {
        unreachable!()
    };
    let (calm, sooner) = (Standing::new(&first), Standing::new(&severe).due_at);
    let at = sooner + chrono::TimeDelta::minutes(1);
    assert!(calm.due_at > at, "in time before");
    let known = Known {
        standing: calm,
        content: Some(first.raw.content.clone()),
        last_event_at: None,
    };
    let mut reception = Reception::new([known]);
    let batch = [arrives(&pack, at, OnConflict::Revise, &bread(5000.0))];
    let standing = reception.take(&batch[0]).expect("taken").standing;
    let case = crate::work::Case {
        standing,
        pack: &pack,
        parent_is_part: None,
        has_parts: false,
        last_event_at: None,
    };
    let told = crate::work::tick(&case, at).expect("told");
    assert_eq!(
        told.events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(),
        ["breached"]
    );
    assert!(told.now.alarm_at.is_none_or(|next| next > at));
}
