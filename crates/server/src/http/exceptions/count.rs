//! `GET /v1/tenants/{tenant}/exceptions:count`: how many exceptions a filter selects.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    actor::Viewer,
    disclosure::{List, Subject, disclose},
    problem::{ApiError, ProblemView},
    query::{FilterParams, Selection},
    state::AppState,
};

/// A number of exceptions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Count)]
pub struct CountView {
    /// How many the filter selects.
    count: i64,
}

/// How many exceptions a filter selects
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions:count", operation_id = "countExceptions", tag = "exceptions", params(("tenant" = String, Path), FilterParams),
    responses((status = 200, body = CountView), (status = "4XX", body = ProblemView)))]
pub async fn count(Viewer(identity): Viewer, State(state): State<AppState>, selection: Selection) -> Result<Json<CountView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let count = tx.count(&selection.filter, state.clock.now()).await?;
    tx.commit().await?;
    let view = disclose(&state, &identity, Subject::List(List::Exceptions), |shown| {
        if count > 0 {
            shown.sought(&selection.filter);
        }
        CountView { count }
    });
    view.await.map(Json)
}
