//! What became of the parts of an exception: how many there are, how many are open, and the first of them.

use chrono::{DateTime, Utc};
use domain::severity::Severity;

use crate::{StoreError, TenantTx};

/// How many parts are named one by one.
const NAMED: i64 = 50;

/// The parts of an exception.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// How many there are.
    pub total: i64,
    /// How many are not resolved.
    pub open: i64,
    /// The highest severity of those that are not resolved.
    pub highest_severity: Option<Severity>,
    /// The first 50: the highest severity first, then the earliest due.
    pub items: Vec<PartRow>,
}

/// A part.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct PartRow {
    pub exception_id: String,
    pub domain: String,
    /// Version of the pack that triaged it.
    pub pack_version: String,
    pub title: String,
    pub exception_type: String,
    pub severity: String,
    pub status: String,
    pub owner: Option<String>,
    pub due_at: DateTime<Utc>,
}

impl TenantTx {
    /// The parts of an exception; none where it has none, or is none.
    pub(super) async fn parts_of(&mut self, exception_id: &str) -> Result<Parts, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query!(
            r#"-- parts_of_exception
             select exception_id, domain, pack_version, title, exception_type, severity, status, owner, due_at,
                    count(*) over () as "total!", count(*) filter (where status <> 'RESOLVED') over () as "open!",
                    max(severity_rank) filter (where status <> 'RESOLVED') over () as highest_rank
             from exception where tenant_id = $1 and parent_id = $2
             order by severity_rank desc, due_at, exception_id limit $3"#,
            tenant,
            exception_id,
            NAMED
        );
        let rows = rows.fetch_all(connection).await?;
        let mut parts = Parts::default();
        for row in rows {
            (parts.total, parts.open) = (row.total, row.open);
            parts.highest_severity = row.highest_rank.and_then(Severity::of_rank);
            parts.items.push(PartRow {
                exception_id: row.exception_id,
                domain: row.domain,
                pack_version: row.pack_version,
                title: row.title,
                exception_type: row.exception_type,
                severity: row.severity,
                status: row.status,
                owner: row.owner,
                due_at: row.due_at,
            });
        }
        Ok(parts)
    }
}
