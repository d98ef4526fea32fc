//! Enqueuing: part of the transaction that causes the job, so that there is never one without the other.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{StoreError, TenantTx, quarantine::By};

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Name of its handler.
    pub kind: &'a str,
    /// What the handler is told.
    pub payload: Value,
    /// Not before then.
    pub run_at: DateTime<Utc>,
    /// After how many attempts it is given up; at least 1.
    pub max_attempts: u16,
    /// Of several with the same one only one is unfinished at a time.
    pub dedupe_key: Option<&'a str>,
}

impl TenantTx {
    /// Enqueues a job and tells workers when this commits. `None` if one with its key is unfinished: that one will do.
    pub async fn enqueue_job(&mut self, job: &NewJob<'_>, by: By<'_>) -> Result<Option<i64>, StoreError> {
        let (connection, tenant) = self.parts();
        let made = sqlx::query_scalar!(
            r#"-- enqueue_job
             with made as (
                 insert into job (tenant_id, kind, payload, state, run_at, max_attempts, dedupe_key, created_at, created_by)
                 values ($1, $2, $3, 'QUEUED', $4, $5, $6, $7, $8)
                 on conflict (tenant_id, dedupe_key) where finished_at is null do nothing
                 returning job_id
             )
             select job_id as "job_id!" from made, pg_notify('sentinai_jobs', $1)"#,
            tenant,
            job.kind,
            job.payload,
            job.run_at,
            i32::from(job.max_attempts),
            job.dedupe_key,
            by.at,
            by.actor
        );
        Ok(made.fetch_optional(connection).await?)
    }
}
