//! `GET /v1/tenants/{tenant}/jobs/{jobId}`: one job.

use axum::{Json, extract::State};
use store::{TenantScope, jobs::Job};

use super::views::{JobPath, JobView};
use crate::http::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// One job
#[utoipa::path(get, path = "/v1/tenants/{tenant}/jobs/{jobId}", operation_id = "showJob", tag = "jobs",
    params(("tenant" = String, Path), ("jobId" = String, Path)), responses((status = 200, body = JobView), (status = "4XX", body = ProblemView)))]
pub async fn show(Viewer(identity): Viewer, State(state): State<AppState>, JobPath(id): JobPath) -> Result<Json<JobView>, ApiError> {
    let names = state.names.of(&state.store, &identity).await?;
    Ok(Json(JobView::of(job(&state, &identity.scope, id).await?, &names)))
}

/// A job that is there.
pub async fn job(state: &AppState, scope: &TenantScope, id: i64) -> Result<Job, ApiError> {
    let mut tx = state.store.begin_reading(scope).await?;
    let job = tx.job(id).await?;
    tx.commit().await?;
    job.ok_or(ApiError::NotFound)
}
