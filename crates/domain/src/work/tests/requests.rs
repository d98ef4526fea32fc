//! Four eyes, case by case.

use super::*;

fn give_away() -> Value {
    json!({"command": "resolve", "resolution": "GIVEN_AWAY", "rootCause": "TIMER"})
}

fn people() -> (Actor, Actor, Actor, Actor) {
    (
        actor("ann", Role::Operator),
        actor("sue", Role::Supervisor),
        actor("al", Role::Admin),
        actor("eve", Role::Admin),
    )
}

#[test]
fn what_needs_a_second_person_is_done_by_the_second() {
    let (ann, sue, al, _) = people();
    let mut desk = Desk::of(bread(50.0));
    let decision = desk.decides(&ann, 0, &give_away()).expect("asked for");
    assert_eq!(decision.asked.expect("a request").id, "x#2");
    assert_eq!(desk.standing.cell.status, Status::PendingApproval);
    assert_eq!(desk.does(&ann, 1, &json!({"command": "grant"})), Err(Refused::OwnRequest));
    let decision = desk
        .decides(&sue, 2, &json!({"command": "grant", "note": "fine"}))
        .expect("granted");
    let told: Vec<_> = decision
        .events
        .iter()
        .map(|event| (event.kind.as_str(), event.actor.as_str()))
        .collect();
    assert_eq!(told, [("approval_granted", "member:sue"), ("resolved", "member:ann")]);
    assert_eq!(desk.standing.cell.status, Status::Resolved);
    assert_eq!(desk.standing.work.owner.as_deref(), Some("ann"));
    // An admin is no exception.
    let mut desk = Desk::of(bread(50.0));
    desk.decides(&al, 0, &give_away()).expect("asked for");
    assert_eq!(desk.does(&al, 1, &json!({"command": "grant"})), Err(Refused::OwnRequest));
    assert_eq!(
        desk.does(&al, 1, &json!({"command": "refuse", "reason": "no"})),
        Err(Refused::OwnRequest)
    );
    assert_eq!(desk.does(&al, 1, &json!({"command": "withdraw"})), Ok(vec!["approval_withdrawn"]));
}

#[test]
fn of_two_demands_the_stronger_approver_decides() {
    let (ann, sue, al, _) = people();
    // Free bread needs a supervisor, costly bread an admin: costly bread that is given away is both.
    let mut desk = Desk::of(bread(5000.0));
    let asked = desk.decides(&ann, 0, &give_away()).expect("asked for").asked.expect("a request");
    assert_eq!((asked.label.as_str(), asked.approver), ("Costly bread", Role::Admin));
    let weak = Err(Refused::RoleTooWeak {
        needed: Role::Admin,
        has: Role::Supervisor,
    });
    assert_eq!(desk.does(&sue, 1, &json!({"command": "grant"})), weak);
    assert_eq!(
        desk.does(&al, 1, &json!({"command": "grant"})),
        Ok(vec!["approval_granted", "resolved"])
    );
}

#[test]
fn an_unknown_amount_may_be_any_and_an_amount_at_the_limit_is_not_above() {
    let (ann, ..) = people();
    let unknown = arrived("BURNT_BREAD", &json!({"oven": "O-1"}));
    for (exception, asks) in [
        (unknown, true),
        (bread(1000.0), false),
        (bread(-1000.01), true),
        (bread(0.0), false),
    ] {
        let mut desk = Desk::of(exception);
        let decision = desk.decides(&ann, 0, &resolve()).expect("decided");
        assert_eq!(decision.asked.is_some(), asks, "{:?}", desk.standing.exposure);
    }
    // Milk has no amount at all.
    let mut milk = Desk::of(arrived("SOUR_MILK", &json!({"fridge": "F"})));
    let thrown = json!({"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "HEAT"});
    assert_eq!(milk.does(&ann, 0, &thrown), Ok(vec!["resolved"]));
}

#[test]
fn a_request_is_void_once_the_exception_is_somebody_elses_or_elsewhere() {
    let (ann, sue, ..) = people();
    let commands = [
        json!({"command": "assign", "owner": "bob"}),
        json!({"command": "escalate", "reason": "help"}),
        json!({"command": "move", "queue": "owner", "reason": "his"}),
    ];
    for command in commands {
        let mut desk = Desk::of(bread(50.0));
        desk.decides(&ann, 0, &give_away()).expect("asked for");
        let decision = desk.decides(&sue, 1, &command).expect("done");
        assert_eq!(decision.events[0].kind, crate::event::EventKind::ApprovalVoided, "{command}");
        assert!(matches!(decision.settled, Some((_, Settled::Void))), "{command}");
        assert_eq!(desk.standing.cell.status, Status::Open, "{command}");
        assert!(matches!(
            desk.does(&sue, 2, &json!({"command": "grant"})),
            Err(Refused::NotNow { .. })
        ));
    }
    // What is only said leaves it.
    let mut desk = Desk::of(bread(50.0));
    desk.decides(&ann, 0, &give_away()).expect("asked for");
    for command in [
        json!({"command": "comment", "text": "hm"}),
        json!({"command": "link", "parent": "y"}),
    ] {
        desk.decides(&sue, 1, &command).expect("done");
        assert!(desk.standing.work.pending.is_some(), "{command}");
    }
}

#[test]
fn a_request_expires_and_the_exception_is_where_it_was() {
    let (ann, sue, ..) = people();
    let mut desk = Desk::of(bread(500.0));
    let lower = json!({"command": "changeSeverity", "severity": "LOW", "reason": "rye"});
    desk.decides(&ann, 0, &lower).expect("asked for");
    assert_eq!(desk.tells(119), [""; 0]);
    let decision = tick(&desk.case(), noon() + TimeDelta::minutes(120)).expect("told");
    assert!(matches!(decision.settled, Some((_, Settled::Expired))));
    assert_eq!(decision.now.cell.status, Status::Open);
    // Who is late with a decision finds that it has expired.
    let late = desk.does(&sue, 121, &json!({"command": "grant"}));
    assert!(matches!(late, Err(Refused::NotNow { status: Status::Open, .. })), "{late:?}");
}

#[test]
fn a_wait_that_ends_while_somebody_decides_leaves_the_request() {
    let (ann, sue, ..) = people();
    let mut desk = Desk::of(bread(50.0));
    desk.does(&ann, 0, &json!({"command": "claim"})).expect("claimed");
    let wait = json!({"command": "wait", "reason": "FLOUR", "until": "2026-11-23T12:30:00Z"});
    desk.does(&ann, 1, &wait).expect("waits");
    desk.decides(&ann, 2, &give_away()).expect("asked for");
    assert_eq!(desk.tells(30), ["wait_ended"]);
    assert_eq!(desk.standing.cell.status, Status::PendingApproval);
    assert_eq!(
        desk.does(&sue, 31, &json!({"command": "refuse", "reason": "sell it"})),
        Ok(vec!["approval_refused"])
    );
    assert_eq!(desk.standing.cell.status, Status::InProgress, "not waiting any more");
}

#[test]
fn days_of_a_snooze_are_counted_where_it_is_worked() {
    let (ann, ..) = people();
    // Up to five days need nobody. 23:30 UTC on Tuesday is Wednesday in Berlin, and Monday is five days ahead there; at 22:00 UTC it is six.
    for (minutes, asks) in [(35 * 60 + 30, false), (34 * 60, true)] {
        let mut desk = Desk::of(bread(50.0));
        let snooze = json!({"command": "snooze", "until": "2026-11-30", "reason": "holidays"});
        let decision = desk.decides(&ann, minutes, &snooze).expect("decided");
        assert_eq!(decision.asked.is_some(), asks, "{minutes}");
    }
}

/// Costly bread whose source says that it is gone.
fn reported() -> Desk {
    let mut desk = Desk::of(bread(5000.0));
    let rule = required(&PACK, &desk.standing, Act::Resolve("AUTO_CLEARED"), Maker::Source).expect("reserved for two");
    let pending = Pending::new(&desk.standing, Asked::Report(Report::Cleared), rule, "source:Oven".into(), noon());
    desk.standing.work.pending = Some(pending);
    desk.standing.version += 1;
    desk
}

#[test]
fn what_a_source_reports_waits_while_work_goes_on() {
    let (ann, sue, al, _) = people();
    let mut desk = reported();
    assert_eq!(desk.does(&ann, 1, &json!({"command": "claim"})), Ok(vec!["claimed"]));
    let wait = json!({"command": "wait", "reason": "FLOUR", "until": "2026-11-23T12:30:00Z"});
    assert_eq!(desk.does(&ann, 2, &wait), Ok(vec!["waiting"]));
    assert!(desk.tells(30).contains(&"wait_ended"));
    assert_eq!(desk.standing.cell.status, Status::InProgress);
    let weak = desk.does(&sue, 31, &json!({"command": "grant"}));
    assert!(matches!(weak, Err(Refused::RoleTooWeak { .. })), "{weak:?}");
    assert_eq!(
        desk.does(&al, 31, &json!({"command": "grant"})),
        Ok(vec!["approval_granted", "resolved"])
    );
    assert_eq!(desk.standing.resolution.as_deref(), Some("AUTO_CLEARED"));
}

#[test]
fn refusing_a_report_leaves_the_exception_and_deciding_otherwise_voids_it() {
    let (ann, _, al, _) = people();
    let mut desk = reported();
    let refused = desk
        .decides(&al, 1, &json!({"command": "refuse", "reason": "look at it"}))
        .expect("refused");
    assert!(matches!(refused.settled, Some((_, Settled::Refused))));
    assert_eq!(desk.standing.cell.status, Status::Open);
    // A request of a member takes the place of the report.
    let mut desk = reported();
    let decision = desk.decides(&ann, 1, &give_away()).expect("asked for");
    let kinds: Vec<_> = decision.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["approval_voided", "approval_requested"]);
    assert_ne!(decision.asked.expect("a request").id, decision.settled.expect("voided").0.id);
}

#[test]
fn an_amount_that_was_revised_down_is_still_approved_by_its_highest() {
    let (ann, ..) = people();
    let mut desk = Desk::of(bread(5000.0));
    desk.standing.exposure = desk.standing.exposure.revised(&bread(1.0).exposure);
    let asked = desk.decides(&ann, 0, &resolve()).expect("decided").asked.expect("a request");
    assert_eq!((asked.label.as_str(), asked.exposure), ("Costly bread", Some(5000.into())));
}
