//! An exception on its way in: triaged, identified, ready to be stored with its first event.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{ids::ExceptionId, intake::RawException, pack::Pack, triage::Triaged};

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
        Self {
            id,
            domain: pack.domain().to_owned(),
            pack_version: pack.version(),
            raw,
            triaged,
            arrival,
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
