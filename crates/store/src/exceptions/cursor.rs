//! Where a page starts.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    cell::Cell,
    filter::{Direction, Sort, SortKey},
    severity::Severity,
    status::Status,
};
use serde::{Deserialize, Serialize};

use super::row::ExceptionRow;

/// Where a page starts: behind this row of this order. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Sort key and direction it belongs to.
    s: String,
    /// Value that is sorted by; empty where that is a time.
    v: String,
    /// Time that is sorted by, within the value.
    t: DateTime<Utc>,
    /// Id of the row.
    i: String,
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one this list gave out; start again without it")]
pub struct InvalidCursor;

/// A value that is sorted by: its place among those that have an order of their own, or its name.
pub type Place = (usize, String);

impl Cursor {
    /// The cursor as text.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor and checks that it belongs to this order.
    pub fn decode(text: &str, sort: Sort) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)?;
        let fits = cursor.s == order_name(sort) && place_of(sort.key, &cursor.v).is_some() && !cursor.i.contains('\0');
        if fits { Ok(cursor) } else { Err(InvalidCursor) }
    }

    /// The place of its value.
    pub fn place(&self, sort: Sort) -> Option<Place> {
        place_of(sort.key, &self.v)
    }

    /// Time and id it stands behind.
    pub fn key(&self) -> (DateTime<Utc>, &str) {
        (self.t, &self.i)
    }

    pub(super) fn behind(row: &ExceptionRow, sort: Sort) -> Self {
        let (value, time) = match sort.key {
            SortKey::Created => ("", row.created_at),
            SortKey::Due => ("", row.due_at),
            SortKey::Severity => (row.severity.as_str(), row.due_at),
            SortKey::Type => (row.exception_type.as_str(), row.due_at),
            SortKey::Status => (row.status.as_str(), row.due_at),
            SortKey::Queue => (row.queue.as_str(), row.due_at),
            SortKey::Source => (row.source_system.as_str(), row.due_at),
        };
        Self {
            s: order_name(sort),
            v: value.to_owned(),
            t: time,
            i: row.exception_id.clone(),
        }
    }
}

fn order_name(sort: Sort) -> String {
    format!(
        "{}{}",
        if sort.direction == Direction::Descending { "-" } else { "" },
        sort.key.as_str()
    )
}

/// Place of the value that a cell is sorted by. All cells share one place in an order by time.
pub fn place(key: SortKey, cell: &Cell) -> Place {
    match key {
        SortKey::Created | SortKey::Due => (0, String::new()),
        SortKey::Severity => (cell.severity as usize, String::new()),
        SortKey::Status => (cell.status as usize, String::new()),
        SortKey::Type => (0, cell.exception_type.clone()),
        SortKey::Queue => (0, cell.queue.clone()),
        SortKey::Source => (0, cell.source_system.clone()),
    }
}

fn place_of(key: SortKey, value: &str) -> Option<Place> {
    match key {
        SortKey::Created | SortKey::Due => value.is_empty().then(|| (0, String::new())),
        SortKey::Severity => Some((value.parse::<Severity>().ok()? as usize, String::new())),
        SortKey::Status => Some((value.parse::<Status>().ok()? as usize, String::new())),
        SortKey::Type | SortKey::Queue | SortKey::Source => Some((0, value.to_owned())),
    }
}
