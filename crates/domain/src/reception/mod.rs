//! What becomes of arrivals, given what is stored. Pure: the store says what it knows, asks for each arrival in order, and writes down
//! what came of it.
//!
//! | arrival | stored | comes of it |
//! |---|---|---|
//! | exception | the same id, the same content | duplicate: nothing |
//! | exception | the same id, other content | refused, or revised where the sender asked for it |
//! | exception | an open one with the same fingerprint | linked to it, or folded into it: kept, but closed |
//! | exception | a resolved one with the same fingerprint | linked to it, or it is opened again |
//! | exception | nothing of the kind | accepted |
//! | clearing | open ones it means | they are resolved as `AUTO_CLEARED`, or a member is asked where the pack reserves that for two |
//! | clearing | resolved ones only | duplicate: nothing |
//! | clearing | nothing it means | refused |
//!
//! Only the source system that sent an exception clears or revises it ([`crate::exception::Sender`]).

mod clearing;
mod recurrence;
mod report;
mod revision;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

pub use self::{
    clearing::{ClearBy, Clearing},
    recurrence::Recurrence,
};
use crate::{
    event::{EventKind, NewEvent, not_before},
    evidence::{Evidence, EvidenceHash},
    exception::{OnConflict, Received},
    intake::{Content, differences},
    standing::{FOLDED, Standing},
    status::Status,
    triage::Reason,
    work::Pending,
};

/// Something a source sent.
#[derive(Debug, Clone)]
pub enum Arriving {
    /// A problem.
    Exception(Box<Received>),
    /// Word that a problem is gone.
    Clearing(Box<Clearing>),
}

/// An exception the store knows. `content` only where it was found by its id.
#[derive(Debug, Clone)]
pub struct Known {
    /// Where it stands.
    pub standing: Standing,
    /// What was sent.
    pub content: Option<Content>,
    /// When its last event happened (UTC), where that may be later than what arrives now.
    pub last_event_at: Option<DateTime<Utc>>,
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// In a word.
    pub outcome: Outcome,
    /// The exception it is about, as it stands now.
    pub standing: Standing,
}

/// What became of an arrival, in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Stored, and new.
    Accepted,
    /// Stored, and a repetition of another one.
    Linked {
        /// The other one.
        to: String,
    },
    /// It was known before; nothing changed.
    Duplicate,
    /// It replaced what was stored under its id.
    Revised,
    /// Problems are gone by it.
    Cleared {
        /// Number of exceptions that were resolved.
        resolved: usize,
        /// Number of exceptions that wait for a member to agree.
        waiting: usize,
        /// How many with the same fingerprint stay open, because other source systems sent them.
        left_open: usize,
    },
}

/// Why an arrival was refused here; nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Something else is stored under its id; pointers of the members that differ.
    Differs(Vec<String>),
    /// No exception is meant by it.
    NothingToClear,
    /// The sender may not send this.
    SourceNotAllowed(NotAllowed),
    /// The database refuses it, alone as well.
    NotStorable,
}

/// An act that the sender may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAllowed {
    /// Send exceptions of a source system other than those of its key.
    Send,
    /// Clear or revise what this source system sent.
    Change {
        /// The source system that may.
        source_system: String,
    },
}

/// An exception that is new or has changed.
#[derive(Debug)]
pub struct Entry<'b> {
    /// Where it stood before; `None` for a new one.
    pub before: Option<Standing>,
    /// Where it stands now.
    pub now: Standing,
    /// The last thing received under its id, if any of this batch was taken.
    pub latest: Option<&'b Received>,
    /// Exception it repeats.
    pub recurrence_of: Option<String>,
    /// Why it is taken for a repetition.
    pub because: Option<Reason>,
    content: Option<Content>,
    last_event_at: Option<DateTime<Utc>>,
}

/// A batch of arrivals being received.
#[derive(Debug, Default)]
pub struct Reception<'b> {
    entries: HashMap<String, Entry<'b>>,
    /// Ids in the order in which they were first seen.
    order: Vec<String>,
    /// Open exceptions by fingerprint, oldest first.
    open: HashMap<String, Vec<String>>,
    /// Exceptions resolved last, by fingerprint.
    resolved: HashMap<String, String>,
    /// The same by fingerprint and source system.
    resolved_of: HashMap<(String, String), String>,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
    /// Bodies that the events refer to.
    pub evidence: BTreeMap<EvidenceHash, String>,
    /// Requests for a member that arose, with the exceptions they are about.
    pub asked: Vec<(String, Pending)>,
    /// Requests for a second person that became void, each with the event that tells it.
    pub voided: Vec<(Pending, NewEvent)>,
    /// How often which exception was seen again, and when last.
    pub recurrences: HashMap<String, (i64, DateTime<Utc>)>,
}

impl<'b> Reception<'b> {
    /// Starts from what the store knows: the exceptions under the ids of the batch, and for each of its fingerprints the open ones
    /// and the one resolved last.
    pub fn new(known: impl IntoIterator<Item = Known>) -> Self {
        let mut reception = Self::default();
        for known in known {
            reception.know(known);
        }
        reception
    }

    fn know(&mut self, known: Known) {
        let Known {
            standing,
            content,
            last_event_at,
        } = known;
        let id = standing.exception_id.clone();
        if let Some(entry) = self.entries.get_mut(&id) {
            // Found by its id and by its fingerprint.
            entry.content = entry.content.take().or(content);
            return;
        }
        self.index(&standing);
        let entry = Entry {
            before: Some(standing.clone()),
            now: standing,
            latest: None,
            recurrence_of: None,
            because: None,
            content,
            last_event_at,
        };
        self.order.push(id.clone());
        self.entries.insert(id, entry);
    }

    /// Makes an exception findable by its fingerprint.
    fn index(&mut self, standing: &Standing) {
        let Some(fingerprint) = standing.fingerprint.clone() else { return };
        let id = standing.exception_id.clone();
        match standing.resolution.as_deref() {
            None => self.open.entry(fingerprint).or_default().push(id),
            // What was folded was never a problem of its own.
            Some(FOLDED) => {}
            Some(_) => {
                let source = standing.cell.source_system.clone();
                self.resolved_of.insert((fingerprint.clone(), source), id.clone());
                self.resolved.insert(fingerprint, id);
            }
        }
    }

    /// Decides about one arrival.
    pub fn take(&mut self, arriving: &'b Arriving) -> Result<Receipt, Refusal> {
        match arriving {
            Arriving::Exception(received) => self.receive(received),
            Arriving::Clearing(clearing) => self.clear(clearing),
        }
    }

    /// Exceptions that are new, or changed and not new.
    pub fn outcome(&self) -> impl Iterator<Item = &Entry<'b>> {
        let entries = self.order.iter().filter_map(|id| self.entries.get(id));
        entries.filter(|entry| entry.before.as_ref() != Some(&entry.now))
    }

    fn receive(&mut self, received: &'b Received) -> Result<Receipt, Refusal> {
        let (sender, source) = (&received.arrival.sender, &received.raw.source_system);
        if !sender.may_send(source) {
            return Err(Refusal::SourceNotAllowed(NotAllowed::Send));
        }
        let Some(entry) = self.entries.get(received.id.as_str()) else {
            return Ok(self.begin(received));
        };
        let stored = entry.content();
        let same = stored.is_some_and(|stored| stored.hash == received.raw.content.hash);
        if same {
            return Ok(Receipt {
                outcome: Outcome::Duplicate,
                standing: entry.now.clone(),
            });
        }
        let members = stored.map(|stored| differences(stored, &received.raw.content)).unwrap_or_default();
        let sent_by = &entry.now.cell.source_system;
        match received.arrival.on_conflict {
            OnConflict::Refuse => Err(Refusal::Differs(members)),
            OnConflict::Revise if sender.may_change(source) && sent_by == source => Ok(self.revise(received, &members)),
            OnConflict::Revise => Err(Refusal::SourceNotAllowed(NotAllowed::Change {
                source_system: sent_by.clone(),
            })),
        }
    }

    /// Stores a new exception: on its own, or as a repetition.
    fn begin(&mut self, received: &'b Received) -> Receipt {
        let repeats = self.repeats(received);
        let mut standing = Standing::new(received);
        let (mut recurrence_of, mut because, mut outcome) = (None, None, Outcome::Accepted);
        if let Some(repetition) = repeats {
            self.recur(received, &repetition, &mut standing);
            because = Some(repetition.reason(received));
            outcome = Outcome::Linked { to: repetition.of.clone() };
            recurrence_of = Some(repetition.of);
        }
        let mut data = received.event_data(&standing);
        if let Some(of) = &recurrence_of {
            data["recurrenceOf"] = json!(of);
            data["otherReasons"] = json!([because]);
        }
        self.happened(received.id.as_str(), EventKind::Received, received.by(), &data);
        self.index(&standing);
        let id = received.id.to_string();
        self.order.push(id.clone());
        let entry = Entry {
            before: None,
            now: standing.clone(),
            latest: Some(received),
            recurrence_of,
            because,
            content: None,
            last_event_at: Some(received.arrival.at),
        };
        self.entries.insert(id, entry);
        Receipt { outcome, standing }
    }

    /// The time of what happens to an exception now: never before its last event.
    fn not_before(&self, id: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        not_before(self.entries.get(id).and_then(|entry| entry.last_event_at), now)
    }

    fn happened(&mut self, id: &str, kind: EventKind, (actor, at): (String, DateTime<Utc>), data: &impl Serialize) {
        let at = self.not_before(id, at);
        if let Some(entry) = self.entries.get_mut(id) {
            entry.last_event_at = Some(at);
        }
        self.events.push(NewEvent {
            exception_id: id.to_owned(),
            kind,
            actor,
            at,
            // What we tell always has a form in JSON.
            data: serde_json::to_string(data).unwrap_or_default(),
        });
    }

    /// Keeps a body to which an event refers.
    fn keep(&mut self, evidence: &Evidence) -> EvidenceHash {
        self.evidence.entry(evidence.hash).or_insert_with(|| evidence.body.clone());
        evidence.hash
    }

    /// Changes where an exception stands, and tells before and after.
    fn change(&mut self, id: &str, change: impl FnOnce(&mut Standing)) -> Option<(Standing, Standing)> {
        let entry = self.entries.get_mut(id)?;
        let before = entry.now.clone();
        change(&mut entry.now);
        entry.now.version += 1;
        let after = entry.now.clone();
        self.forget(&before);
        self.index(&after);
        Some((before, after))
    }

    fn forget(&mut self, standing: &Standing) {
        let Some(fingerprint) = &standing.fingerprint else { return };
        if let Some(open) = self.open.get_mut(fingerprint) {
            open.retain(|id| *id != standing.exception_id);
        }
        if self.resolved.get(fingerprint) == Some(&standing.exception_id) {
            self.resolved.remove(fingerprint);
        }
        let of_source = (fingerprint.clone(), standing.cell.source_system.clone());
        if self.resolved_of.get(&of_source) == Some(&standing.exception_id) {
            self.resolved_of.remove(&of_source);
        }
    }
}

impl Entry<'_> {
    fn content(&self) -> Option<&Content> {
        self.latest.map(|received| &received.raw.content).or(self.content.as_ref())
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.now.cell.status != Status::Resolved
    }
}
