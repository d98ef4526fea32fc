//! The same problem again: linked to the earlier exception, folded into it, or the earlier one opened again, as the pack says.

use chrono::TimeDelta;
use serde_json::json;

use super::{FOLDED, Reception, Standing};
use crate::{
    exception::Received,
    pack::recurrence::{RecurrenceDocument, WhenResolved, WhileOpen},
    standing::AUTO_CLEARED,
    triage::Reason,
};

/// What the pack says about repetitions of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    while_open: WhileOpen,
    when_resolved: WhenResolved,
    within: TimeDelta,
    /// Fields of the fingerprint, for people.
    fields: String,
}

impl Recurrence {
    /// From the pack. `fields` are those of the fingerprint.
    pub fn new(document: Option<&RecurrenceDocument>, fields: &[String]) -> Self {
        let document = document.cloned().unwrap_or_default();
        Self {
            while_open: document.while_open,
            when_resolved: document.when_resolved,
            within: TimeDelta::days(i64::from(document.within_days)),
            fields: fields.join(", "),
        }
    }
}

/// An earlier exception and what its repetition does.
#[derive(Debug)]
pub(super) struct Repetition {
    /// The earlier one.
    pub of: String,
    manner: Manner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Link,
    Fold,
    Reopen,
}

impl Repetition {
    /// Why the new one is taken for a repetition.
    pub fn reason(&self, received: &Received) -> Reason {
        let fields = &received.recurrence.fields;
        let manner = match self.manner {
            Manner::Link => "linked to it",
            Manner::Fold => "which is open: folded into it",
            Manner::Reopen => "which was resolved: folded into it, and it is open again",
        };
        Reason::new("recurrence", &self.of, format!("the same {fields} as {}, {manner}", self.of))
    }
}

impl<'b> Reception<'b> {
    /// The earlier exception that a new one repeats, if there is one.
    pub(super) fn repeats(&self, received: &'b Received) -> Option<Repetition> {
        let fingerprint = received.triaged.fingerprint.as_ref()?;
        let policy = &received.recurrence;
        if let Some(of) = self.open.get(fingerprint).and_then(|open| open.first()) {
            let manner = match policy.while_open {
                WhileOpen::Link => Manner::Link,
                WhileOpen::Fold => Manner::Fold,
            };
            return Some(Repetition { of: of.clone(), manner });
        }
        let of = self.resolved.get(fingerprint)?;
        let earlier = &self.entries.get(of)?.now;
        if earlier.resolved_at? + policy.within < received.arrival.at {
            return None;
        }
        // Nobody decided that a cleared problem is done: when it comes back, it is the same.
        let cleared = earlier.resolution.as_deref() == Some(AUTO_CLEARED);
        let manner = if cleared || policy.when_resolved == WhenResolved::Reopen {
            Manner::Reopen
        } else {
            Manner::Link
        };
        Some(Repetition { of: of.clone(), manner })
    }

    /// Notes a repetition on the earlier exception and sets where the new one stands.
    pub(super) fn recur(&mut self, received: &'b Received, repetition: &Repetition, standing: &mut Standing) {
        let arrival = &received.arrival;
        if repetition.manner == Manner::Reopen {
            let changed = self.change(&repetition.of, |earlier| {
                earlier.reopen(&received.pack, received.triaged.created_at, arrival.at);
            });
            if let Some((before, after)) = changed {
                let data = json!({"because": "recurrence", "by": received.id, "before": before.told(), "after": after.told()});
                self.happened(&repetition.of, "reopened", arrival, &data);
            }
        }
        if repetition.manner != Manner::Link {
            standing.resolve(FOLDED, arrival.at);
        }
        self.happened(
            &repetition.of,
            "recurred",
            arrival,
            &json!({"by": received.id, "sourceSystem": received.raw.source_system}),
        );
        let (times, last) = self.recurrences.entry(repetition.of.clone()).or_insert((0, arrival.at));
        *times += 1;
        *last = arrival.at.max(*last);
    }
}
