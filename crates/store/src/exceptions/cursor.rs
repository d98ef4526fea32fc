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
    /// Value that is sorted by; empty where that is a time or an amount.
    v: String,
    /// Set among rows without such a value, where these are listed apart.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    w: bool,
    /// Time or number that is sorted by, within the value.
    t: Key,
    /// Id of the row.
    i: String,
}

/// Value of an ordered column of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// Point in time (UTC).
    Time(DateTime<Utc>),
    /// Amount in minor units.
    Number(i64),
}

/// Names a section of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The only section of a list.
    All,
    /// Rows with a value that is sorted by; names the value where each has a section of its own.
    With(String),
    /// Rows without such a value: the last section.
    Without,
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
        let has_its_key = matches!(cursor.t, Key::Number(_)) == (sort.key == SortKey::Exposure && !cursor.w);
        let fits = cursor.s == order_name(sort) && place_of(sort.key, &cursor.v).is_some() && has_its_key && !cursor.i.contains('\0');
        if fits { Ok(cursor) } else { Err(InvalidCursor) }
    }

    /// The place of its value.
    pub fn place(&self, sort: Sort) -> Option<Place> {
        place_of(sort.key, &self.v)
    }

    /// The section it stands in.
    pub fn mark(&self, sort: Sort) -> Mark {
        match sort.key {
            SortKey::Owner | SortKey::Exposure | SortKey::Lateness if self.w => Mark::Without,
            SortKey::Owner | SortKey::Exposure | SortKey::Lateness => Mark::With(self.v.clone()),
            _ => Mark::All,
        }
    }

    /// Returns whether a section comes before it.
    pub fn has_passed(&self, mark: &Mark, sort: Sort) -> bool {
        match (mark, self.mark(sort)) {
            (Mark::With(_), Mark::Without) => true,
            (Mark::With(value), Mark::With(start)) if sort.direction == Direction::Ascending => *value < start,
            (Mark::With(value), Mark::With(start)) => *value > start,
            _ => false,
        }
    }

    /// Key and id it stands behind.
    pub fn key(&self) -> (Key, &str) {
        (self.t, &self.i)
    }

    pub(super) fn behind(row: &ExceptionRow, sort: Sort) -> Self {
        let due = Key::Time(row.due_at);
        let (value, key) = match sort.key {
            SortKey::Created => (Some(""), Key::Time(row.created_at)),
            SortKey::Due => (Some(""), due),
            SortKey::Severity => (Some(row.severity.as_str()), due),
            SortKey::Type => (Some(row.exception_type.as_str()), due),
            SortKey::Status => (Some(row.status.as_str()), due),
            SortKey::Queue => (Some(row.queue.as_str()), due),
            SortKey::Source => (Some(row.source_system.as_str()), due),
            SortKey::Owner => (row.owner.as_deref(), due),
            SortKey::Exposure => (row.exposure_minor.map(|_| ""), row.exposure_minor.map_or(due, Key::Number)),
            SortKey::Lateness => (row.breached_at.map(|_| ""), row.breached_at.map_or(due, Key::Time)),
        };
        Self {
            s: order_name(sort),
            v: value.unwrap_or_default().to_owned(),
            w: value.is_none(),
            t: key,
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

/// Place of the value that a cell is sorted by. All cells share one place in an order by what cells do not know.
pub fn place(key: SortKey, cell: &Cell) -> Place {
    match key {
        SortKey::Created | SortKey::Due | SortKey::Owner | SortKey::Exposure | SortKey::Lateness => (0, String::new()),
        SortKey::Severity => (cell.severity as usize, String::new()),
        SortKey::Status => (cell.status as usize, String::new()),
        SortKey::Type => (0, cell.exception_type.clone()),
        SortKey::Queue => (0, cell.queue.clone()),
        SortKey::Source => (0, cell.source_system.clone()),
    }
}

fn place_of(key: SortKey, value: &str) -> Option<Place> {
    match key {
        SortKey::Created | SortKey::Due | SortKey::Exposure | SortKey::Lateness => value.is_empty().then(|| (0, String::new())),
        SortKey::Owner => Some((0, String::new())),
        SortKey::Severity => Some((value.parse::<Severity>().ok()? as usize, String::new())),
        SortKey::Status => Some((value.parse::<Status>().ok()? as usize, String::new())),
        SortKey::Type | SortKey::Queue | SortKey::Source => Some((0, value.to_owned())),
    }
}
