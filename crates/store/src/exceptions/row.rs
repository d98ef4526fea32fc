//! An exception as lists show it, and as everything else begins.

use chrono::{DateTime, Utc};
use domain::triage::Entity;
use sqlx::types::Json;

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
    /// How many things are doubtful about the data.
    pub finding_count: i16,
    pub created_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub resolution: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub recurrence_of: Option<String>,
    /// How often it was seen; once where nobody counted.
    pub occurrences: i64,
    /// When it was received last.
    pub last_seen_at: DateTime<Utc>,
    pub version: i64,
    pub exposure_minor: Option<i64>,
    pub breached_at: Option<DateTime<Utc>>,
}

/// The columns of a row, of `exception e left join recurrence r`.
pub const COLUMNS: &str = "e.exception_id, e.domain, e.pack_version, e.exception_type, e.severity, e.claimed_severity,
    e.status, e.title, e.source_system, e.queue, e.owner, e.entities, e.finding_count,
    e.created_at, e.received_at, e.due_at, e.resolution, e.resolved_at, e.recurrence_of, coalesce(r.occurrences, 1) as occurrences,
    coalesce(r.last_seen_at, e.received_at) as last_seen_at, e.version, e.exposure_minor, e.breached_at";

/// How `recurrence r` joins `exception e`.
pub const JOIN: &str = "left join recurrence r on r.tenant_id = $1 and r.exception_id = e.exception_id";
