//! `GET …/bulk/{runId}` and `…/items`: how far a run is, and what became of each exception.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::{ItemView, RunPath, RunView};
use crate::http::{
    actor::Viewer,
    params::{Params, one_of},
    problem::{ApiError, ProblemView},
    state::AppState,
};

const PAGE: i64 = 500;

/// Which exceptions of a run.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemParams {
    /// DONE, `APPROVAL_REQUESTED` or REFUSED; without it all
    outcome: Option<String>,
    /// Behind this position
    after: Option<i64>,
}

/// A page of exceptions of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkItemPage)]
pub struct ItemPageView {
    items: Vec<ItemView>,
    /// `after` of the next page; null on the last.
    #[schema(required)]
    next: Option<i64>,
}

/// A bulk run
#[utoipa::path(get, path = "/v1/tenants/{tenant}/bulk/{runId}", operation_id = "showBulk", tag = "work",
    params(("tenant" = String, Path), ("runId" = String, Path)),
    responses((status = 200, body = RunView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn show(Viewer(identity): Viewer, State(state): State<AppState>, RunPath(id): RunPath) -> Result<Json<RunView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let run = tx.bulk_run(&id).await?.ok_or(ApiError::NotFound)?;
    tx.commit().await?;
    RunView::answer(&state, &identity, run).await.map(Json)
}

/// What became of the exceptions of a run
#[utoipa::path(get, path = "/v1/tenants/{tenant}/bulk/{runId}/items", operation_id = "listBulkItems", tag = "work",
    params(("tenant" = String, Path), ("runId" = String, Path), ItemParams),
    responses((status = 200, body = ItemPageView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn items(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    RunPath(id): RunPath,
    Params(params): Params<ItemParams>,
) -> Result<Json<ItemPageView>, ApiError> {
    let outcome = one_of("outcome", params.outcome.as_deref(), &["DONE", "APPROVAL_REQUESTED", "REFUSED"])?;
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    tx.bulk_run(&id).await?.ok_or(ApiError::NotFound)?;
    let items = tx.bulk_items(&id, outcome, params.after.unwrap_or(0), PAGE).await?;
    tx.commit().await?;
    let full = i64::try_from(items.len()).is_ok_and(|count| count == PAGE);
    let next = items.last().filter(|_| full).map(|item| item.position);
    Ok(Json(ItemPageView {
        items: items.into_iter().map(ItemView::from).collect(),
        next,
    }))
}
