//! An exception on its way in: triaged, identified, ready to be stored with its first event.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    cell::Cell, ids::ExceptionId, intake::RawException, pack::Pack, reception::Recurrence, standing::Standing, status::Status, terms,
    triage::Triaged,
};

/// What intake hands to the store.
#[derive(Debug, Clone)]
pub struct Received {
    /// Id of the source, else ours.
    pub id: ExceptionId,
    /// The pack that triaged it.
    pub pack: Arc<Pack>,
    /// As sent.
    pub raw: RawException,
    /// As triaged.
    pub triaged: Triaged,
    /// What it can be found by.
    pub terms: BTreeSet<String>,
    /// When and from whom.
    pub arrival: Arrival,
    /// What its pack says about repetitions.
    pub recurrence: Arc<Recurrence>,
}

/// When something was received, and from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Our clock. UTC, to the microsecond.
    pub at: DateTime<Utc>,
    /// The sender, and what they may change.
    pub sender: Sender,
    /// What the sender wants where its id is taken by other content.
    pub on_conflict: OnConflict,
}

/// Who sends, and what that allows. Members send new exceptions; only the source system that sent an exception clears or revises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A member, as events name them.
    Member(String),
    /// Source systems: a key of theirs.
    Source(Arc<[String]>),
    /// A member who replays what a key of source systems sent. The content is the source's, the decision to take it in is theirs.
    Replay {
        /// The member, as events name them.
        by: String,
        /// Source systems of the key.
        sources: Arc<[String]>,
    },
}

/// A source system, as events name it.
pub fn source_actor(source_system: &str) -> String {
    format!("source:{source_system}")
}

impl Sender {
    /// As events about something of this source system name the sender.
    pub fn actor(&self, source_system: &str) -> String {
        match self {
            Sender::Member(member) | Sender::Replay { by: member, .. } => member.clone(),
            Sender::Source(_) => source_actor(source_system),
        }
    }

    /// Whether it may send exceptions of this source system.
    pub fn may_send(&self, source_system: &str) -> bool {
        matches!(self, Sender::Member(_)) || self.may_change(source_system)
    }

    /// Whether it may clear and revise exceptions of this source system.
    pub fn may_change(&self, source_system: &str) -> bool {
        match self {
            Sender::Member(_) => false,
            Sender::Source(sources) | Sender::Replay { sources, .. } => sources.iter().any(|source| source == source_system),
        }
    }

    /// Whether a source system decides by itself: without a member.
    pub fn is_source(&self) -> bool {
        matches!(self, Sender::Source(_))
    }
}

/// What to do with other content under a known id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Refuse it and say what differs.
    #[default]
    Refuse,
    /// Let it replace what is stored, with an event that keeps both.
    Revise,
}

impl Received {
    /// Joins what was sent with what triage made of it.
    pub fn new(id: ExceptionId, raw: RawException, triaged: Triaged, pack: &Arc<Pack>, arrival: Arrival) -> Self {
        let kind = pack.exception_type(&triaged.exception_type);
        let fields = kind.map(|kind| &kind.document.fields);
        let terms = terms::of(id.as_str(), &triaged.title, &raw.payload, fields);
        let recurrence = kind.map_or_else(|| Arc::new(Recurrence::new(None, &[])), |kind| Arc::clone(&kind.recurrence));
        Self {
            id,
            terms,
            recurrence,
            pack: Arc::clone(pack),
            raw,
            triaged,
            arrival,
        }
    }

    /// Sender and time, as events name them.
    pub fn by(&self) -> (String, DateTime<Utc>) {
        (self.arrival.sender.actor(&self.raw.source_system), self.arrival.at)
    }

    /// The cell it belongs to with a status.
    pub fn cell(&self, status: Status) -> Cell {
        Cell {
            status,
            severity: self.triaged.severity,
            exception_type: self.triaged.exception_type.clone(),
            queue: self.triaged.queue.clone(),
            source_system: self.raw.source_system.clone(),
        }
    }

    /// Data of the `received` event: the state it is stored with, and what the chain proves about the arrival. Nobody looks for what it was
    /// before, so what there is none of is left out.
    pub fn event_data(&self, standing: &Standing) -> Value {
        let mut data = standing.told();
        data.retain(|_, value| !value.is_null());
        data.insert("pack".to_owned(), json!(self.pack.label()));
        data.insert("contentSha256".to_owned(), json!(hex::encode(self.raw.content.hash)));
        Value::Object(data)
    }
}
