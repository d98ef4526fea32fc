//! Where an exception stands: what a change of it compares and moves.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    cell::Cell,
    clock::{Deadlines, Pause},
    exception::Received,
    exposure::Exposure,
    pack::Pack,
    severity::Severity,
    status::Status,
    triage::Reason,
    work::{Pending, alarm},
};

/// Resolution of an exception whose source said that the problem is gone.
pub const AUTO_CLEARED: &str = "AUTO_CLEARED";
/// Resolution of an exception that only repeated another one.
pub const FOLDED: &str = "FOLDED";

/// Where an exception stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its id.
    pub exception_id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Version of the pack that triaged it.
    pub pack_version: String,
    /// Status, severity, type, queue and source system.
    pub cell: Cell,
    /// What makes it the same problem as another.
    pub fingerprint: Option<String>,
    /// When it arose (UTC); its clock starts then, unless it was opened again.
    pub created_at: DateTime<Utc>,
    /// Somebody must have taken it (UTC).
    pub respond_due_at: DateTime<Utc>,
    /// It must be resolved (UTC).
    pub due_at: DateTime<Utc>,
    /// How it ended, by code; `None` while it is open.
    pub resolution: Option<String>,
    /// When it was resolved (UTC).
    pub resolved_at: Option<DateTime<Utc>>,
    /// When the deadline of its resolution was breached (UTC); `None` where it was not.
    pub breached_at: Option<DateTime<Utc>>,
    /// When its clock has something to tell next (UTC).
    pub alarm_at: Option<DateTime<Utc>>,
    /// The exposure, and the highest it ever had.
    pub exposure: Exposure,
    /// What work has made of it.
    pub work: Work,
}

/// What work has made of an exception; everything empty where nobody has touched it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Work {
    /// Who works on it.
    #[serde(skip)]
    pub owner: Option<String>,
    /// The exception it is a part of.
    #[serde(skip)]
    pub parent: Option<String>,
    /// How often it was escalated.
    #[serde(skip_serializing_if = "is_zero")]
    pub escalation: u32,
    /// For what it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// When somebody took it first (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responded_at: Option<DateTime<Utc>>,
    /// The queue it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_queue: Option<String>,
    /// Why it happened, by code; set with the resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<String>,
    /// Until when nobody is offered it (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When and under which pack its clock started again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarted: Option<Restart>,
    /// Times that do not count, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// What became of the steps of its playbook, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, StepDone>,
    /// What a second person must decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// The last change of the severity by anything but a rule of the pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_change: Option<SeverityChange>,
}

/// A change of the severity by a member, or because a more severe exception repeats this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityChange {
    /// Severity before the change.
    pub from: Severity,
    /// Severity after the change.
    pub to: Severity,
    /// Whoever asked for it, as events name them.
    pub by: String,
    /// Time of the change (UTC).
    pub at: DateTime<Utc>,
    /// Reason they gave.
    pub reason: String,
}

impl SeverityChange {
    /// The change as a reason of the severity, which is `now`. `by` is the name of [`Self::by`] for people.
    pub fn explain(&self, by: &str, now: Severity) -> Reason {
        let Self { from, to, at, reason, .. } = self;
        let replaced = if *to == now { "" } else { "; a later revision replaced it" };
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        Reason::new(
            "severity",
            to.as_str(),
            format!("severity set from {from} to {to} by {by} at {at}{replaced}: {reason}"),
        )
    }
}

/// For what an exception waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Code of the pack.
    pub reason: String,
    /// Since when (UTC).
    pub since: DateTime<Utc>,
    /// Until when at the latest (UTC); then work goes on.
    pub until: DateTime<Utc>,
}

/// A clock that was started again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restart {
    /// When (UTC).
    pub at: DateTime<Utc>,
    /// Version of the pack whose clock it is.
    pub pack_version: String,
}

/// What became of a step of a playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// Whether it was done; else it was skipped.
    pub done: bool,
    /// Who.
    pub by: String,
    /// When (UTC).
    pub at: DateTime<Utc>,
    /// Evidence, or why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Standing {
    /// An exception that has just been received.
    pub fn new(received: &Received) -> Self {
        let mut standing = Self {
            exception_id: received.id.to_string(),
            version: 1,
            pack_version: received.pack.version(),
            cell: received.cell(Status::Open),
            fingerprint: received.triaged.fingerprint.clone(),
            created_at: received.triaged.created_at,
            respond_due_at: received.triaged.respond_due_at,
            due_at: received.triaged.due_at,
            resolution: None,
            resolved_at: None,
            breached_at: Some(received.triaged.due_at).filter(|due_at| *due_at <= received.arrival.at),
            alarm_at: None,
            exposure: received.triaged.exposure.clone(),
            work: Work::default(),
        };
        // What was late when it came needs no alarm: its first event says so.
        standing.alarm_at = alarm::next(&standing, received.arrival.at);
        standing
    }

    /// Version of the pack under which it is worked: a clock that was started again took the active one.
    pub fn worked_under(&self) -> &str {
        self.work
            .restarted
            .as_ref()
            .map_or(&self.pack_version, |restart| &restart.pack_version)
    }

    /// When its clock started.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.work.restarted.as_ref().map_or(self.created_at, |restart| restart.at)
    }

    /// What its deadlines must be: the durations of its severity from its start on, without its pauses. `pack` is the one it is worked
    /// under; `None` where that does not know the type.
    pub fn deadlines(&self, pack: &Pack) -> Option<Deadlines> {
        let kind = pack.exception_type(&self.cell.exception_type)?;
        Some(
            kind.policy
                .deadlines(pack, self.cell.severity, self.started_at(), &self.work.pauses),
        )
    }

    /// Sets the deadlines to what they must be.
    pub fn set_deadlines(&mut self, pack: &Pack) {
        if let Some(deadlines) = self.deadlines(pack) {
            self.respond_due_at = deadlines.respond_due_at;
            self.due_at = deadlines.due_at;
        }
    }

    /// Sets the severity for another reason than a rule of the pack; the deadlines are not touched.
    pub fn set_severity(&mut self, to: Severity, by: &str, at: DateTime<Utc>, reason: &str) {
        let from = std::mem::replace(&mut self.cell.severity, to);
        self.work.severity_change = Some(SeverityChange {
            from,
            to,
            by: by.to_owned(),
            at,
            reason: reason.to_owned(),
        });
    }

    /// Ends what it waits for: the time after `at` counts again.
    pub fn stop_waiting(&mut self, at: DateTime<Utc>) {
        if self.work.waiting.take().is_some()
            && let Some(pause) = self.work.pauses.last_mut()
        {
            pause.to = pause.to.min(at).max(pause.from);
        }
    }

    /// Resolved at a time. Whatever was under way has ended.
    pub fn resolve(&mut self, resolution: &str, at: DateTime<Utc>) {
        self.work.waiting = None;
        self.work.snoozed_until = None;
        self.work.pending = None;
        self.cell.status = Status::Resolved;
        self.resolution = Some(resolution.to_owned());
        self.resolved_at = Some(at);
        self.alarm_at = None;
    }

    /// Open again: its clock starts again at `from`, by the pack.
    pub fn reopen(&mut self, pack: &Pack, from: DateTime<Utc>, at: DateTime<Utc>) {
        self.cell.status = Status::Open;
        self.resolution = None;
        self.resolved_at = None;
        self.work.owner = None;
        self.work.root_cause = None;
        self.work.responded_at = None;
        self.breached_at = None;
        self.work.pauses.clear();
        self.work.restarted = Some(Restart {
            at: from,
            pack_version: pack.version(),
        });
        self.set_deadlines(pack);
        self.alarm_at = alarm::next(self, at);
    }

    /// As an event tells it; of work only what there is.
    pub fn told(&self) -> Map<String, Value> {
        let mut told = Map::new();
        if let Ok(Value::Object(work)) = serde_json::to_value(&self.work) {
            told = work;
        }
        let own = json!({
            "status": self.cell.status,
            "severity": self.cell.severity,
            "exceptionType": self.cell.exception_type,
            "queue": self.cell.queue,
            "sourceSystem": self.cell.source_system,
            "respondDueAt": self.respond_due_at,
            "dueAt": self.due_at,
            "resolution": self.resolution,
            "resolvedAt": self.resolved_at,
        });
        if let Value::Object(own) = own {
            told.extend(own);
        }
        let named = [("owner", &self.work.owner), ("parent", &self.work.parent)];
        told.extend(self.breached_at.map(|at| ("breachedAt".to_owned(), json!(at))));
        if self.exposure != Exposure::default() {
            told.insert("exposure".to_owned(), json!(self.exposure));
        }
        told.extend(
            named
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))),
        );
        told
    }
}

/// What differs between two standings, before and after, as events tell it. Of `pauses` and `steps`, which grow with the work, only what
/// changed: an event is as small as its change, however much happened before.
pub fn differences(before: &Standing, after: &Standing) -> (Value, Value) {
    let (mut before, mut after) = (before.told(), after.told());
    let names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    for name in names {
        let (was, is) = (before.get(&name), after.get(&name));
        if was == is {
            before.remove(&name);
            after.remove(&name);
            continue;
        }
        let (mut was, mut is) = (was.cloned().unwrap_or_default(), is.cloned().unwrap_or_default());
        match name.as_str() {
            "pauses" => drop_common_start(&mut was, &mut is),
            "steps" => drop_same_members(&mut was, &mut is),
            _ => {}
        }
        before.insert(name.clone(), was);
        after.insert(name, is);
    }
    (Value::Object(before), Value::Object(after))
}

fn drop_common_start(before: &mut Value, after: &mut Value) {
    if let (Value::Array(before), Value::Array(after)) = (before, after) {
        let same = before.iter().zip(after.iter()).take_while(|(was, is)| was == is).count();
        before.drain(..same);
        after.drain(..same);
    }
}

fn drop_same_members(before: &mut Value, after: &mut Value) {
    if let (Value::Object(before), Value::Object(after)) = (before, after) {
        before.retain(|name, was| {
            let is_same = after.get(name) == Some(was);
            if is_same {
                after.remove(name);
            }
            !is_same
        });
    }
}
