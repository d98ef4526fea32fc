//! What commands and the clock do to an exception of the bakery: cases one by one here, laws over random sequences in `laws`.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::{
    exception::{Arrival, OnConflict, Received, Sender},
    intake::RawException,
    pack::Pack,
    role::Role,
    standing::Standing,
    status::Status,
    triage,
};

mod laws;
mod requests;
mod small;

pub static PACK: LazyLock<Arc<Pack>> =
    LazyLock::new(|| Arc::new(Pack::parse(include_str!("../../testdata/bakery.json")).expect("a whole pack")));

/// Monday 23 November 2026, noon UTC: 13:00 in Berlin, the shop is open until 15:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200, 0).expect("valid")
}

pub fn actor(name: &str, role: Role) -> Actor {
    Actor {
        name: format!("member:{name}"),
        role,
    }
}

/// An exception that arrives at noon.
pub fn arrived(exception_type: &str, payload: &Value) -> Standing {
    let object = json!({"exceptionId": "x", "sourceSystem": "Oven", "exceptionType": exception_type, "rawPayload": payload});
    let raw = RawException::parse(&to_raw_value(&object).expect("valid")).expect("well-formed");
    let triaged = triage::triage(&raw, &PACK, noon()).expect("accepted");
    let arrival = Arrival {
        at: noon(),
        sender: Sender::Member("member:oven".into()),
        on_conflict: OnConflict::Refuse,
    };
    let received = Received::new("x".parse().expect("an id"), raw, triaged, &PACK, arrival);
    Standing::new(&received)
}

/// Burnt bread worth so much: MEDIUM and eight hours up to 100, HIGH above, CRITICAL and two hours above 1,000.
pub fn bread(loss: f64) -> Standing {
    arrived(
        "BURNT_BREAD",
        &json!({"oven": "O-1", "loss": loss, "currency": "EUR", "kind": "WHEAT"}),
    )
}

/// An exception that is worked, step by step.
pub struct Desk {
    pub standing: Standing,
    last_event_at: Option<DateTime<Utc>>,
}

impl Desk {
    pub fn of(standing: Standing) -> Self {
        Self {
            standing,
            last_event_at: None,
        }
    }

    pub fn case(&self) -> Case<'_> {
        Case {
            standing: self.standing.clone(),
            pack: &PACK,
            parent_is_part: Some(false),
            has_parts: false,
            last_event_at: self.last_event_at,
        }
    }

    /// Carries out a command `minutes` after noon; kinds of the events.
    pub fn does(&mut self, by: &Actor, minutes: i64, command: &Value) -> Result<Vec<&'static str>, Refused> {
        let decision = self.decides(by, minutes, command)?;
        Ok(decision.events.iter().map(|event| event.kind.as_str()).collect())
    }

    pub fn decides(&mut self, by: &Actor, minutes: i64, command: &Value) -> Result<Decision, Refused> {
        let command = serde_json::from_value(command.clone()).expect("a command");
        let decision = decide(&self.case(), &command, by, noon() + TimeDelta::minutes(minutes))?;
        self.becomes(&decision);
        Ok(decision)
    }

    fn becomes(&mut self, decision: &Decision) {
        for event in &decision.events {
            assert!(self.last_event_at <= Some(event.at), "{} goes back", event.kind.as_str());
            self.last_event_at = Some(event.at);
        }
        self.standing = decision.now.clone();
    }

    /// What the clock tells `minutes` after noon.
    pub fn tells(&mut self, minutes: i64) -> Vec<&'static str> {
        let Some(decision) = tick(&self.case(), noon() + TimeDelta::minutes(minutes)) else {
            return Vec::new();
        };
        self.becomes(&decision);
        decision.events.iter().map(|event| event.kind.as_str()).collect()
    }
}

pub fn resolve() -> Value {
    json!({"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "TIMER"})
}

#[test]
fn a_clock_that_is_behind_tells_nothing_again() {
    let ann = actor("ann", Role::Operator);
    for behind in [1, 2, 600] {
        let mut desk = Desk::of(bread(50.0));
        assert_eq!(desk.tells(24 * 60), ["respond_breached", "breach_imminent", "breached"]);
        let minutes = 24 * 60 - behind;
        assert_eq!(desk.does(&ann, minutes, &json!({"command": "claim"})), Ok(vec!["claimed"]));
        let severe = json!({"command": "changeSeverity", "severity": "HIGH", "reason": "the mayor's"});
        desk.does(&ann, minutes, &severe).expect("changed");
        assert_eq!(desk.tells(24 * 60 + 1), [""; 0]);
        assert_eq!(desk.standing.work.escalation, 1);
    }
}

#[test]
fn the_clock_tells_each_thing_once_and_in_order() {
    let ann = actor("ann", Role::Operator);
    // Due after eight hours of work: three today, five tomorrow, at 12:00 UTC.
    let mut desk = Desk::of(bread(50.0));
    assert_eq!(desk.tells(59), [""; 0]);
    assert_eq!(desk.tells(60), ["respond_breached"]);
    assert_eq!(desk.tells(60), [""; 0]);
    assert_eq!(desk.tells(23 * 60), ["breach_imminent"]);
    assert_eq!(desk.tells(24 * 60), ["breached"]);
    assert_eq!((desk.standing.work.escalation, desk.standing.cell.queue.as_str()), (1, "owner"));
    assert_eq!(desk.standing.alarm_at, None);
    // Told late, all of it is told.
    let mut late = Desk::of(bread(50.0));
    assert_eq!(late.tells(48 * 60), ["respond_breached", "breach_imminent", "breached"]);
    // Before a command, too.
    let mut worked = Desk::of(bread(50.0));
    assert_eq!(
        worked.does(&ann, 48 * 60, &json!({"command": "claim"})),
        Ok(vec!["respond_breached", "breach_imminent", "breached", "claimed"])
    );
    let mut claimed = Desk::of(bread(50.0));
    claimed.does(&ann, 1, &json!({"command": "claim"})).expect("claimed");
    assert_eq!(claimed.tells(48 * 60), ["breach_imminent", "breached"]);
    assert_eq!(claimed.standing.cell.queue, "bakers", "who has it keeps it");
}

#[test]
fn alarms_are_of_whole_microseconds() {
    let mut standing = bread(5000.0);
    standing.created_at += TimeDelta::microseconds(3);
    standing.set_deadlines(&PACK);
    let imminent = alarm::imminent_at(&standing);
    assert_eq!(imminent.timestamp_subsec_nanos() % 1000, 0, "{imminent}");
}

#[test]
fn the_end_of_a_wait_lets_the_clock_run_on_from_there() {
    let ann = actor("ann", Role::Operator);
    let mut desk = Desk::of(bread(50.0));
    desk.does(&ann, 0, &json!({"command": "claim"})).expect("claimed");
    let due = desk.standing.due_at;
    let wait = json!({"command": "wait", "reason": "FLOUR", "until": "2026-11-23T14:00:00.123456789Z"});
    assert_eq!(desk.does(&ann, 60, &wait), Ok(vec!["waiting"]));
    assert_eq!(
        desk.standing.due_at - due,
        TimeDelta::microseconds(3_600_123_456),
        "cut to microseconds"
    );
    assert_eq!(desk.does(&ann, 90, &json!({"command": "resume"})), Ok(vec!["resumed"]));
    assert_eq!(desk.standing.due_at - due, TimeDelta::minutes(30));
    // The oven's maker does not stop the clock.
    let wait = json!({"command": "wait", "reason": "OVEN_MAKER", "until": "2026-11-23T14:00:00Z"});
    assert_eq!(desk.does(&ann, 100, &wait), Ok(vec!["waiting"]));
    assert_eq!(desk.standing.due_at - due, TimeDelta::minutes(30));
    assert_eq!(desk.tells(119), [""; 0]);
    assert_eq!(desk.tells(120), ["wait_ended"]);
    assert_eq!(desk.standing.cell.status, Status::InProgress);
    assert_eq!(desk.standing.due_at - due, TimeDelta::minutes(30));
}

#[test]
fn a_severity_that_makes_it_late_is_a_breach_at_once() {
    let ann = actor("ann", Role::Operator);
    let mut desk = Desk::of(bread(50.0));
    let raise = json!({"command": "changeSeverity", "severity": "CRITICAL", "reason": "the mayor eats here"});
    assert_eq!(
        desk.does(&ann, 150, &raise),
        Ok(vec!["respond_breached", "severity_changed", "breached"])
    );
    assert_eq!(desk.standing.work.escalation, 1);
}

#[test]
fn nobody_leads_who_may_not() {
    let (ann, bob, sue) = (
        actor("ann", Role::Operator),
        actor("bob", Role::Operator),
        actor("sue", Role::Supervisor),
    );
    let mut desk = Desk::of(bread(50.0));
    let move_it = json!({"command": "move", "queue": "owner", "reason": "his"});
    let weak = Err(Refused::RoleTooWeak {
        needed: Role::Supervisor,
        has: Role::Operator,
    });
    assert_eq!(desk.does(&ann, 0, &move_it), weak);
    desk.does(&ann, 0, &json!({"command": "claim"})).expect("claimed");
    let taken = desk.does(&bob, 1, &json!({"command": "claim"}));
    assert!(matches!(&taken, Err(Refused::Owned { owner }) if owner == "ann"), "{taken:?}");
    assert_eq!(desk.does(&sue, 2, &move_it), Ok(vec!["moved"]));
    assert_eq!(
        desk.does(&bob, 3, &json!({"command": "handBack", "reason": "ours"})),
        Ok(vec!["handed_back"])
    );
    assert_eq!(desk.standing.cell.queue, "bakers");
}

#[test]
fn the_machine_allows_what_its_table_says_and_refuses_the_rest_with_it() {
    for status in Status::ALL {
        let mut desk = Desk::of(bread(50.0));
        desk.standing.cell.status = status;
        for verb in laws::VERBS {
            let command = laws::plain(verb);
            let refused = decide(&desk.case(), &command, &actor("sue", Role::Supervisor), noon()).err();
            let not_now = matches!(refused, Some(Refused::NotNow { .. }));
            assert_eq!(not_now, !allowed(status, None).contains(&verb), "{status} {verb} {refused:?}");
            if let Some(Refused::NotNow {
                status: told,
                allowed: verbs,
            }) = refused
            {
                assert_eq!((told, verbs), (status, allowed(status, None)));
            }
        }
    }
}
