//! Requests for a second person: read as lists. They are written with the exceptions they are about.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Utc};

use crate::{StoreError, TenantTx};

/// A request and what is needed of its exception to decide it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct ApprovalRow {
    pub request_id: String,
    pub exception_id: String,
    pub state: String,
    pub requested_at: DateTime<Utc>,
    pub request: String,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
    pub domain: String,
    /// Version of the pack that triaged the exception.
    pub pack_version: String,
    pub title: String,
    pub exception_type: String,
    pub severity: String,
    pub queue: String,
    pub due_at: DateTime<Utc>,
}

/// Where a page of requests ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCursor {
    requested_at: DateTime<Utc>,
    request_id: String,
}

/// The text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct InvalidRequestCursor;

impl RequestCursor {
    /// Behind a request.
    pub fn after(row: &ApprovalRow) -> Self {
        Self {
            requested_at: row.requested_at,
            request_id: row.request_id.clone(),
        }
    }
}

impl fmt::Display for RequestCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.requested_at.timestamp_micros(), self.request_id)
    }
}

impl FromStr for RequestCursor {
    type Err = InvalidRequestCursor;
    fn from_str(text: &str) -> Result<Self, InvalidRequestCursor> {
        let (micros, request_id) = text.split_once('.').ok_or(InvalidRequestCursor)?;
        if request_id.contains('\0') {
            return Err(InvalidRequestCursor);
        }
        let micros = micros.parse().map_err(|_| InvalidRequestCursor)?;
        // Times that PostgreSQL knows as well.
        if request_id.chars().any(char::is_control) {
            return Err(InvalidRequestCursor);
        }
        let requested_at = DateTime::from_timestamp_micros(micros).filter(|at| (1970..3000).contains(&at.year()));
        Ok(Self {
            requested_at: requested_at.ok_or(InvalidRequestCursor)?,
            request_id: request_id.to_owned(),
        })
    }
}

impl TenantTx {
    /// Requests in a state, the oldest first, behind a cursor.
    pub async fn approval_requests(
        &mut self,
        state: &str,
        after: Option<&RequestCursor>,
        limit: u32,
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query_as!(
            ApprovalRow,
            r#"-- approval_requests
             select a.request_id, a.exception_id, a.state, a.requested_at, a.request::text as "request!", a.decided_by, a.decided_at, a.note,
                    e.domain, e.pack_version, e.title, e.exception_type, e.severity, e.queue, e.due_at
             from approval_request a join exception e on e.tenant_id = $1 and e.exception_id = a.exception_id
             where a.tenant_id = $1 and a.state = $2 and ($3::timestamptz is null or (a.requested_at, a.request_id) > ($3, $4))
             order by a.requested_at, a.request_id limit $5"#,
            tenant,
            state,
            after.map(|after| after.requested_at),
            after.map(|after| after.request_id.as_str()),
            i64::from(limit)
        );
        Ok(rows.fetch_all(connection).await?)
    }
}
