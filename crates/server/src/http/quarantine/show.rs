//! `GET /v1/tenants/{tenant}/quarantine/{quarantineId}`: a refused object with every reason.

use axum::{Json, extract::State};
use domain::ids::QuarantineId;
use store::{TenantScope, quarantine::Listed};

use super::views::{DetailView, QuarantinePath};
use crate::http::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// One refused object with every reason
#[utoipa::path(get, path = "/v1/tenants/{tenant}/quarantine/{quarantineId}", operation_id = "showQuarantineEntry", tag = "quarantine",
    params(("tenant" = String, Path), ("quarantineId" = String, Path)), responses((status = 200, body = DetailView), (status = "4XX", body = ProblemView)))]
pub async fn show(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    QuarantinePath(id): QuarantinePath,
) -> Result<Json<DetailView>, ApiError> {
    let listed = entry(&state, &identity.scope, &id).await?;
    DetailView::of(&state, &identity, listed).await.map(Json)
}

/// An entry that is there.
pub async fn entry(state: &AppState, scope: &TenantScope, id: &QuarantineId) -> Result<Listed, ApiError> {
    let mut tx = state.store.begin_reading(scope).await?;
    let listed = tx.quarantined(id, state.clock.now()).await?;
    tx.commit().await?;
    listed.ok_or(ApiError::NotFound)
}
