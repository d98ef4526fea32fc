//! Looking at jobs: pages newest first, or one.

use chrono::{DateTime, Utc};
use domain::job::JobState;
use serde_json::Value;

use super::{Job, state_of};
use crate::{StoreError, TenantTx};

/// Which jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Where they stand.
    pub state: Option<JobState>,
    /// What is to be done.
    pub kind: Option<String>,
}

/// A page and where the next one starts.
#[derive(Debug)]
pub struct JobPage {
    /// The jobs.
    pub items: Vec<Job>,
    /// The last one, if there are more behind it.
    pub next: Option<i64>,
}

/// A job as it is read.
struct Sql {
    job_id: i64,
    kind: String,
    payload: Value,
    state: String,
    run_at: DateTime<Utc>,
    attempts: i32,
    max_attempts: i32,
    leased_by: Option<String>,
    progress: Option<Value>,
    last_error: Option<String>,
    dedupe_key: Option<String>,
    created_at: DateTime<Utc>,
    created_by: String,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<Sql> for Job {
    type Error = StoreError;
    fn try_from(sql: Sql) -> Result<Self, StoreError> {
        Ok(Self {
            state: state_of(&sql.state)?,
            job_id: sql.job_id,
            kind: sql.kind,
            payload: sql.payload,
            run_at: sql.run_at,
            attempts: sql.attempts,
            max_attempts: sql.max_attempts,
            leased_by: sql.leased_by,
            progress: sql.progress,
            last_error: sql.last_error,
            dedupe_key: sql.dedupe_key,
            created_at: sql.created_at,
            created_by: sql.created_by,
            finished_at: sql.finished_at,
        })
    }
}

impl TenantTx {
    /// A page of at most `limit` jobs behind `after`, the newest first.
    pub async fn jobs(&mut self, filter: &JobFilter, after: Option<i64>, limit: u32) -> Result<JobPage, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query_as!(
            Sql,
            "-- list_jobs
             select job_id, kind, payload, state, run_at, attempts, max_attempts, leased_by, progress, last_error, dedupe_key,
                    created_at, created_by, finished_at
             from job where tenant_id = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3) and job_id < $4
             order by job_id desc limit $5",
            tenant,
            filter.state.map(JobState::as_str),
            filter.kind.as_deref(),
            after.unwrap_or(i64::MAX),
            i64::from(limit) + 1
        );
        let rows = rows.fetch_all(connection).await?;
        let more = rows.len() > limit as usize;
        let rows = rows.into_iter().take(limit as usize);
        let items = rows.map(Job::try_from).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(|job| job.job_id);
        Ok(JobPage { items, next })
    }

    /// One job.
    pub async fn job(&mut self, job_id: i64) -> Result<Option<Job>, StoreError> {
        let (connection, tenant) = self.parts();
        let found = sqlx::query_as!(
            Sql,
            "-- show_job
             select job_id, kind, payload, state, run_at, attempts, max_attempts, leased_by, progress, last_error, dedupe_key,
                    created_at, created_by, finished_at
             from job where tenant_id = $1 and job_id = $2",
            tenant,
            job_id
        );
        found.fetch_optional(connection).await?.map(Job::try_from).transpose()
    }
}
