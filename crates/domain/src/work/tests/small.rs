//! An event is as small as its change, however much happened before.

use super::*;
use crate::replay::Replay;

/// Carries out a command and returns the size of what its events say.
fn size(desk: &mut Desk, minutes: i64, command: &Value) -> usize {
    let decision = desk.decides(&actor("ann", Role::Operator), minutes, command).expect("allowed");
    decision.events.iter().map(|event| event.data.len()).sum()
}

#[test]
fn events_do_not_grow_with_the_number_of_waits() {
    let mut desk = Desk::of(bread(50.0));
    size(&mut desk, 1, &json!({"command": "claim"}));
    let mut largest = 0;
    for turn in 0..200 {
        let (from, until) = (2 + 2 * turn, noon() + TimeDelta::days(2));
        let wait = json!({"command": "wait", "reason": "FLOUR", "until": until, "note": "ordered"});
        largest = largest.max(size(&mut desk, from, &wait));
        largest = largest.max(size(&mut desk, from + 1, &json!({"command": "resume"})));
    }
    assert_eq!(desk.standing.work.pauses.len(), 200);
    assert!(largest < 900, "{largest} bytes");
}

#[test]
fn a_wait_and_its_end_tell_their_own_pause_only() {
    let ann = actor("ann", Role::Operator);
    let mut desk = Desk::of(bread(50.0));
    let until = noon() + TimeDelta::hours(2);
    let wait = json!({"command": "wait", "reason": "FLOUR", "until": until, "note": "ordered"});
    desk.decides(&ann, 1, &json!({"command": "claim"})).expect("allowed");
    desk.decides(&ann, 2, &wait).expect("allowed");
    desk.decides(&ann, 3, &json!({"command": "resume"})).expect("allowed");
    let told = |decision: Decision| serde_json::from_str::<Value>(&decision.events[0].data).expect("JSON");
    let waits = told(desk.decides(&ann, 4, &wait).expect("allowed"));
    let pause = |to: DateTime<Utc>| json!([{"from": noon() + TimeDelta::minutes(4), "to": to, "reason": "FLOUR"}]);
    assert_eq!((&waits["before"]["pauses"], &waits["after"]["pauses"]), (&json!([]), &pause(until)));
    let resumes = told(desk.decides(&ann, 5, &json!({"command": "resume"})).expect("allowed"));
    let ended = pause(noon() + TimeDelta::minutes(5));
    assert_eq!((&resumes["before"]["pauses"], &resumes["after"]["pauses"]), (&pause(until), &ended));
}

#[test]
fn a_step_tells_itself_only() {
    let mut desk = Desk::of(bread(50.0));
    let step = |note: &str| json!({"command": "completeStep", "step": "open", "note": note});
    size(&mut desk, 1, &json!({"command": "claim"}));
    size(&mut desk, 2, &step(&"x".repeat(2000)));
    desk.standing.work.steps.insert(
        "another".into(),
        crate::standing::StepDone {
            done: true,
            by: "key:ann".into(),
            at: noon(),
            note: Some("y".repeat(2000)),
        },
    );
    let decision = desk.decides(&actor("ann", Role::Operator), 3, &step("short")).expect("allowed");
    let data = &decision.events[0].data;
    assert!(data.contains("xxx") && data.contains("short") && !data.contains("yyy"), "{data}");
}

#[test]
fn small_events_still_tell_the_whole_state() {
    let ann = actor("ann", Role::Operator);
    let mut desk = Desk::of(bread(50.0));
    let mut replay = Replay::default();
    replay.apply("received", noon(), &Value::Object(desk.standing.told()).to_string());
    let until = noon() + TimeDelta::days(2);
    let turn = [
        json!({"command": "wait", "reason": "FLOUR", "until": until, "note": "ordered"}),
        json!({"command": "completeStep", "step": "open", "note": "again"}),
        json!({"command": "resume"}),
    ];
    let commands = std::iter::once(json!({"command": "claim"})).chain(turn.iter().cloned().cycle().take(15));
    for (minutes, command) in (1..).zip(commands.chain([resolve(), json!({"command": "reopen", "reason": "again"})])) {
        let decision = desk.decides(&ann, minutes, &command).expect("allowed");
        decision
            .events
            .iter()
            .for_each(|event| replay.apply("changed", event.at, &event.data));
        let mut stored = desk.standing.told();
        stored.insert("receivedAt".to_owned(), json!(noon()));
        stored.extend(
            desk.standing
                .work
                .waiting
                .as_ref()
                .map(|waiting| ("waitingReason".to_owned(), json!(waiting.reason))),
        );
        assert_eq!(replay.differences(&stored), [], "{command}");
    }
}
