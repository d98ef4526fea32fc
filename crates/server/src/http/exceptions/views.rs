//! What several endpoints show of an exception.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use domain::{ids::ExceptionId, triage::Entity};
use serde::Serialize;
use serde_json::value::RawValue;
use store::exceptions::ExceptionRow;
use utoipa::ToSchema;

use crate::http::{disclosure::Shown, names::Names, path::part, problem::ApiError, state::AppState};

/// Severity.
#[derive(ToSchema)]
#[schema(as = Severity)]
#[serde(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "only its names go into the OpenAPI document")]
pub enum SeverityName {
    Critical,
    High,
    Medium,
    Low,
}

/// Status of the work.
#[derive(ToSchema)]
#[schema(as = Status)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "only its names go into the OpenAPI document")]
pub enum StatusName {
    Open,
    InProgress,
    Waiting,
    PendingApproval,
    Resolved,
}

/// A thing an exception is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entity)]
pub struct EntityView {
    /// Field of the payload.
    pub field: String,
    /// Its label.
    pub label: String,
    /// Its value as text.
    pub value: String,
}

impl From<Entity> for EntityView {
    fn from(entity: Entity) -> Self {
        Self {
            field: entity.field,
            label: entity.label,
            value: entity.value,
        }
    }
}

/// An exception in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exception)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionView {
    pub exception_id: String,
    pub tenant_id: String,
    pub domain: String,
    /// Version of the pack that triaged it.
    pub pack_version: String,
    pub exception_type: String,
    /// By the pack.
    #[schema(value_type = SeverityName)]
    pub severity: String,
    /// By the source; decides nothing.
    #[schema(required)]
    pub claimed_severity: Option<String>,
    #[schema(value_type = StatusName)]
    pub status: String,
    /// One line that says what is wrong.
    pub title: String,
    pub source_system: String,
    pub queue: String,
    /// Name of the member who works on it.
    #[schema(required)]
    pub owner: Option<String>,
    pub entities: Vec<EntityView>,
    /// How many things are doubtful about the data.
    pub finding_count: i16,
    /// When it arose at its source.
    pub created_at: DateTime<Utc>,
    /// When we received it.
    pub received_at: DateTime<Utc>,
    /// By when it must be resolved.
    pub due_at: DateTime<Utc>,
    /// How it ended, by code; null while it is open.
    #[schema(required)]
    pub resolution: Option<String>,
    #[schema(required)]
    pub resolved_at: Option<DateTime<Utc>>,
    /// Exception of which it is a repetition.
    #[schema(required)]
    pub recurrence_of: Option<String>,
    /// How often it was seen.
    pub occurrences: i64,
    /// When it was received last.
    pub last_seen_at: DateTime<Utc>,
    /// Counts changes; the `ETag`.
    pub version: i64,
}

impl ExceptionView {
    /// A row for its tenant.
    pub fn of(row: ExceptionRow, tenant: &str, names: &Names, shown: &mut Shown) -> Self {
        shown.row(&row);
        Self {
            exception_id: row.exception_id,
            tenant_id: tenant.to_owned(),
            domain: row.domain,
            pack_version: row.pack_version,
            exception_type: row.exception_type,
            severity: row.severity,
            claimed_severity: row.claimed_severity,
            status: row.status,
            title: row.title,
            source_system: row.source_system,
            queue: row.queue,
            owner: row.owner.map(|owner| names.member(owner)),
            entities: row.entities.0.into_iter().map(EntityView::from).collect(),
            finding_count: row.finding_count,
            created_at: row.created_at,
            received_at: row.received_at,
            due_at: row.due_at,
            resolution: row.resolution,
            resolved_at: row.resolved_at,
            recurrence_of: row.recurrence_of,
            occurrences: row.occurrences,
            last_seen_at: row.last_seen_at,
            version: row.version,
        }
    }
}

/// JSON text as it is. Null where the text is none, which the database rules out.
pub fn verbatim(text: String) -> Arc<RawValue> {
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned()).into()
}

/// The exception a path names. What cannot be an id is not found, like any other.
pub struct ExceptionPath(pub ExceptionId);

impl FromRequestParts<AppState> for ExceptionPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        part(parts, state, "exceptionId").await.map(Self)
    }
}
