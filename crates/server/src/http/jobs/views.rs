//! Jobs as JSON.

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use store::jobs::Job;
use utoipa::ToSchema;

use crate::http::{names::Names, path::part, problem::ApiError, state::AppState};

/// Where a job stands.
#[derive(ToSchema)]
#[schema(as = JobState)]
#[serde(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "only its names go into the OpenAPI document")]
pub enum StateName {
    Queued,
    Running,
    Done,
    Dead,
    Discarded,
}

/// Work that is done beside requests.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// Ascending in the order of enqueuing.
    #[schema(example = "4711")]
    job_id: String,
    /// What is to be done.
    #[schema(example = "sweep")]
    kind: String,
    #[schema(value_type = StateName)]
    state: &'static str,
    /// What the handler is told.
    #[schema(value_type = Value)]
    payload: Value,
    /// From when on a worker may take it; while it is RUNNING, when it is taken away from a worker that gives no sign of life.
    run_at: DateTime<Utc>,
    /// How often it was tried since it was enqueued or replayed.
    attempts: i32,
    max_attempts: i32,
    /// Name of the worker that has it.
    #[schema(required)]
    leased_by: Option<String>,
    /// How far it is, as its kind tells; often `{"done": 3, "total": 10}`.
    #[schema(value_type = Option<Value>, required)]
    progress: Option<Value>,
    /// Why the last attempt failed.
    #[schema(required)]
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    created_by: String,
    /// Since when it is DONE, DEAD or DISCARDED.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

impl JobView {
    /// A job, with names for people.
    pub fn of(job: Job, names: &Names) -> Self {
        Self {
            job_id: job.job_id.to_string(),
            kind: job.kind,
            state: job.state.as_str(),
            payload: job.payload,
            run_at: job.run_at,
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            leased_by: job.leased_by,
            progress: job.progress,
            last_error: job.last_error,
            created_at: job.created_at,
            created_by: names.actor(job.created_by),
            finished_at: job.finished_at,
        }
    }
}

/// The id in the path. One that cannot exist is as absent as one that does not.
pub struct JobPath(pub i64);

impl FromRequestParts<AppState> for JobPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        part(parts, state, "jobId").await.map(Self)
    }
}
