//! Lists: keyset pages in any order, stable while new exceptions arrive.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    fault::Fault,
    filter::{Direction, Filter, Sort, SortKey},
    triage::Entity,
};
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, QueryBuilder, types::Json};

use super::filter;
use crate::{StoreError, TenantTx};

/// An exception as a list shows it.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct ExceptionRow {
    pub exception_id: String,
    pub domain: String,
    pub pack_version: String,
    pub exception_type: String,
    pub severity: String,
    pub claimed_severity: Option<String>,
    pub status: String,
    pub title: String,
    pub source_system: String,
    pub queue: String,
    pub owner: Option<String>,
    pub entities: Json<Vec<Entity>>,
    pub findings: Json<Vec<Fault>>,
    pub created_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub version: i64,
}

/// A page and where the next one starts.
#[derive(Debug)]
pub struct Page {
    /// The exceptions.
    pub items: Vec<ExceptionRow>,
    /// Start of the next page, if there is one.
    pub next: Option<Cursor>,
}

/// Where a page starts: behind this row of this order. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Sort key and direction it belongs to.
    s: String,
    /// Value of the sort key.
    v: String,
    /// Id of the row.
    i: String,
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one this list gave out; start again without it")]
pub struct InvalidCursor;

impl Cursor {
    /// The cursor as text.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor and checks that it belongs to this order.
    pub fn decode(text: &str, sort: Sort) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)?;
        let value_fits = match sort.key {
            SortKey::Created | SortKey::Due => cursor.v.parse::<DateTime<Utc>>().is_ok(),
            SortKey::Severity => cursor.v.parse::<domain::severity::Severity>().is_ok(),
            SortKey::Status => cursor.v.parse::<domain::status::Status>().is_ok(),
            SortKey::Type | SortKey::Queue | SortKey::Source => true,
        };
        let clean = !cursor.v.contains('\0') && !cursor.i.contains('\0');
        if cursor.s == order_name(sort) && value_fits && clean {
            Ok(cursor)
        } else {
            Err(InvalidCursor)
        }
    }

    fn behind(row: &ExceptionRow, sort: Sort) -> Self {
        let micros = |time: DateTime<Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let value = match sort.key {
            SortKey::Created => micros(row.created_at),
            SortKey::Due => micros(row.due_at),
            SortKey::Severity => row.severity.clone(),
            SortKey::Type => row.exception_type.clone(),
            SortKey::Status => row.status.clone(),
            SortKey::Queue => row.queue.clone(),
            SortKey::Source => row.source_system.clone(),
        };
        Self {
            s: order_name(sort),
            v: value,
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

/// Column and the cast of its value from text.
fn column(key: SortKey) -> (&'static str, &'static str) {
    match key {
        SortKey::Created => ("created_at", "::timestamptz"),
        SortKey::Due => ("due_at", "::timestamptz"),
        SortKey::Severity => ("severity", "::severity"),
        SortKey::Type => ("exception_type", ""),
        SortKey::Status => ("status", "::status"),
        SortKey::Queue => ("queue", ""),
        SortKey::Source => ("source_system", ""),
    }
}

impl TenantTx {
    /// A page of at most `limit` exceptions.
    pub async fn exceptions(
        &mut self,
        filter: &Filter,
        sort: Sort,
        after: Option<&Cursor>,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Page, StoreError> {
        let (connection, tenant) = self.parts();
        let mut query = QueryBuilder::<Postgres>::new(
            "-- list_exceptions
             select exception_id, domain, pack_version, exception_type, severity::text as severity, claimed_severity, status::text as status, title,
                    source_system, queue, owner, entities, findings, created_at, received_at, due_at, version
             from exception where ",
        );
        filter::push(&mut query, tenant, filter, now);
        let (column, cast) = column(sort.key);
        let (comparison, order) = match sort.direction {
            Direction::Ascending => (">", "asc"),
            Direction::Descending => ("<", "desc"),
        };
        if let Some(cursor) = after {
            query
                .push(format_args!(" and ({column}, exception_id) {comparison} ("))
                .push_bind(cursor.v.clone());
            query.push(format_args!("{cast}, ")).push_bind(cursor.i.clone()).push(")");
        }
        // `exception.` because severity and status are also names of the text columns above.
        query
            .push(format_args!(" order by exception.{column} {order}, exception_id {order} limit "))
            .push_bind(i64::from(limit) + 1);
        let mut items: Vec<ExceptionRow> = query.build_query_as().fetch_all(connection).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = if more {
            items.last().map(|row| Cursor::behind(row, sort))
        } else {
            None
        };
        Ok(Page { items, next })
    }
}
