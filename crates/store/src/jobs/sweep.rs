//! The daily job of every tenant: deletes what has expired, also where nothing new ever comes.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::NewJob;
use crate::{StoreError, TenantTx, quarantine::By};

/// Kind of the job.
pub const SWEEP: &str = "sweep";

/// How long a job is kept after it was done or discarded.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);

/// Rows of a kind that one statement deletes.
const PORTION: i64 = 5_000;

impl TenantTx {
    /// Deletes a portion of what has expired: finished jobs, quarantined objects, answers kept for retries, previews of bulk runs. False when
    /// nothing is left.
    pub async fn sweep(&mut self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.delete_expired_quarantine(now).await?;
        let (connection, tenant) = self.parts();
        let requests = sqlx::query!(
            "-- sweep_requests
             delete from idempotent_request where tenant_id = $1 and key_hash in (
                 select key_hash from idempotent_request where tenant_id = $1 and expires_at <= $2
                 order by expires_at limit $3 for update skip locked)",
            tenant,
            now,
            PORTION
        );
        let requests = requests.execute(&mut *connection).await?.rows_affected();
        let jobs = sqlx::query!(
            "-- sweep_jobs
             delete from job where tenant_id = $1 and job_id in (
                 select job_id from job where tenant_id = $1 and state in ('DONE', 'DISCARDED') and finished_at <= $2
                 order by job_id limit $3 for update skip locked)",
            tenant,
            now - KEPT_FOR,
            PORTION
        );
        let jobs = jobs.execute(connection).await?.rows_affected();
        let items = self.sweep_previews(now).await?;
        Ok(requests.max(jobs).max(items) >= PORTION.unsigned_abs())
    }

    /// Deletes previews that nobody committed in time: a portion of their exceptions, and the runs that have none left. Returns how many
    /// exceptions it were. What was committed stays, and so do requests for approval that were discarded.
    async fn sweep_previews(&mut self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let (connection, tenant) = self.parts();
        let items = sqlx::query!(
            "-- sweep_preview_items
             delete from bulk_item where tenant_id = $1 and (run_id, position) in (
                 select i.run_id, i.position from bulk_run r join bulk_item i using (tenant_id, run_id)
                 where r.tenant_id = $1 and r.expires_at <= $2
                   and (r.state = 'PREVIEW' or r.state = 'DISCARDED' and r.approval_reason is null)
                 limit $3)",
            tenant,
            now,
            PORTION
        );
        let items = items.execute(&mut *connection).await?.rows_affected();
        let runs = sqlx::query!(
            "-- sweep_previews
             delete from bulk_run r where r.tenant_id = $1 and r.expires_at <= $2
               and (r.state = 'PREVIEW' or r.state = 'DISCARDED' and r.approval_reason is null)
               and not exists (select from bulk_item i where i.tenant_id = $1 and i.run_id = r.run_id)",
            tenant,
            now
        );
        runs.execute(connection).await?;
        Ok(items)
    }

    /// Enqueues the sweep of the next day, the first one or the one after a job, unless it is there.
    pub async fn enqueue_sweep(&mut self, after: Option<i64>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let run_at = now + TimeDelta::days(1);
        // The job before is not finished yet, so its successor needs a key of its own.
        let key = after.map_or_else(|| SWEEP.to_owned(), |job_id| format!("{SWEEP} after {job_id}"));
        let job = NewJob {
            kind: SWEEP,
            payload: json!({}),
            run_at,
            max_attempts: 10,
            dedupe_key: Some(&key),
        };
        let by = By { actor: "system", at: now };
        self.enqueue_job(&job, by).await?;
        Ok(())
    }
}
