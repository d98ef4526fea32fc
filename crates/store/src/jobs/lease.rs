//! Leases: one worker at a time has a job, and only for a while.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{StoreError, TenantTx};

/// Longest text of an error that is kept, in characters.
const MAX_ERROR: usize = 2_000;

/// What a worker asks for.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Kinds it has handlers for.
    pub kinds: &'a [&'a str],
    /// Now.
    pub at: DateTime<Utc>,
    /// Until when it has the job, unless it renews.
    pub until: DateTime<Utc>,
    /// Its name, for people.
    pub worker: &'a str,
    /// Random, and used once.
    pub token: [u8; 16],
}

/// Right to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job_id: i64,
    token: [u8; 16],
}

/// A job that a worker has.
#[derive(Debug, Clone)]
pub struct LeasedJob {
    /// The right to it.
    pub lease: Lease,
    /// Name of its handler.
    pub kind: String,
    /// What the handler is told.
    pub payload: Value,
    /// How far an earlier attempt came.
    pub progress: Option<Value>,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// After which attempt it is given up.
    pub max_attempts: u32,
}

/// Whether whoever changes a job still has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "whoever lost its lease must undo what it did"]
pub enum Hold {
    /// It had it, and the change is made.
    Held,
    /// Somebody else has it or had it: nothing was changed, and the transaction must not commit.
    Lost,
}

fn hold(rows: u64) -> Hold {
    if rows == 1 { Hold::Held } else { Hold::Lost }
}

fn positive(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// PostgreSQL's text takes no NUL.
fn kept(error: &str) -> String {
    error.chars().filter(|&c| c != '\0').take(MAX_ERROR).collect()
}

impl TenantTx {
    /// Takes the job that is due longest, also one whose lease has ended. Jobs that others are taking are passed over.
    pub async fn lease_job(&mut self, claim: &Claim<'_>) -> Result<Option<LeasedJob>, StoreError> {
        self.bury_exhausted(claim).await?;
        let (connection, tenant) = self.parts();
        let job = sqlx::query!(
            "-- lease_job
             update job set state = 'RUNNING', attempts = attempts + 1, run_at = $4, leased_by = $5, lease_token = $6
             where tenant_id = $1 and job_id = (
                 select job_id from job
                 where tenant_id = $1 and finished_at is null and run_at <= $2 and kind = any($3)
                 order by run_at, job_id limit 1 for update skip locked)
             returning job_id, kind, payload, progress, attempts, max_attempts",
            tenant,
            claim.at,
            claim.kinds as &[&str],
            claim.until,
            claim.worker,
            &claim.token[..]
        );
        let job = job.fetch_optional(connection).await?;
        Ok(job.map(|job| LeasedJob {
            lease: Lease {
                job_id: job.job_id,
                token: claim.token,
            },
            kind: job.kind,
            payload: job.payload,
            progress: job.progress,
            attempt: positive(job.attempts),
            max_attempts: positive(job.max_attempts),
        }))
    }

    /// Gives up jobs whose worker was lost in the last attempt: they may be what ends workers.
    async fn bury_exhausted(&mut self, claim: &Claim<'_>) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- bury_exhausted_jobs
             update job set state = 'DEAD', finished_at = $2, leased_by = null, lease_token = null,
                 last_error = 'The worker was lost during the last attempt, and the lease ended'
             where tenant_id = $1 and job_id in (
                 select job_id from job
                 where tenant_id = $1 and finished_at is null and run_at <= $2 and kind = any($3)
                   and state = 'RUNNING' and attempts >= max_attempts
                 for update skip locked)",
            tenant,
            claim.at,
            claim.kinds as &[&str]
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Keeps a job for longer.
    pub async fn renew_job(&mut self, lease: &Lease, until: DateTime<Utc>) -> Result<Hold, StoreError> {
        let (connection, tenant) = self.parts();
        let renewed = sqlx::query!(
            "-- renew_job\nupdate job set run_at = $4 where tenant_id = $1 and job_id = $2 and lease_token = $3",
            tenant,
            lease.job_id,
            &lease.token[..],
            until
        );
        Ok(hold(renewed.execute(connection).await?.rows_affected()))
    }

    /// Tells how far a job is. In the transaction of what was done, so that the next attempt goes on from there.
    pub async fn progress_job(&mut self, lease: &Lease, progress: &Value) -> Result<Hold, StoreError> {
        let (connection, tenant) = self.parts();
        let told = sqlx::query!(
            "-- progress_job\nupdate job set progress = $4 where tenant_id = $1 and job_id = $2 and lease_token = $3",
            tenant,
            lease.job_id,
            &lease.token[..],
            progress
        );
        Ok(hold(told.execute(connection).await?.rows_affected()))
    }

    /// A job is done. In the transaction of what it changed: both or neither.
    pub async fn finish_job(&mut self, lease: &Lease, at: DateTime<Utc>) -> Result<Hold, StoreError> {
        let (connection, tenant) = self.parts();
        let finished = sqlx::query!(
            "-- finish_job
             update job set state = 'DONE', finished_at = $4, leased_by = null, lease_token = null
             where tenant_id = $1 and job_id = $2 and lease_token = $3",
            tenant,
            lease.job_id,
            &lease.token[..],
            at
        );
        Ok(hold(finished.execute(connection).await?.rows_affected()))
    }

    /// An attempt failed; the next one is at `retry_at`.
    pub async fn fail_job(&mut self, lease: &Lease, error: &str, retry_at: DateTime<Utc>) -> Result<Hold, StoreError> {
        let (connection, tenant) = self.parts();
        let failed = sqlx::query!(
            "-- fail_job
             update job set state = 'QUEUED', run_at = $4, last_error = $5, leased_by = null, lease_token = null
             where tenant_id = $1 and job_id = $2 and lease_token = $3",
            tenant,
            lease.job_id,
            &lease.token[..],
            retry_at,
            kept(error)
        );
        Ok(hold(failed.execute(connection).await?.rows_affected()))
    }

    /// A job is given up: a dead letter.
    pub async fn bury_job(&mut self, lease: &Lease, error: &str, at: DateTime<Utc>) -> Result<Hold, StoreError> {
        let (connection, tenant) = self.parts();
        let buried = sqlx::query!(
            "-- bury_job
             update job set state = 'DEAD', finished_at = $4, last_error = $5, leased_by = null, lease_token = null
             where tenant_id = $1 and job_id = $2 and lease_token = $3",
            tenant,
            lease.job_id,
            &lease.token[..],
            at,
            kept(error)
        );
        Ok(hold(buried.execute(connection).await?.rows_affected()))
    }

    /// A worker that stops gives a job back: others may take it at once, and the attempt does not count.
    pub async fn release_job(&mut self, lease: &Lease, at: DateTime<Utc>) -> Result<Hold, StoreError> {
        let (connection, tenant) = self.parts();
        let released = sqlx::query!(
            "-- release_job
             update job set state = 'QUEUED', run_at = $4, attempts = attempts - 1, leased_by = null, lease_token = null
             where tenant_id = $1 and job_id = $2 and lease_token = $3",
            tenant,
            lease.job_id,
            &lease.token[..],
            at
        );
        Ok(hold(released.execute(connection).await?.rows_affected()))
    }
}
