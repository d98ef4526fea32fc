//! `POST …/quarantine/{quarantineId}/discard` and `POST …/quarantine/discard`: give up what was refused, with a reason.

use axum::{Json, extract::State};
use domain::intake::quarantine::State as Standing;
use serde::Serialize;
use store::{
    keys::Identity,
    quarantine::{By, Discarded, Which},
};
use utoipa::ToSchema;

use super::{
    selection::{DiscardBody, MOST, ReasonBody},
    show::entry,
    views::{DetailView, QuarantinePath},
};
use crate::http::{
    actor::Supervisor,
    body::JsonBody,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// What became of a portion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantineDiscarded)]
pub struct DiscardView {
    discarded: usize,
    /// Selected ones that are still held: send the same again.
    remaining: i64,
}

/// Discard one refused object
///
/// It stays visible until it expires; the same content sent again is held again. One that was discarded before is answered as it is.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/quarantine/{quarantineId}/discard", operation_id = "discardQuarantineEntry", tag = "quarantine",
    params(("tenant" = String, Path), ("quarantineId" = String, Path)), request_body = ReasonBody,
    responses((status = 200, description = "The entry as it is now", body = DetailView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn discard_one(
    Supervisor(identity): Supervisor,
    State(state): State<AppState>,
    QuarantinePath(id): QuarantinePath,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Result<Json<DetailView>, ApiError> {
    let reason = body.read()?;
    discard(&state, &identity, &Which::Ids(vec![id.clone()]), &reason).await?;
    let listed = entry(&state, &identity.scope, &id).await?;
    match listed.row.state {
        Standing::Discarded => DetailView::of(&state, &identity, listed).await.map(Json),
        other => Err(ApiError::AlreadyDecided(other)),
    }
}

/// Discard refused objects
///
/// At most 500 a request. While any remain, send the same again.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/quarantine/discard", operation_id = "discardQuarantine", tag = "quarantine",
    params(("tenant" = String, Path)), request_body = DiscardBody,
    responses((status = 200, body = DiscardView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn discard_many(
    Supervisor(identity): Supervisor,
    State(state): State<AppState>,
    JsonBody(body): JsonBody<DiscardBody>,
) -> Result<Json<DiscardView>, ApiError> {
    let (which, reason) = body.read()?;
    let Discarded { discarded, remaining } = discard(&state, &identity, &which, &reason).await?;
    Ok(Json(DiscardView { discarded, remaining }))
}

async fn discard(state: &AppState, identity: &Identity, which: &Which, reason: &str) -> Result<Discarded, ApiError> {
    let actor = identity.actor();
    let by = By {
        actor: &actor,
        at: state.clock.now(),
    };
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let discarded = tx.discard(which, reason, by, MOST).await?;
    tx.commit().await?;
    Ok(discarded)
}
