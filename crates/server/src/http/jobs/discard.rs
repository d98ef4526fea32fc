//! `POST …/jobs/{jobId}/discard`: give up a dead letter, with a reason.

use axum::{Json, extract::State};
use store::quarantine::By;

use super::{
    show::job,
    views::{JobPath, JobView},
};
use crate::http::{
    actor::Supervisor,
    body::JsonBody,
    problem::{ApiError, ProblemView},
    quarantine::selection::ReasonBody,
    state::AppState,
};

/// Discard one dead letter
///
/// It never runs again. The decision and its reason are an event of the tenant's chain.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/jobs/{jobId}/discard", operation_id = "discardJob", tag = "jobs",
    params(("tenant" = String, Path), ("jobId" = String, Path)), request_body = ReasonBody,
    responses((status = 200, description = "The job as it is now", body = JobView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn discard(
    Supervisor(identity): Supervisor,
    State(state): State<AppState>,
    JobPath(id): JobPath,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Result<Json<JobView>, ApiError> {
    let reason = body.read()?;
    let actor = identity.actor();
    let by = By {
        actor: &actor,
        at: state.clock.now(),
    };
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let discarded = tx.discard_job(id, &reason, by).await?;
    tx.commit().await?;
    let job = job(&state, &identity.scope, id).await?;
    if discarded {
        let names = state.names.of(&state.store, &identity).await?;
        Ok(Json(JobView::of(job, &names)))
    } else {
        Err(ApiError::JobNotDead(job.state))
    }
}
