//! `GET /v1/tenants/{tenant}/bulk`: runs, newest first.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::RunView;
use crate::http::{
    actor::Viewer,
    disclosure::{List, Subject, disclose},
    params::Params,
    problem::{ApiError, ProblemView},
    state::AppState,
};

const PAGE: i64 = 100;

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunParams {
    /// Older than this time
    before: Option<DateTime<Utc>>,
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkPage)]
pub struct RunPageView {
    items: Vec<RunView>,
    /// `before` of the next page; null on the last.
    #[schema(required)]
    next: Option<DateTime<Utc>>,
}

/// Bulk runs, newest first
#[utoipa::path(get, path = "/v1/tenants/{tenant}/bulk", operation_id = "listBulk", tag = "work",
    params(("tenant" = String, Path), RunParams),
    responses((status = 200, body = RunPageView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn list(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    Params(params): Params<RunParams>,
) -> Result<Json<RunPageView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let runs = tx.bulk_runs(params.before, PAGE).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    let full = i64::try_from(runs.len()).is_ok_and(|count| count == PAGE);
    let next = runs.last().filter(|_| full).map(|run| run.created_at);
    let view = disclose(&state, &identity, Subject::List(List::Bulk), |shown| RunPageView {
        items: runs.into_iter().map(|run| RunView::of(run, &names, shown)).collect(),
        next,
    });
    view.await.map(Json)
}
