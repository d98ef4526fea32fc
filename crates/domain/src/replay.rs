//! The state of an exception as its events describe it, to be compared with the state that is stored.
//!
//! The first event of an exception, `received`, carries its whole state. Every later event that changes it carries the members that differ,
//! before and after; of pauses and steps only those that differ. `sentinai audit verify --state` replays them.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Map, Value, json};

use crate::{chain::Hash, json::Json, standing::Standing};

/// Name of the content's hash, in events and among the differences.
const CONTENT: &str = "contentSha256";

/// State of one exception by the events that were replayed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replay {
    state: Map<String, Value>,
    received_at: Option<DateTime<Utc>>,
    triaged_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
}

/// Stored values of an exception that its events contain, beside those of its [`Standing`].
#[derive(Debug, Clone, Copy)]
pub struct Beside<'s> {
    /// Name and version of the pack that triaged it.
    pub pack: &'s str,
    /// SHA-256 of its content.
    pub content: &'s Hash,
    /// Time of receipt (UTC).
    pub received_at: DateTime<Utc>,
    /// Exception it is a recurrence of.
    pub recurrence_of: Option<&'s str>,
    /// Reasons that are not rules, as JSON.
    pub other_reasons: Option<&'s str>,
    /// Code of what it waits for.
    pub waiting_reason: Option<&'s str>,
}

/// A member that is stored with another value than the events say. Null where one of them has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Name of the member, as in events.
    pub member: String,
    /// The value that follows from the events.
    pub expected: Value,
    /// The value that is stored.
    pub stored: Value,
}

impl Beside<'_> {
    /// The state with what is stored beside it, as events write both.
    pub fn told(self, standing: &Standing) -> Map<String, Value> {
        let reasons = self
            .other_reasons
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
        let mut told = standing.told();
        told.extend([
            (CONTENT.to_owned(), hex::encode(self.content).into()),
            ("pack".to_owned(), json!(self.pack)),
            ("receivedAt".to_owned(), json!(self.received_at)),
            ("recurrenceOf".to_owned(), json!(self.recurrence_of)),
            ("otherReasons".to_owned(), json!(reasons)),
            ("waitingReason".to_owned(), json!(self.waiting_reason)),
        ]);
        told
    }
}

impl Replay {
    /// Whether a `received` event was replayed.
    pub fn is_received(&self) -> bool {
        self.received_at.is_some()
    }

    /// Time at which triage saw it last (UTC): of its arrival, or of the last revision.
    pub fn triaged_at(&self) -> Option<DateTime<Utc>> {
        self.triaged_at
    }

    /// Time of the last decision about it (UTC).
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.changed_at
    }

    /// Replays the next event. What is no JSON object changes nothing; the chain proves that it was written like that.
    pub fn apply(&mut self, kind: &str, at: DateTime<Utc>, data: &str) {
        let Some(Value::Object(mut data)) = Json::read(data).ok().map(|data| Value::from(&data)) else {
            return;
        };
        // A repetition is counted; nothing is decided about the exception.
        if kind != "recurred" {
            self.changed_at = Some(at);
        }
        if kind == "received" {
            (self.received_at, self.triaged_at) = (Some(at), Some(at));
            self.state = data;
            return;
        }
        if kind == "revised" {
            self.triaged_at = Some(at);
            self.state.extend(data.remove("pack").map(|pack| ("pack".to_owned(), pack)));
        }
        let (Some(before), Some(after)) = (side(data.remove("before")), side(data.remove("after"))) else {
            return;
        };
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            self.state.remove(name);
        }
        for (name, after) in after {
            let now = changed(self.state.remove(&name), before.get(&name), after);
            self.state.insert(name, now);
        }
    }

    /// The members whose stored values differ. `stored` is the state as events write it, with [`Beside::told`].
    pub fn differences(&self, stored: &Map<String, Value>) -> Vec<Difference> {
        let mut expected = self.state.clone();
        expected.insert("receivedAt".to_owned(), json!(self.received_at));
        let waiting_reason = self.state.get("waiting").and_then(|waiting| waiting.get("reason"));
        expected.extend(waiting_reason.map(|reason| ("waitingReason".to_owned(), reason.clone())));
        let mut names: Vec<&String> = expected.keys().chain(stored.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let value = |state: &Map<String, Value>, name: &str| state.get(name).cloned().unwrap_or_default();
        let compared = names.into_iter().map(|name| Difference {
            member: name.clone(),
            expected: value(&expected, name),
            stored: value(stored, name),
        });
        compared
            .filter(|difference| !is_same(&difference.expected, &difference.stored))
            .collect()
    }
}

/// A member after a change. The elements of a list that differ are at its end, as of pauses, which follow each other; of an object with the
/// steps by id only those that differ are told, the others stay.
pub(crate) fn changed(state: Option<Value>, before: Option<&Value>, after: Value) -> Value {
    match (state, before, after) {
        (Some(Value::Array(mut state)), Some(Value::Array(before)), Value::Array(after)) => {
            state.truncate(state.len().saturating_sub(before.len()));
            state.extend(after);
            Value::Array(state)
        }
        (Some(Value::Object(mut state)), Some(Value::Object(before)), Value::Object(after)) => {
            state.retain(|name, _| !before.contains_key(name));
            state.extend(after);
            Value::Object(state)
        }
        (_, _, after) => after,
    }
}

/// One side of a change. A revision keeps the state and the hashes of what was sent apart.
fn side(value: Option<Value>) -> Option<Map<String, Value>> {
    let Some(Value::Object(mut side)) = value else { return None };
    let Some(Value::Object(mut state)) = side.remove("standing") else {
        return Some(side);
    };
    state.extend(side.remove(CONTENT).map(|hash| (CONTENT.to_owned(), hash)));
    Some(state)
}

/// Times are stored to the microsecond, and events may have them finer.
fn is_same(expected: &Value, stored: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<DateTime<Utc>>().ok().map(|time| time.trunc_subsecs(6));
    expected == stored || time(expected).is_some_and(|expected| time(stored) == Some(expected))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    fn replayed(events: &[(&str, Value)]) -> Replay {
        let mut replay = Replay::default();
        for (kind, data) in events {
            replay.apply(kind, noon(), &data.to_string());
        }
        replay
    }

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_435_200, 0).expect("valid")
    }

    /// A stored state as [`Beside::told`] returns it.
    fn stored(mut state: Value) -> Map<String, Value> {
        state["pack"] = json!("Bakery 1.2.0");
        state["receivedAt"] = json!(noon());
        state["contentSha256"] = json!("07");
        map(state)
    }

    fn received() -> (&'static str, Value) {
        let data = json!({"status": "OPEN", "queue": "oven", "owner": null, "dueAt": "2026-11-23T12:00:00.123456789Z",
            "pack": "Bakery 1.2.0", "contentSha256": "07"});
        ("received", data)
    }

    #[test]
    fn what_events_tell_is_no_difference() {
        let events = [
            received(),
            ("viewed", json!({})),
            (
                "claimed",
                json!({"before": {"status": "OPEN", "owner": null}, "after": {"status": "IN_PROGRESS", "owner": "al"}}),
            ),
            ("escalated", json!({"before": {"escalation": null}, "after": {"escalation": 1}})),
            (
                "reopened",
                json!({"before": {"owner": "al", "escalation": 1}, "after": {"status": "OPEN"}}),
            ),
        ];
        let replay = replayed(&events);
        assert!(replay.is_received());
        let stored = json!({"status": "OPEN", "queue": "oven", "dueAt": "2026-11-23T12:00:00.123456Z", "resolution": null});
        assert_eq!(replay.differences(&self::stored(stored)), []);
    }

    #[test]
    fn of_lists_and_steps_only_what_differs_is_told() {
        let pause = |from: u32, to: u32| json!({"from": from, "to": to});
        let step = |by: &str| json!({"done": true, "by": by});
        let events = [
            received(),
            ("waiting", json!({"before": {"pauses": null}, "after": {"pauses": [pause(1, 9)]}})),
            (
                "resumed",
                json!({"before": {"pauses": [pause(1, 9)]}, "after": {"pauses": [pause(1, 2)]}}),
            ),
            ("waiting", json!({"before": {"pauses": []}, "after": {"pauses": [pause(3, 9)]}})),
            (
                "resumed",
                json!({"before": {"pauses": [pause(3, 9)]}, "after": {"pauses": [pause(3, 4)]}}),
            ),
            (
                "step_completed",
                json!({"before": {"steps": null}, "after": {"steps": {"a": step("al")}}}),
            ),
            (
                "step_completed",
                json!({"before": {"steps": {}}, "after": {"steps": {"b": step("bo")}}}),
            ),
            (
                "step_completed",
                json!({"before": {"steps": {"a": step("al")}}, "after": {"steps": {"a": step("bo")}}}),
            ),
            // A change that tells whole states says the same.
            (
                "resolved",
                json!({"before": {"pauses": [pause(1, 2), pause(3, 4)]}, "after": {"pauses": [pause(1, 2), pause(3, 4)]}}),
            ),
        ];
        let stored = json!({"status": "OPEN", "queue": "oven", "dueAt": "2026-11-23T12:00:00.123456Z",
            "pauses": [pause(1, 2), pause(3, 4)], "steps": {"a": step("bo"), "b": step("bo")}});
        assert_eq!(replayed(&events).differences(&self::stored(stored)), []);
    }

    #[test]
    fn every_member_that_is_stored_otherwise_is_a_difference() {
        let replay = replayed(&[received()]);
        let mut stored = stored(json!({"status": "RESOLVED", "queue": "oven", "owner": "al", "dueAt": "2026-11-23T12:00:00.123457Z"}));
        stored.extend([
            ("contentSha256".to_owned(), json!("08")),
            ("waitingReason".to_owned(), json!("FLOUR")),
        ]);
        let differ: Vec<_> = replay
            .differences(&stored)
            .into_iter()
            .map(|difference| difference.member)
            .collect();
        assert_eq!(differ, ["contentSha256", "dueAt", "owner", "status", "waitingReason"]);
        assert!(!Replay::default().is_received());
    }
}
