//! The same problem again: linked to the earlier exception, folded into it, or the earlier one opened again, as the pack says.

use chrono::TimeDelta;
use serde_json::json;

use super::{FOLDED, Reception, Standing};
use crate::{
    event::EventKind,
    exception::Received,
    pack::recurrence::{RecurrenceDocument, WhenResolved, WhileOpen},
    standing::{AUTO_CLEARED, differences},
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
            let earlier = &self.entries.get(of)?.now;
            let manner = match policy.while_open {
                // What is worse than the open one is not hidden behind it.
                WhileOpen::Fold if !is_worse(received, earlier) => Manner::Fold,
                WhileOpen::Fold | WhileOpen::Link => Manner::Link,
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
            let now = self.not_before(&repetition.of, arrival.at);
            let changed = self.change(&repetition.of, |earlier| {
                // It stands for both: for the worse of them.
                if received.triaged.severity > earlier.cell.severity {
                    let reason = format!("repeated by {}, which is more severe", received.id);
                    earlier.set_severity(received.triaged.severity, &received.by().0, now, &reason);
                }
                earlier.exposure.joined_by(&received.triaged.exposure);
                earlier.reopen(&received.pack, received.triaged.created_at, now);
            });
            if let Some((before, after)) = changed {
                let data = json!({"because": "recurrence", "by": received.id, "before": before.told(), "after": after.told()});
                self.happened(&repetition.of, EventKind::Reopened, received.by(), &data);
            }
        }
        if repetition.manner != Manner::Link {
            standing.resolve(FOLDED, arrival.at);
        }
        let mut data = json!({"by": received.id, "sourceSystem": received.raw.source_system});
        if let Some(earlier) = self.entries.get_mut(&repetition.of).filter(|_| repetition.manner == Manner::Fold) {
            let before = earlier.now.clone();
            // It stands for both.
            earlier.now.exposure.joined_by(&received.triaged.exposure);
            if earlier.now != before {
                let (before, after) = differences(&before, &earlier.now);
                (data["before"], data["after"]) = (before, after);
            }
        }
        self.happened(&repetition.of, EventKind::Recurred, received.by(), &data);
        let (times, last) = self.recurrences.entry(repetition.of.clone()).or_insert((0, arrival.at));
        *times += 1;
        *last = arrival.at.max(*last);
    }
}

/// Whether a repetition is more severe than an earlier exception, or more is at stake in it.
fn is_worse(received: &Received, earlier: &Standing) -> bool {
    received.triaged.severity > earlier.cell.severity || received.triaged.exposure.exceeds(&earlier.exposure)
}
