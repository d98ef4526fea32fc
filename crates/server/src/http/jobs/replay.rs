//! `POST …/jobs/{jobId}/replay` and `POST …/jobs/replay`: let dead letters run again.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use store::{
    jobs::{ReplayedJobs, WhichJobs},
    keys::Identity,
    quarantine::By,
};
use utoipa::ToSchema;

use super::{
    list::{MAX_KIND, is_kind},
    show::job,
    views::{JobPath, JobView},
};
use crate::http::{
    actor::Supervisor,
    body::JsonBody,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Most jobs of one request.
const MOST: u16 = 500;

/// Which dead letters; all of them without a kind.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = JobSelection)]
#[serde(deny_unknown_fields)]
pub struct SelectionBody {
    /// Those of this kind.
    #[schema(example = "sweep")]
    kind: Option<String>,
}

/// A portion that runs again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobsReplayed)]
pub struct ReplayView {
    replayed: usize,
    /// There may be more: send the same again.
    more: bool,
}

/// Let one dead letter run again
///
/// At once, with all its attempts, and from where it came to.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/jobs/{jobId}/replay", operation_id = "replayJob", tag = "jobs",
    params(("tenant" = String, Path), ("jobId" = String, Path)),
    responses((status = 200, description = "The job as it is now", body = JobView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn replay_one(
    Supervisor(identity): Supervisor,
    State(state): State<AppState>,
    JobPath(id): JobPath,
) -> Result<Json<JobView>, ApiError> {
    let before = job(&state, &identity.scope, id).await?;
    let done = replay(&state, &identity, &WhichJobs::One(id)).await?;
    if done.replayed == 0 {
        return Err(ApiError::JobNotReplayed(before.state));
    }
    let names = state.names.of(&state.store, &identity).await?;
    Ok(Json(JobView::of(job(&state, &identity.scope, id).await?, &names)))
}

/// Let dead letters run again
///
/// At most 500 a request, the oldest first. While there are more, send the same again.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/jobs/replay", operation_id = "replayJobs", tag = "jobs",
    params(("tenant" = String, Path)), request_body = SelectionBody,
    responses((status = 200, body = ReplayView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn replay_many(
    Supervisor(identity): Supervisor,
    State(state): State<AppState>,
    JsonBody(body): JsonBody<SelectionBody>,
) -> Result<Json<ReplayView>, ApiError> {
    let which = match body.kind {
        None => WhichJobs::All,
        Some(kind) if is_kind(&kind) => WhichJobs::Kind(kind),
        Some(_) => {
            let why = format!("kind: write a kind of 1 to {MAX_KIND} characters, e.g. sweep, or leave it out for all of them");
            return Err(ApiError::Malformed(why));
        }
    };
    let ReplayedJobs { replayed, more } = replay(&state, &identity, &which).await?;
    Ok(Json(ReplayView { replayed, more }))
}

async fn replay(state: &AppState, identity: &Identity, which: &WhichJobs) -> Result<ReplayedJobs, ApiError> {
    let actor = identity.actor();
    let by = By {
        actor: &actor,
        at: state.clock.now(),
    };
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let replayed = tx.replay_jobs(which, by, MOST).await?;
    tx.commit().await?;
    Ok(replayed)
}
