//! `POST /v1/tenants/{tenant}/queues/{queue}/next`: the most urgent exception that nobody has, claimed for the caller.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::event::EventKind;

use crate::http::{
    actor::Operator,
    exceptions::{
        commands::worker,
        show::{DetailView, Record, answer, etag},
    },
    path::part,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// The queue a path names.
pub struct QueuePath(String);

impl FromRequestParts<AppState> for QueuePath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        part(parts, state, "queue").await.map(Self)
    }
}

/// Claim the next exception of a queue
///
/// Highest severity first, then the earliest due. However many ask at once, nobody gets what another got.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/queues/{queue}/next", operation_id = "claimNext", tag = "work",
    params(("tenant" = String, Path), ("queue" = String, Path)),
    responses((status = 200, body = DetailView), (status = 204, description = "Nothing waits there"), (status = "4XX", body = ProblemView),
        (status = 503, body = ProblemView)))]
pub async fn next(Operator(identity): Operator, State(state): State<AppState>, QueuePath(queue): QueuePath) -> Result<Response, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    if !pack.document().queues.contains_key(&queue) {
        return Err(ApiError::NotFound);
    }
    let names = state.names.of(&state.store, &identity).await?;
    let claimed = state
        .work
        .next(&identity.scope, &queue, &worker(&identity), state.clock.now())
        .await?;
    let Some(done) = claimed else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let record = Record::Event(EventKind::Claimed);
    let (version, claimed) = answer(&state, (&identity, &names), done.detail, record).await?;
    Ok(([(header::ETAG, etag(version))], Json(claimed)).into_response())
}
