//! Jobs of a tenant: enqueued in the transaction that causes them, leased by a worker, finished together with what they changed.
//!
//! A lease ends by itself, so a worker that is gone needs no tidying. Its token tells the holder from whoever held the job before:
//! with an old one nothing changes, and the caller is told ([`Hold::Lost`]).

mod decide;
mod enqueue;
mod lease;
mod list;
mod sweep;
mod work;

use chrono::{DateTime, Utc};
use domain::job::JobState;
use serde_json::Value;

pub use self::{
    decide::{ReplayedJobs, WhichJobs},
    enqueue::NewJob,
    lease::{Claim, Hold, Lease, LeasedJob},
    list::{JobFilter, JobPage},
    sweep::SWEEP,
    work::WorkListener,
};
use crate::StoreError;

/// A job as it stands.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct Job {
    pub job_id: i64,
    pub kind: String,
    pub payload: Value,
    pub state: JobState,
    pub run_at: DateTime<Utc>,
    pub attempts: i32,
    pub max_attempts: i32,
    pub leased_by: Option<String>,
    pub progress: Option<Value>,
    pub last_error: Option<String>,
    pub dedupe_key: Option<String>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub finished_at: Option<DateTime<Utc>>,
}

fn state_of(text: &str) -> Result<JobState, StoreError> {
    text.parse().map_err(|error| StoreError::Bug(sqlx::Error::Decode(Box::new(error))))
}
