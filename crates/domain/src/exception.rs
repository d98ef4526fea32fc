//! An exception on its way in: triaged, identified, ready to be stored with its first event.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{cell::Cell, ids::ExceptionId, intake::RawException, pack::Pack, status::Status, terms, triage::Triaged};

/// What intake hands to the store.
#[derive(Debug, Clone)]
pub struct Received {
    /// Id of the source, else ours.
    pub id: ExceptionId,
    /// Domain of the pack that triaged it.
    pub domain: String,
    /// Version of that pack.
    pub pack_version: String,
    /// As sent.
    pub raw: RawException,
    /// As triaged.
    pub triaged: Triaged,
    /// What it can be found by.
    pub terms: BTreeSet<String>,
    /// When and from whom.
    pub arrival: Arrival,
}

/// When something was received, and from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Our clock. UTC, to the microsecond.
    pub at: DateTime<Utc>,
    /// The sender, as events name it.
    pub actor: String,
}

impl Received {
    /// Joins what was sent with what triage made of it.
    pub fn new(id: ExceptionId, raw: RawException, triaged: Triaged, pack: &Pack, arrival: Arrival) -> Self {
        let fields = pack.exception_type(&triaged.exception_type).map(|kind| &kind.document.fields);
        let terms = terms::of(id.as_str(), &triaged.title, &triaged.entities, &raw.payload, fields);
        Self {
            id,
            terms,
            domain: pack.domain().to_owned(),
            pack_version: pack.version(),
            raw,
            triaged,
            arrival,
        }
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

    /// Data of the `received` event, as JSON text: what the chain proves about the arrival.
    pub fn event_data(&self) -> String {
        json!({
            "exceptionType": self.triaged.exception_type,
            "severity": self.triaged.severity,
            "queue": self.triaged.queue,
            "dueAt": self.triaged.due_at,
            "pack": format!("{} {}", self.domain, self.pack_version),
            "sourceSystem": self.raw.source_system,
            "contentSha256": hex::encode(self.raw.content.hash),
        })
        .to_string()
    }
}
