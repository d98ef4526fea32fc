//! Laws of source systems: what they may change, and what two people decide.

use super::*;

/// Receives in one batch of a sender, on top of what is known.
fn takes(known: Vec<Known>, batch: &[Arriving]) -> (Reception<'_>, Vec<Result<Receipt, Refusal>>) {
    let mut reception = Reception::new(known);
    let taken = batch.iter().map(|arriving| reception.take(arriving)).collect();
    (reception, taken)
}

fn sent_by(mut arriving: Arriving, sender: Sender) -> Arriving {
    match &mut arriving {
        Arriving::Exception(received) => received.arrival.sender = sender,
        Arriving::Clearing(clearing) => clearing.arrival.sender = sender,
    }
    arriving
}

fn known(pack: &Arc<Pack>, object: &Value) -> Known {
    let Arriving::Exception(received) = arrives(pack, monday(), OnConflict::Refuse, object) else {
        unreachable!()
    };
    Known {
        standing: Standing::new(&received),
        content: Some(received.raw.content.clone()),
        last_event_at: None,
    }
}

fn change_by(source_system: &str) -> Refusal {
    Refusal::SourceNotAllowed(NotAllowed::Change {
        source_system: source_system.into(),
    })
}

#[test]
fn only_the_source_system_that_sent_an_exception_clears_and_revises_it() {
    let pack = pack(&Value::Null);
    let cleared = |source: &str| json!({"state": "cleared", "sourceSystem": source, "exceptionId": "b"});
    let (member, till) = (Sender::Member("member:ann".into()), Sender::Source(["Till".into()].into()));
    let mut other = bread(60.0);
    other["sourceSystem"] = json!("Till");
    for (object, sender, expected) in [
        (cleared("Oven"), member.clone(), change_by("Oven")),
        (bread(60.0), member.clone(), change_by("Oven")),
        (cleared("Till"), till.clone(), change_by("Oven")),
        // A key never speaks for another source system.
        (cleared("Oven"), till.clone(), change_by("Oven")),
        (other.clone(), till.clone(), change_by("Oven")),
        (bread(60.0), till.clone(), Refusal::SourceNotAllowed(NotAllowed::Send)),
        // Nor does a key of both let one revise what the other sent.
        (other, Sender::Source(["Till".into(), "Oven".into()].into()), change_by("Oven")),
    ] {
        let batch = [sent_by(arrives(&pack, monday(), OnConflict::Revise, &object), sender)];
        let (reception, taken) = takes(vec![known(&pack, &bread(50.0))], &batch);
        assert_eq!(taken, [Err(expected)], "{object}");
        assert!(reception.events.is_empty() && reception.outcome().next().is_none(), "{object}");
    }
    // A member still sends new ones, asked to revise or not.
    let batch = [sent_by(arrives(&pack, monday(), OnConflict::Revise, &bread(50.0)), member)];
    let (reception, taken) = takes(Vec::new(), &batch);
    assert_eq!(taken[0].as_ref().map(|receipt| &receipt.outcome), Ok(&Outcome::Accepted));
    assert_eq!(reception.events[0].actor, "member:ann");
}

#[test]
fn a_fingerprint_clears_only_what_the_same_source_sent_and_counts_the_rest() {
    let pack = pack(&Value::Null);
    let of = |id: &str, source: &str| {
        let mut object = milk(id, "F1");
        object["sourceSystem"] = json!(source);
        known(&pack, &object)
    };
    let mut of_oven = cleared("F1");
    of_oven["sourceSystem"] = json!("Oven");
    let batch = [
        arrives(&pack, monday(), OnConflict::Refuse, &of_oven),
        arrives(&pack, monday(), OnConflict::Refuse, &cleared("F1")),
        arrives(&pack, monday(), OnConflict::Refuse, &cleared("F1")),
    ];
    let (_, taken) = takes(vec![of("a", "Till"), of("b", "Till")], &batch[..1]);
    assert_eq!(taken, [Err(Refusal::NothingToClear)]);
    let (reception, taken) = takes(vec![of("a", "Oven"), of("b", "Till"), of("c", "Till")], &batch[1..]);
    let outcomes: Vec<_> = taken.into_iter().map(|taken| taken.map(|receipt| receipt.outcome)).collect();
    assert_eq!(outcomes, [Ok(cleared_of(2, 0, 1)), Ok(Outcome::Duplicate)]);
    assert!(reception.outcome().all(|entry| entry.now.exception_id != "a"));
}

#[test]
fn what_two_decide_is_asked_once_where_a_source_reports_it() {
    let pack = pack(&Value::Null);
    let gone = json!({"state": "cleared", "sourceSystem": "Oven", "exceptionId": "b"});
    let batch = [
        arrives(&pack, monday(), OnConflict::Refuse, &gone),
        arrives(&pack, monday(), OnConflict::Refuse, &gone),
        arrives(&pack, monday(), OnConflict::Revise, &bread(60.0)),
    ];
    let (reception, taken) = takes(vec![known(&pack, &bread(5000.0))], &batch);
    let outcomes: Vec<_> = taken.iter().map(|taken| taken.as_ref().map(|receipt| &receipt.outcome)).collect();
    assert_eq!(outcomes, [Ok(&cleared_of(0, 1, 0)), Ok(&Outcome::Duplicate), Ok(&Outcome::Revised)]);
    let told: Vec<_> = reception
        .events
        .iter()
        .map(|event| (event.kind.as_str(), event.actor.as_str()))
        .collect();
    let source = "source:Oven";
    assert_eq!(
        told,
        [
            ("approval_requested", source),
            ("approval_voided", source),
            ("revised", source),
            ("approval_requested", source)
        ]
    );
    let asked: Vec<_> = reception
        .asked
        .iter()
        .map(|(_, pending)| (pending.id.as_str(), pending.report()))
        .collect();
    let lowered = Report::Lowered {
        severity: crate::severity::Severity::Medium,
    };
    assert_eq!(asked, [("b#2", Some(Report::Cleared)), ("b#4", Some(lowered))]);
    // The content is that of the source, severity, status and the highest amount are what they were.
    let entry = reception.outcome().next().expect("changed");
    assert_eq!(
        entry.latest.expect("revised").raw.payload["loss"],
        Json::read("60.0").expect("JSON")
    );
    assert_eq!(
        (entry.now.cell.status, entry.now.cell.severity),
        (Status::Open, crate::severity::Severity::Critical)
    );
    assert_eq!(
        (entry.now.exposure.minor, entry.now.exposure.highest()),
        (Some(6000), Some(5000.into()))
    );
    assert_eq!(Some(entry.now.due_at), entry.now.deadlines(&pack).map(|deadlines| deadlines.due_at));
}

#[test]
fn a_pack_may_let_sources_decide_but_not_a_member_who_replays_them() {
    let mut document: Value = serde_json::from_str(include_str!("../../../testdata/bakery.json")).expect("valid");
    for rule in [1, 2] {
        document["approvals"][rule]["sources"] = json!("allow");
    }
    let pack = Arc::new(Pack::parse(&document.to_string()).expect("a whole pack"));
    let gone = json!({"state": "cleared", "sourceSystem": "Oven", "exceptionId": "b"});
    let replay = Sender::Replay {
        by: "member:ann".into(),
        sources: ["Oven".into()].into(),
    };
    let batch = [
        sent_by(arrives(&pack, monday(), OnConflict::Refuse, &gone), replay),
        arrives(&pack, monday(), OnConflict::Revise, &bread(60.0)),
        arrives(&pack, monday(), OnConflict::Refuse, &gone),
    ];
    let (reception, taken) = takes(vec![known(&pack, &bread(5000.0))], &batch);
    let outcomes: Vec<_> = taken.iter().map(|taken| taken.as_ref().map(|receipt| &receipt.outcome)).collect();
    assert_eq!(
        outcomes,
        [Ok(&cleared_of(0, 1, 0)), Ok(&Outcome::Revised), Ok(&cleared_of(1, 0, 0))]
    );
    assert_eq!(reception.asked[0].1.by, "member:ann");
    assert_eq!(reception.voided.len(), 1);
    let now = &reception.outcome().next().expect("changed").now;
    assert_eq!(now.cell.severity, crate::severity::Severity::Medium);
}

#[test]
fn a_repetition_that_is_worse_is_not_folded_away_and_a_reopened_one_stands_for_both() {
    let burnt = |id: &str, loss: f64| {
        let mut object = bread(loss);
        object["exceptionId"] = json!(id);
        object
    };
    let mut document: Value = serde_json::from_str(include_str!("../../../testdata/bakery.json")).expect("valid");
    document["exceptionTypes"]["BURNT_BREAD"]["recurrence"] = json!({"whileOpen": "fold", "whenResolved": "reopen"});
    let pack = Arc::new(Pack::parse(&document.to_string()).expect("a whole pack"));
    for (loss, status) in [(50.0, Status::Resolved), (51.0, Status::Open), (5000.0, Status::Open)] {
        let batch = [arrives(&pack, monday(), OnConflict::Refuse, &burnt("c", loss))];
        let (_, taken) = takes(vec![known(&pack, &burnt("b", 50.0))], &batch);
        assert_eq!(taken[0].as_ref().map(|receipt| receipt.standing.cell.status), Ok(status), "{loss}");
    }
    let mut earlier = known(&pack, &burnt("b", 50.0));
    earlier.standing.resolve("THROWN_AWAY", monday());
    let batch = [arrives(&pack, monday(), OnConflict::Refuse, &burnt("c", 5000.0))];
    let (reception, _) = takes(vec![earlier], &batch);
    let now = &reception.outcome().next().expect("changed").now;
    assert_eq!((now.exception_id.as_str(), now.cell.status), ("b", Status::Open));
    assert_eq!(now.cell.severity, crate::severity::Severity::Critical);
    assert_eq!(now.exposure.highest(), Some(5000.into()));
}

#[test]
fn what_one_person_closed_is_open_again_once_it_needs_two() {
    let pack = pack(&Value::Null);
    let mut closed = known(&pack, &bread(50.0));
    closed.standing.resolve("THROWN_AWAY", monday());
    let batch = [arrives(&pack, monday(), OnConflict::Revise, &bread(5000.0))];
    let (reception, taken) = takes(vec![closed], &batch);
    let kinds: Vec<_> = reception.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["revised", "reopened"]);
    assert_eq!(taken[0].as_ref().map(|receipt| receipt.standing.cell.status), Ok(Status::Open));
}
