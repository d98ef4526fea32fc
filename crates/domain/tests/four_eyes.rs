//! No sequence of commands and arrivals by one member closes, or makes less severe, what the pack reserves for two.
//!
//! A source system sends costly bread, repetitions of it and revisions up to it, and now and then says that it is gone or less. One member
//! of any role does whatever can be done meanwhile: commands, new exceptions under any id, clearings, revisions, replays of clearings.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    exception::{Arrival, OnConflict, Received, Sender},
    intake::{Content, RawException, State},
    pack::Pack,
    reception::{Arriving, Clearing, Known, NotAllowed, Reception, Refusal},
    role::Role,
    severity::Severity,
    standing::{FOLDED, Standing},
    status::Status,
    triage::{clears, triage},
    work::{Actor, Case, Command, Decision, Settled, decide, tick},
};
use proptest::prelude::*;
use serde_json::{Value, json, value::to_raw_value};

/// How the bakery treats repetitions.
static PACKS: LazyLock<[Arc<Pack>; 3]> = LazyLock::new(|| {
    [
        json!({"whileOpen": "link", "whenResolved": "link"}),
        json!({"whileOpen": "fold", "whenResolved": "reopen"}),
        json!({"whileOpen": "fold", "whenResolved": "link"}),
    ]
    .map(|recurrence| {
        let mut document: Value = serde_json::from_str(include_str!("../testdata/bakery.json")).expect("valid");
        document["exceptionTypes"]["BURNT_BREAD"]["recurrence"] = recurrence;
        Arc::new(Pack::parse(&document.to_string()).expect("a whole pack"))
    })
});

const MEMBER: &str = "member:mo";
const SOURCE: &str = "Oven";
/// At stake in what is reserved: an admin must agree to whatever closes it.
const COSTLY: f64 = 5000.0;

#[derive(Debug, Clone)]
enum Step {
    Command {
        id: usize,
        command: Value,
    },
    /// The member sends, with a key of a role.
    Sends(Value, OnConflict),
    /// The member replays what the source once sent.
    Replays(Value),
    /// The source sends.
    Source(Value, OnConflict),
    Later(i64),
}

fn object(id: &str, loss: Option<f64>, kind: &str, oven: &str, source: &str) -> Value {
    json!({"exceptionId": id, "sourceSystem": source, "exceptionType": "BURNT_BREAD", "timestamp": "2026-11-22T08:00:00Z",
        "rawPayload": {"oven": oven, "loss": loss, "currency": "EUR", "kind": kind}})
}

fn clearing() -> impl Strategy<Value = Value> {
    let by_id = (id(), source()).prop_map(|(id, source)| json!({"state": "cleared", "sourceSystem": source, "exceptionId": id}));
    let by_fingerprint = source().prop_map(|source| {
        json!({"state": "cleared", "sourceSystem": source, "exceptionType": "BURNT_BREAD", "rawPayload": {"oven": "O-1", "kind": "WHEAT"}})
    });
    prop_oneof![by_id, by_fingerprint]
}

fn id() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "d"])
}

fn source() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![SOURCE, SOURCE, "Till"])
}

fn on_conflict() -> impl Strategy<Value = OnConflict> {
    prop::sample::select(vec![OnConflict::Refuse, OnConflict::Revise])
}

fn anything() -> impl Strategy<Value = Value> {
    let loss = prop::sample::select(vec![Some(1.0), Some(50.0), Some(500.0), Some(5000.into()), None]);
    let kind = prop::sample::select(vec!["WHEAT", "WHEAT", "RYE"]);
    let bread = (id(), loss, kind, source()).prop_map(|(id, loss, kind, source)| object(id, loss, kind, "O-1", source));
    let milk = (id(), source()).prop_map(
        |(id, source)| json!({"exceptionId": id, "sourceSystem": source, "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": "F"}}),
    );
    prop_oneof![4 => bread, 1 => milk, 2 => clearing()]
}

fn command() -> impl Strategy<Value = Value> {
    let verbs = vec![
        "claim", "start", "release", "handBack", "resume", "escalate", "comment", "wake", "grant", "refuse", "withdraw", "unlink",
    ];
    let plain = prop::sample::select(verbs).prop_map(|verb| json!({"command": verb, "reason": "so", "text": "hm"}));
    let resolve = prop::sample::select(vec!["THROWN_AWAY", "GIVEN_AWAY"])
        .prop_map(|code| json!({"command": "resolve", "resolution": code, "rootCause": "TIMER"}));
    let resolve_milk = Just(json!({"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "HEAT"}));
    let severity = prop::sample::select(Severity::ALL.to_vec())
        .prop_map(|severity| json!({"command": "changeSeverity", "severity": severity, "reason": "so"}));
    let others = prop::sample::select(vec![
        json!({"command": "move", "queue": "owner", "reason": "so"}),
        json!({"command": "assign", "owner": "bo"}),
        json!({"command": "assign", "owner": "mo"}),
        json!({"command": "link", "parent": "z"}),
        json!({"command": "reopen", "reason": "so"}),
        json!({"command": "wait", "reason": "FLOUR", "until": "2026-11-24T12:00:00Z"}),
        json!({"command": "snooze", "until": "2026-12-10", "reason": "so"}),
    ]);
    prop_oneof![4 => plain, 4 => resolve, 1 => resolve_milk, 2 => severity, 2 => others, 3 => Just(json!({"command": "grant"}))]
}

fn honest() -> impl Strategy<Value = Value> {
    let loss = prop::sample::select(vec![50.0, COSTLY, COSTLY]);
    let bread = (id(), loss).prop_map(|(id, loss)| object(id, Some(loss), "WHEAT", "O-1", SOURCE));
    prop_oneof![3 => bread, 1 => clearing()]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_usize..4, command()).prop_map(|(id, command)| Step::Command { id, command }),
        3 => (anything(), on_conflict()).prop_map(|(object, on_conflict)| Step::Sends(object, on_conflict)),
        1 => clearing().prop_map(Step::Replays),
        3 => (honest(), on_conflict()).prop_map(|(object, on_conflict)| Step::Source(object, on_conflict)),
        1 => (1_i64..3000).prop_map(Step::Later),
    ]
}

/// An exception, with what the law says about it.
struct Bread {
    now: Standing,
    content: Content,
    recurrence_of: Option<String>,
    /// The source sent it, costly: nobody closes it alone.
    is_reserved: bool,
}

struct World {
    pack: Arc<Pack>,
    at: DateTime<Utc>,
    member: Actor,
    all: Vec<Bread>,
}

impl World {
    fn new(pack: &Arc<Pack>, role: Role) -> Self {
        Self {
            pack: Arc::clone(pack),
            at: DateTime::from_timestamp(1_795_435_200, 0).expect("valid"),
            member: Actor { name: MEMBER.into(), role },
            all: Vec::new(),
        }
    }

    fn does(&mut self, step: &Step) {
        self.at += TimeDelta::seconds(1);
        match step {
            Step::Later(minutes) => self.at += TimeDelta::minutes(*minutes),
            Step::Command { id, command } => self.commands(["a", "b", "c", "d"][*id], command),
            Step::Sends(object, on_conflict) => self.receives(object, Sender::Member(MEMBER.into()), *on_conflict),
            Step::Replays(object) => {
                let (by, sources) = (MEMBER.into(), [SOURCE.to_owned()].into());
                self.receives(object, Sender::Replay { by, sources }, OnConflict::Refuse);
            }
            Step::Source(object, on_conflict) => self.receives(object, Sender::Source([SOURCE.to_owned()].into()), *on_conflict),
        }
        for place in 0..self.all.len() {
            if let Some(decision) = tick(&case(&self.all[place].now, &self.pack), self.at) {
                self.decided(place, decision, "the clock");
            }
        }
        self.what_is_reserved_is_open_or_stood_for();
    }

    fn commands(&mut self, id: &str, command: &Value) {
        let Some(place) = self.all.iter().position(|bread| bread.now.exception_id == id) else {
            return;
        };
        let command: Command = serde_json::from_value(command.clone()).expect("a command");
        if let Ok(decision) = decide(&case(&self.all[place].now, &self.pack), &command, &self.member, self.at) {
            self.decided(place, decision, MEMBER);
        }
    }

    /// Closing and lowering what is reserved takes a request that somebody else made.
    fn decided(&mut self, place: usize, decision: Decision, by: &str) {
        let bread = &mut self.all[place];
        let by_two = matches!(&decision.settled, Some((pending, Settled::Granted)) if pending.by != by);
        let (before, now) = (&bread.now.cell, &decision.now.cell);
        if bread.is_reserved && before.status != Status::Resolved && now.status == Status::Resolved {
            assert!(by_two, "closed by {by} alone: {:?}", decision.events);
            // Two have looked; what comes later is another matter.
            bread.is_reserved = false;
        }
        assert!(
            now.severity >= before.severity || by_two,
            "lowered by {by} alone: {:?}",
            decision.events
        );
        bread.now = decision.now;
    }

    fn receives(&mut self, object: &Value, sender: Sender, on_conflict: OnConflict) {
        let raw = RawException::parse(&to_raw_value(object).expect("valid")).expect("well-formed");
        let is_costly = sender.is_source() && object["rawPayload"]["loss"] == json!(COSTLY);
        let (at, cleared) = (self.at, raw.state == State::Cleared);
        let is_member = matches!(sender, Sender::Member(_));
        let arrival = Arrival { at, sender, on_conflict };
        let arriving = if cleared {
            let by = clears(&raw, &self.pack).expect("a meaning");
            let pack = Arc::clone(&self.pack);
            Arriving::Clearing(Box::new(Clearing { by, raw, pack, arrival }))
        } else {
            let triaged = triage(&raw, &self.pack, at).expect("accepted");
            let id = raw.exception_id.clone().expect("an id");
            Arriving::Exception(Box::new(Received::new(id, raw, triaged, &self.pack, arrival)))
        };
        let known = self.all.iter().map(|bread| Known {
            standing: bread.now.clone(),
            content: Some(bread.content.clone()),
            last_event_at: None,
        });
        let mut reception = Reception::new(known);
        let taken = reception.take(&arriving);
        if cleared && is_member {
            assert!(
                matches!(taken, Err(Refusal::SourceNotAllowed(NotAllowed::Change { .. }))),
                "{taken:?}"
            );
        }
        for entry in reception.outcome() {
            let known = self.all.iter_mut().find(|bread| bread.now.exception_id == entry.now.exception_id);
            match known {
                Some(bread) => {
                    let (before, now) = (&bread.now.cell, &entry.now.cell);
                    let closes = before.status != Status::Resolved && now.status == Status::Resolved;
                    assert!(!closes || !bread.is_reserved, "closed by an arrival: {arriving:?}");
                    assert!(now.severity >= before.severity, "lowered by an arrival: {arriving:?}");
                    assert!(!is_member || !closes, "closed by a member's arrival: {arriving:?}");
                    bread.now = entry.now.clone();
                    if let Some(received) = entry.latest {
                        bread.content = received.raw.content.clone();
                        bread.is_reserved |= is_costly && now_open(&bread.now);
                    }
                }
                None => self.all.push(Bread {
                    now: entry.now.clone(),
                    content: entry.latest.expect("new").raw.content.clone(),
                    recurrence_of: entry.recurrence_of.clone(),
                    is_reserved: is_costly,
                }),
            }
        }
        if is_costly && taken.is_ok() {
            let id = object["exceptionId"].as_str().expect("an id");
            let bread = self.all.iter().find(|bread| bread.now.exception_id == id).expect("stored");
            let stood_for = bread
                .recurrence_of
                .clone()
                .filter(|_| bread.now.resolution.as_deref() == Some(FOLDED));
            if let Some(whole) = stood_for.and_then(|of| self.all.iter_mut().find(|bread| bread.now.exception_id == of)) {
                whole.is_reserved |= now_open(&whole.now);
            }
        }
    }

    fn what_is_reserved_is_open_or_stood_for(&self) {
        for bread in self.all.iter().filter(|bread| bread.is_reserved) {
            if bread.now.resolution.as_deref() == Some(FOLDED) {
                let of = self
                    .all
                    .iter()
                    .find(|other| Some(&other.now.exception_id) == bread.recurrence_of.as_ref());
                let whole = &of.expect("stored").now;
                assert!(
                    whole.exposure.minor.is_none() || whole.exposure.highest() >= Some(5000.into()),
                    "{whole:?}"
                );
            } else {
                assert!(now_open(&bread.now), "{:?}", bread.now);
                assert!(bread.now.exposure.highest() >= Some(5000.into()), "{:?}", bread.now);
            }
        }
    }
}

fn now_open(now: &Standing) -> bool {
    now.cell.status != Status::Resolved
}

fn case<'c>(now: &Standing, pack: &'c Pack) -> Case<'c> {
    Case {
        standing: now.clone(),
        pack,
        parent_is_part: Some(false),
        has_parts: false,
        last_event_at: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_by_one_member_closes_what_the_pack_reserves_for_two(
        pack in 0_usize..3,
        role in prop::sample::select(vec![Role::Operator, Role::Supervisor, Role::Admin]),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut world = World::new(&PACKS[pack], role);
        for step in &steps {
            world.does(step);
        }
    }
}
