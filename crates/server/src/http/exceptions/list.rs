//! `GET /v1/tenants/{tenant}/exceptions`: a page of exceptions in any order.

use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::ExceptionView;
use crate::http::{
    actor::Viewer,
    disclosure::{List, Subject, disclose},
    problem::{ApiError, ProblemView},
    query::{FilterParams, Selection},
    state::AppState,
};

/// A page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionPage)]
pub struct PageView {
    items: Vec<ExceptionView>,
    /// `cursor` of the next page; null on the last. The same address is in the `Link` header.
    #[schema(required)]
    next: Option<String>,
    /// Exceptions that the filter selects; null where only counting would tell.
    #[schema(required)]
    total: Option<i64>,
}

/// Exceptions by filter, a page at a time
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions", operation_id = "listExceptions", tag = "exceptions", params(("tenant" = String, Path), FilterParams),
    responses((status = 200, body = PageView), (status = "4XX", body = ProblemView)))]
pub async fn list(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    selection: Selection,
) -> Result<Response, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let page = tx.exceptions(selection.listing(state.clock.now())).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    let tenant = identity.scope.tenant().as_str();
    let (next, total) = (page.next, page.total);
    let next = next.map(|cursor| cursor.encode());
    let headers = next
        .as_deref()
        .and_then(|next| link(&uri, next))
        .map(|link| HeaderMap::from_iter([(header::LINK, link)]));
    let items = disclose(&state, &identity, Subject::List(List::Exceptions), |shown| {
        if !page.items.is_empty() {
            shown.sought(&selection.filter);
        }
        let views = page.items.into_iter().map(|row| ExceptionView::of(row, tenant, &names, shown));
        views.collect()
    });
    let items = items.await?;
    Ok((headers.unwrap_or_default(), Json(PageView { items, next, total })).into_response())
}

/// RFC 8288 link to the next page.
fn link(uri: &axum::http::Uri, next: &str) -> Option<HeaderValue> {
    let others = uri
        .query()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let cursor = format!("cursor={next}");
    let query = others.chain([cursor.as_str()]).collect::<Vec<_>>().join("&");
    HeaderValue::from_str(&format!("<{}?{query}>; rel=\"next\"", uri.path())).ok()
}
