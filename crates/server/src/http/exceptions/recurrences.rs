//! `GET /v1/tenants/{tenant}/exceptions/{exceptionId}/recurrences`: what repeats an exception.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::{ExceptionPath, ExceptionView};
use crate::http::{
    actor::Viewer,
    disclosure::{Subject, disclose},
    problem::{ApiError, ProblemView},
    query::{PageParams, Slice},
    state::AppState,
};

/// Exceptions that repeat one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recurrences)]
pub struct RecurrencesView {
    /// By id.
    items: Vec<ExceptionView>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    next: Option<String>,
}

/// Exceptions that repeat one
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions/{exceptionId}/recurrences", operation_id = "listRecurrences", tag = "exceptions",
    params(("tenant" = String, Path), ("exceptionId" = String, Path), PageParams),
    responses((status = 200, body = RecurrencesView), (status = "4XX", body = ProblemView)))]
pub async fn recurrences(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    ExceptionPath(id): ExceptionPath,
    slice: Slice,
) -> Result<Json<RecurrencesView>, ApiError> {
    let limit = slice.limit as usize;
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let mut rows = tx.recurrences(id.as_str(), &slice.after, slice.limit + 1).await?;
    let is_known = !rows.is_empty() || tx.exception(id.as_str()).await?.is_some();
    tx.commit().await?;
    if !is_known {
        return Err(ApiError::NotFound);
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.exception_id.clone());
    let names = state.names.of(&state.store, &identity).await?;
    let tenant = identity.scope.tenant().as_str();
    let view = disclose(&state, &identity, Subject::Exception(id.as_str().to_owned()), |shown| {
        let views = rows.into_iter().map(|row| ExceptionView::of(row, tenant, &names, shown));
        RecurrencesView {
            items: views.collect(),
            next,
        }
    });
    view.await.map(Json)
}
