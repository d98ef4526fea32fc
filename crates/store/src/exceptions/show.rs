//! One exception with everything known about it.

use chrono::{DateTime, Utc};
use domain::{
    fault::Fault,
    triage::{Entity, Reason},
};
use sqlx::types::Json;

use crate::{StoreError, TenantTx};

/// An exception, whole.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct ExceptionDetail {
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
    pub fingerprint: Option<String>,
    pub created_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub respond_due_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub version: i64,
    pub entities: Json<Vec<Entity>>,
    pub reasons: Json<Vec<Reason>>,
    pub findings: Json<Vec<Fault>>,
    /// As sent.
    pub raw_payload: String,
    /// As sent.
    pub normalized_context: String,
    /// As sent.
    pub header: String,
}

impl TenantTx {
    /// One exception, if the tenant has it.
    pub async fn exception(&mut self, exception_id: &str) -> Result<Option<ExceptionDetail>, StoreError> {
        let (connection, tenant) = self.parts();
        let found = sqlx::query_as!(
            ExceptionDetail,
            r#"-- show_exception
             select exception_id, domain, pack_version, exception_type, severity::text as "severity!", claimed_severity, status::text as "status!",
                    title, source_system, queue, owner, fingerprint, created_at, received_at, respond_due_at, due_at, version,
                    entities as "entities: Json<Vec<Entity>>", reasons as "reasons: Json<Vec<Reason>>", findings as "findings: Json<Vec<Fault>>",
                    raw_payload::text as "raw_payload!", normalized_context::text as "normalized_context!", header::text as "header!"
             from exception where tenant_id = $1 and exception_id = $2"#,
            tenant,
            exception_id
        );
        Ok(found.fetch_optional(connection).await?)
    }
}
