//! Laws that hold whatever is done, by whom and when: random sequences of commands and of the clock.

use std::collections::BTreeSet;

use chrono::{NaiveDate, SubsecRound};
use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::{severity::Severity, standing::Work};

pub const VERBS: [&str; 22] = [
    "claim",
    "start",
    "assign",
    "release",
    "handBack",
    "wait",
    "resume",
    "escalate",
    "changeSeverity",
    "move",
    "comment",
    "completeStep",
    "skipStep",
    "resolve",
    "reopen",
    "link",
    "unlink",
    "snooze",
    "wake",
    "grant",
    "refuse",
    "withdraw",
];

/// A command that is well-formed, whether it is allowed or not.
pub fn plain(verb: &str) -> Command {
    let members = json!({
        "command": verb, "owner": "bob", "reason": if verb == "wait" { "FLOUR" } else { "so" }, "note": null, "text": "hm",
        "until": if verb == "snooze" { "2026-11-24" } else { "2026-11-23T13:00:00Z" }, "severity": "HIGH", "queue": "owner", "step": "open",
        "resolution": "THROWN_AWAY", "rootCause": "TIMER", "parent": "y",
    });
    serde_json::from_value(members).expect("a command")
}

/// A step of a sequence: so many minutes later somebody does something. Times of the command are relative to that.
#[derive(Debug, Clone)]
struct Step {
    who: usize,
    later: i64,
    ahead: i64,
    command: Command,
}

fn people() -> [Actor; 5] {
    [
        actor("ann", Role::Operator),
        actor("bob", Role::Operator),
        actor("sue", Role::Supervisor),
        actor("al", Role::Admin),
        actor("eve", Role::Admin),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let queue = prop::sample::select(vec!["bakers", "owner"]);
    let wait = prop::sample::select(vec!["FLOUR", "OVEN_MAKER"]);
    let resolution = prop::sample::select(vec!["THROWN_AWAY", "GIVEN_AWAY"]);
    let cause = prop::sample::select(vec!["TIMER", "HEAT"]);
    prop_oneof![
        6 => prop::sample::select(VERBS.to_vec()).prop_map(plain),
        1 => prop::sample::select(vec!["ann", "bob", "sue"]).prop_map(|owner| Command::Assign { owner: owner.into() }),
        2 => severity.prop_map(|severity| Command::ChangeSeverity { severity, reason: "so".into() }),
        1 => queue.prop_map(|queue| Command::Move { queue: queue.into(), reason: "so".into() }),
        3 => wait.prop_map(|reason| Command::Wait { reason: reason.into(), until: noon(), note: None }),
        3 => (resolution, cause).prop_map(|(resolution, cause)| Command::Resolve {
            resolution: resolution.into(),
            root_cause: cause.into(),
            note: None,
        }),
        1 => Just(Command::Snooze { until: noon().date_naive(), reason: "so".into() }),
        2 => Just(Command::Grant { note: None }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let later = prop_oneof![3 => 0_i64..30, 2 => 30_i64..600, 1 => 600_i64..8000];
    (0_usize..5, later, 1_i64..3000, command()).prop_map(|(who, later, ahead, command)| Step {
        who,
        later,
        ahead,
        command,
    })
}

fn exception() -> impl Strategy<Value = Standing> {
    prop_oneof![
        2 => prop::sample::select(vec![50.0, 500.0, 5000.0]).prop_map(bread),
        1 => Just(()).prop_map(|()| arrived("SOUR_MILK", &json!({"fridge": "F"}))),
        1 => Just(()).prop_map(|()| arrived("BURNT_BREAD", &json!({"oven": "O-1"}))),
    ]
}

/// The command with its times from a moment on, finer than the database keeps them.
fn timed(step: &Step, at: DateTime<Utc>) -> Command {
    match step.command.clone() {
        Command::Wait { reason, note, .. } => Command::Wait {
            reason,
            until: at + TimeDelta::minutes(step.ahead) + TimeDelta::nanoseconds(step.ahead),
            note,
        },
        Command::Snooze { reason, .. } => Command::Snooze {
            until: (at + TimeDelta::days(step.ahead % 14)).date_naive(),
            reason,
        },
        other => other,
    }
}

/// A desk that holds the laws after each decision.
struct World {
    desk: Desk,
    /// Requests nobody has decided, as the database would list them.
    open_requests: BTreeSet<String>,
}

impl World {
    fn of(exception: Standing) -> Self {
        Self {
            desk: Desk::of(exception),
            open_requests: BTreeSet::new(),
        }
    }

    fn does(&mut self, by: &Actor, at: DateTime<Utc>, command: &Command) -> Result<(), Refused> {
        let current = tick(&self.desk.case(), at).map_or_else(|| self.desk.standing.clone(), |told| told.now);
        let decision = decide(&self.desk.case(), command, by, at);
        if !allowed(current.cell.status, current.work.pending.as_ref()).contains(&command.verb()) {
            assert!(
                matches!(decision, Err(Refused::NotNow { .. })),
                "{command:?} in {}",
                current.cell.status
            );
        }
        let decision = decision?;
        leaves_resolved_by_reopening(&current, command, &decision);
        second_person_decides(by, &current, command, &decision);
        self.hold(decision, at);
        Ok(())
    }

    fn tells(&mut self, at: DateTime<Utc>) {
        if let Some(decision) = tick(&self.desk.case(), at) {
            self.hold(decision, at);
            assert_eq!(
                tick(&self.desk.case(), at).map(|again| again.events),
                None,
                "the clock tells nothing twice"
            );
        }
    }

    fn hold(&mut self, decision: Decision, at: DateTime<Utc>) {
        assert_eq!(decision.before, self.desk.standing);
        version_counts_changes(&decision);
        events_lead_from_before_to_now(&decision);
        standing_is_sound(&decision.now, at);
        if let Some(asked) = &decision.asked {
            assert!(self.open_requests.insert(asked.id.clone()), "{} again", asked.id);
        }
        if let Some((settled, _)) = &decision.settled {
            assert!(self.open_requests.remove(&settled.id), "{} is not open", settled.id);
        }
        let pending: BTreeSet<String> = decision.now.work.pending.iter().map(|pending| pending.id.clone()).collect();
        assert_eq!(self.open_requests, pending, "no request is lost");
        self.desk.standing = decision.now;
    }

    /// However it stands, two people can end it.
    fn ends(&mut self, mut at: DateTime<Utc>) {
        let [_, _, _, al, eve] = people();
        let cause = if self.desk.standing.cell.exception_type == "SOUR_MILK" {
            "HEAT"
        } else {
            "TIMER"
        };
        let resolve = json!({"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": cause});
        let resolve = serde_json::from_value(resolve).expect("a command");
        for _ in 0..4 {
            at += TimeDelta::seconds(1);
            self.tells(at);
            let asked_by_al = self
                .desk
                .standing
                .work
                .pending
                .as_ref()
                .is_some_and(|pending| pending.by == al.name);
            let second = if asked_by_al { &eve } else { &al };
            let done = match self.desk.standing.cell.status {
                Status::Resolved => return,
                Status::PendingApproval => self.does(second, at, &Command::Grant { note: None }),
                _ => self.does(&al, at, &resolve),
            };
            assert_eq!(done, Ok(()));
        }
        panic!("not resolved: {:?}", self.desk.standing);
    }
}

fn leaves_resolved_by_reopening(current: &Standing, command: &Command, decision: &Decision) {
    if current.cell.status == Status::Resolved && decision.now.cell.status != Status::Resolved {
        assert!(matches!(command, Command::Reopen { .. }), "{command:?}");
    }
}

fn second_person_decides(by: &Actor, current: &Standing, command: &Command, decision: &Decision) {
    if let Some((pending, Settled::Granted | Settled::Refused)) = &decision.settled {
        assert_ne!(pending.by, by.name, "{command:?}");
        assert!(by.role >= pending.approver, "{command:?}");
    }
    let changes = match &current.work.pending {
        Some(pending) if pending.report().is_some() => matches!(command, Command::Resolve { .. } | Command::ChangeSeverity { .. }),
        Some(_) => matches!(command, Command::Assign { .. } | Command::Escalate { .. } | Command::Move { .. }),
        None => false,
    };
    if changes {
        assert!(matches!(&decision.settled, Some((_, Settled::Void))), "{command:?}");
    }
}

fn version_counts_changes(decision: &Decision) {
    let as_before = Standing {
        version: decision.before.version,
        ..decision.now.clone()
    };
    let changed = i64::from(as_before != decision.before);
    assert_eq!(decision.now.version, decision.before.version + changed, "{:?}", decision.events);
}

/// Each event that tells a change tells it from where the one before left off.
fn events_lead_from_before_to_now(decision: &Decision) {
    let mut told = decision.before.told();
    for event in &decision.events {
        let data: Value = serde_json::from_str(&event.data).expect("JSON");
        let (Some(before), Some(after)) = (data["before"].as_object(), data["after"].as_object()) else {
            continue;
        };
        assert_ne!(before, after, "{}", event.kind);
        // Of lists and steps only what differs.
        for (name, value) in before.iter().filter(|(name, _)| !matches!(name.as_str(), "pauses" | "steps")) {
            assert_eq!(told.get(name).unwrap_or(&Value::Null), value, "{} before {}", name, event.kind);
        }
        for (name, value) in after {
            let now = crate::replay::changed(told.remove(name), before.get(name), value.clone());
            told.insert(name.clone(), now);
        }
    }
    let said = |told: Map<String, Value>| told.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>();
    assert_eq!(said(told), said(decision.now.told()));
}

fn standing_is_sound(now: &Standing, at: DateTime<Utc>) {
    let deadlines = now.deadlines(&PACK).expect("a type of the pack");
    assert_eq!(
        (now.respond_due_at, now.due_at),
        (deadlines.respond_due_at, deadlines.due_at),
        "{now:?}"
    );
    assert!(now.alarm_at.is_none_or(|alarm| alarm > at), "{now:?}");
    let work = &now.work;
    let asks = work.pending.as_ref().is_some_and(|pending| pending.report().is_none());
    assert_eq!(asks, now.cell.status == Status::PendingApproval, "{now:?}");
    assert!(now.cell.status != Status::Waiting || work.waiting.is_some(), "{now:?}");
    assert_eq!(now.resolved_at.is_some(), now.cell.status == Status::Resolved);
    if now.cell.status == Status::Resolved {
        assert!(
            now.alarm_at.is_none() && work.waiting.is_none() && work.snoozed_until.is_none(),
            "{now:?}"
        );
    }
    // What is read back is what was decided: the database keeps microseconds, and work as JSON.
    let times = [Some(now.respond_due_at), Some(now.due_at), now.resolved_at, now.alarm_at];
    assert!(times.into_iter().flatten().all(|time| time.trunc_subsecs(6) == time), "{times:?}");
    let kept: Work = serde_json::from_str(&serde_json::to_string(work).expect("JSON")).expect("work");
    let (owner, parent) = (work.owner.clone(), work.parent.clone());
    assert_eq!(Work { owner, parent, ..kept }, *work);
}

/// Texts that nobody should send.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("x".repeat(100_000)),
        Just("\0".to_owned()),
        Just("  ".to_owned()),
        Just("ä".repeat(10_000))
    ]
}

/// Any time there is.
fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    let (first, last) = (DateTime::<Utc>::MIN_UTC.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
    let far = prop::sample::select(vec![first, last, 253_402_300_799, 0, noon().timestamp()]);
    prop_oneof![first..=last, far].prop_map(|seconds| DateTime::from_timestamp(seconds, 0).expect("within the range"))
}

fn any_date() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![
        any_time().prop_map(|time| time.date_naive()),
        Just(NaiveDate::MAX),
        Just(NaiveDate::MIN)
    ]
}

fn hostile_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        (hostile(), any_time()).prop_map(|(reason, until)| Command::Wait { reason, until, note: None }),
        (hostile(), any_time()).prop_map(|(note, until)| Command::Wait {
            reason: "FLOUR".into(),
            until,
            note: Some(note)
        }),
        (hostile(), any_date()).prop_map(|(reason, until)| Command::Snooze { until, reason }),
        hostile().prop_map(|owner| Command::Assign { owner }),
        hostile().prop_map(|parent| Command::Link { parent }),
        hostile().prop_map(|text| Command::Comment { text }),
        (hostile(), hostile()).prop_map(|(queue, reason)| Command::Move { queue, reason }),
        (hostile(), hostile()).prop_map(|(step, reason)| Command::SkipStep { step, reason }),
        (hostile(), hostile()).prop_map(|(step, note)| Command::CompleteStep { step, note: Some(note) }),
        (hostile(), hostile(), hostile()).prop_map(|(resolution, root_cause, note)| Command::Resolve {
            resolution,
            root_cause,
            note: Some(note),
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_laws_of_work_hold_whatever_is_done(exception in exception(), steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::of(exception);
        let mut at = noon();
        for step in &steps {
            at += TimeDelta::minutes(step.later);
            if step.ahead % 3 == 0 {
                world.tells(at);
            }
            // A refusal is as good as a deed: what counts is what stands afterwards.
            drop(world.does(&people()[step.who], at, &timed(step, at)));
        }
        world.ends(at);
    }

    #[test]
    fn hostile_commands_are_refused_or_done_and_never_panic(
        exception in exception(), steps in prop::collection::vec((0_usize..5, hostile_command()), 1..10), far in any::<bool>(),
    ) {
        let mut world = World::of(exception);
        // The last second of year 9999.
        let mut at = if far { DateTime::from_timestamp(253_402_300_799, 0).expect("valid") } else { noon() };
        drop(world.does(&people()[3], at, &Command::Claim));
        for (who, command) in &steps {
            at += TimeDelta::seconds(1);
            drop(world.does(&people()[*who], at, command));
        }
        world.ends(at);
    }
}
