//! Looking at what is kept: pages newest first, counts per reason, one entry with its object. Expired entries are not there.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{fault::Fault, ids::QuarantineId, intake::quarantine::State};
use serde::{Deserialize, Serialize};

use super::{faults_of, state_of};
use crate::{StoreError, TenantTx, exceptions::InvalidCursor};

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// Where they stand.
    pub state: State,
    /// With this fault.
    pub code: Option<String>,
    /// Of this system.
    pub source: Option<String>,
    /// Whose claimed type has this text in it; letter case does not matter.
    pub kind: Option<String>,
}

/// An entry without its object.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct QuarantineRow {
    pub quarantine_id: String,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub times: i64,
    pub sent_by: String,
    pub source_system: Option<String>,
    pub exception_id: String,
    pub exception_type: Option<String>,
    pub form: String,
    pub faults: Vec<Fault>,
    pub state: State,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
    pub stored_as: Option<String>,
    pub expires_at: DateTime<Utc>,
}

/// An entry as it is read.
struct Sql {
    quarantine_id: String,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    times: i64,
    sent_by: String,
    source_system: Option<String>,
    exception_id: String,
    exception_type: Option<String>,
    form: String,
    faults: String,
    state: String,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
    reason: Option<String>,
    stored_as: Option<String>,
    expires_at: DateTime<Utc>,
    object: String,
}

/// An entry and its object.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The entry.
    pub row: QuarantineRow,
    /// JSON text as sent; empty in lists.
    pub object: String,
}

/// A page and where the next one starts.
#[derive(Debug)]
pub struct QuarantinePage {
    /// The entries.
    pub items: Vec<QuarantineRow>,
    /// Start of the next page, if there is one.
    pub next: Option<QuarantineCursor>,
}

/// How many entries have a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineCount {
    /// Code of the fault; none for all entries together.
    pub code: Option<String>,
    /// How many.
    pub count: i64,
}

/// Where a page starts: behind this entry. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineCursor {
    /// When it came last.
    t: DateTime<Utc>,
    /// Its id.
    q: QuarantineId,
}

impl QuarantineCursor {
    /// The cursor as text.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor.
    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)
    }
}

impl TryFrom<Sql> for Listed {
    type Error = StoreError;
    fn try_from(sql: Sql) -> Result<Self, StoreError> {
        Ok(Self {
            row: QuarantineRow {
                faults: faults_of(&sql.faults)?,
                state: state_of(&sql.state)?,
                quarantine_id: sql.quarantine_id,
                first_at: sql.first_at,
                last_at: sql.last_at,
                times: sql.times,
                sent_by: sql.sent_by,
                source_system: sql.source_system,
                exception_id: sql.exception_id,
                exception_type: sql.exception_type,
                form: sql.form,
                decided_at: sql.decided_at,
                decided_by: sql.decided_by,
                reason: sql.reason,
                stored_as: sql.stored_as,
                expires_at: sql.expires_at,
            },
            object: sql.object,
        })
    }
}

impl TenantTx {
    /// A page of at most `limit` entries, those that came last first.
    pub async fn quarantine(
        &mut self,
        filter: &QuarantineFilter,
        after: Option<&QuarantineCursor>,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<QuarantinePage, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query_as!(
            Sql,
            r#"-- list_quarantine
             select quarantine_id, first_at, last_at, times, sent_by, source_system, exception_id, exception_type, form, faults::text as "faults!",
                    state, decided_at, decided_by, reason, stored_as, expires_at, '' as "object!"
             from quarantine
             where tenant_id = $1 and state = $2 and expires_at > $3 and ($4::text is null or strpos(',' || codes || ',', ',' || $4 || ',') > 0)
               and ($5::text is null or source_system = $5) and ($6::text is null or strpos(lower(exception_type), lower($6)) > 0)
               and (last_at, quarantine_id) < (coalesce($7, 'infinity'::timestamptz), coalesce($8, ''))
             order by last_at desc, quarantine_id desc limit $9"#,
            tenant,
            filter.state.as_str(),
            now,
            filter.code.as_deref(),
            filter.source.as_deref(),
            filter.kind.as_deref(),
            after.map(|after| after.t),
            after.map(|after| after.q.as_str()),
            i64::from(limit) + 1
        );
        let rows = rows.fetch_all(connection).await?;
        let more = rows.len() > limit as usize;
        let rows = rows.into_iter().take(limit as usize);
        let items = rows
            .map(|row| Listed::try_from(row).map(|listed| listed.row))
            .collect::<Result<Vec<_>, _>>()?;
        let last = items.last().filter(|_| more);
        let next = last.and_then(|row| {
            Some(QuarantineCursor {
                t: row.last_at,
                q: row.quarantine_id.parse().ok()?,
            })
        });
        Ok(QuarantinePage { items, next })
    }

    /// How many entries have each fault, whatever fault the filter asks for; first of all how many entries there are.
    pub async fn quarantine_counts(&mut self, filter: &QuarantineFilter, now: DateTime<Utc>) -> Result<Vec<QuarantineCount>, StoreError> {
        let (connection, tenant) = self.parts();
        let counts = sqlx::query_as!(
            QuarantineCount,
            r#"-- quarantine_counts
             with entry as materialized (
                 select codes from quarantine
                 where tenant_id = $1 and state = $2 and expires_at > $3 and ($4::text is null or source_system = $4)
                   and ($5::text is null or strpos(lower(exception_type), lower($5)) > 0)
             )
             select null as "code?", count(*) as "count!" from entry
             union all
             (select code, count(*) from entry, unnest(string_to_array(codes, ',')) as code group by code order by 2 desc, 1)"#,
            tenant,
            filter.state.as_str(),
            now,
            filter.source.as_deref(),
            filter.kind.as_deref()
        );
        Ok(counts.fetch_all(connection).await?)
    }

    /// One entry with its object.
    pub async fn quarantined(&mut self, id: &QuarantineId, now: DateTime<Utc>) -> Result<Option<Listed>, StoreError> {
        let (connection, tenant) = self.parts();
        let found = sqlx::query_as!(
            Sql,
            r#"-- show_quarantine
             select quarantine_id, first_at, last_at, times, sent_by, source_system, exception_id, exception_type, form, faults::text as "faults!",
                    state, decided_at, decided_by, reason, stored_as, expires_at, object
             from quarantine where tenant_id = $1 and quarantine_id = $2 and expires_at > $3"#,
            tenant,
            id.as_str(),
            now
        );
        found.fetch_optional(connection).await?.map(Listed::try_from).transpose()
    }
}
