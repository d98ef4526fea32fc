//! The lines of an export, as docs/audit.md describes them.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::chain::{Hash, Link, Point};
use serde::{Deserialize, Serialize};
use store::audit::ChainEvent;

/// One event with all that its hash is made of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Line<'a> {
    pub tenant: Cow<'a, str>,
    pub seq: i64,
    pub exception_id: Cow<'a, str>,
    pub kind: Cow<'a, str>,
    pub actor: Cow<'a, str>,
    /// Exactly as it is hashed.
    pub at: String,
    /// JSON text, as a text: its bytes are hashed.
    pub data: Cow<'a, str>,
    /// Hash of the event before.
    pub previous: String,
    pub hash: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    pub tenant: String,
    /// How many events the file has.
    pub events: i64,
    pub head: HeadView,
    pub exported_at: DateTime<Utc>,
}

/// End of a chain.
#[derive(Debug, Serialize, Deserialize)]
pub struct HeadView {
    pub seq: i64,
    pub hash: String,
}

impl From<Point> for HeadView {
    fn from(point: Point) -> Self {
        Self {
            seq: point.seq,
            hash: hex::encode(point.hash),
        }
    }
}

impl<'a> Line<'a> {
    /// The line of a stored event.
    pub fn of(event: &'a ChainEvent, tenant: &'a str, previous: &[u8]) -> Self {
        let ChainEvent { exception_id, event } = event;
        Self {
            tenant: tenant.into(),
            seq: event.seq,
            exception_id: exception_id.into(),
            kind: (&event.kind).into(),
            actor: (&event.actor).into(),
            at: event.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            data: (&event.data).into(),
            previous: hex::encode(previous),
            hash: hex::encode(&event.hash),
        }
    }

    /// What it contributes to the chain. None if its time is none.
    pub fn link(&self) -> Option<Link<'_>> {
        Some(Link {
            tenant: &self.tenant,
            seq: self.seq,
            exception_id: &self.exception_id,
            kind: &self.kind,
            actor: &self.actor,
            at: self.at.parse().ok()?,
            data: &self.data,
        })
    }

    /// Hash of the event before.
    pub fn previous(&self) -> Option<Hash> {
        domain::chain::hash_of(&self.previous)
    }
}
