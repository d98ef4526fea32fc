//! `GET /v1/tenants/{tenant}/quarantine`: what rules refused, newest first, and how much of it for each reason.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use domain::intake::quarantine::State as Standing;
use serde::Serialize;
use store::quarantine::{QuarantineCount, QuarantineCursor, QuarantineFilter};
use utoipa::{IntoParams, ToSchema};

use super::views::EntryView;
use crate::http::{
    actor::Viewer,
    disclosure::{List, Subject, disclose},
    parameters::{MAX_NAME, Parameters},
    problem::{ApiError, ProblemView},
    state::AppState,
};

const MAX_LIMIT: u32 = 500;
const DEFAULT_LIMIT: u32 = 100;

/// Which entries. Different parameters must all hold.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the OpenAPI document; read by name")]
pub struct QuarantineParams {
    /// HELD, REPLAYED or DISCARDED. Default HELD
    state: Option<String>,
    /// With this fault, e.g. unknown-type
    code: Option<String>,
    /// Of this source system
    source: Option<String>,
    /// Text that the claimed type contains; letter case does not matter
    #[param(rename = "type")]
    kind: Option<String>,
    /// Entries per page, 1 to 500. Default 100
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// A page of refused objects.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantinePage)]
pub struct PageView {
    items: Vec<EntryView>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    next: Option<String>,
    /// Entries under all parameters but `code`.
    total: i64,
    /// How many of them have each fault, most first. An entry with several faults counts for each.
    codes: Vec<CodeView>,
}

/// How many entries have a fault.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantineCode)]
pub struct CodeView {
    code: String,
    count: i64,
}

/// A parsed query.
pub struct Page {
    filter: QuarantineFilter,
    limit: u32,
    after: Option<QuarantineCursor>,
}

impl FromRequestParts<AppState> for Page {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let mut given = Parameters::of(parts)?;
        let state = given.read("state", str::parse::<Standing>).unwrap_or(Standing::Held);
        let filter = QuarantineFilter {
            state,
            code: given.text("code", MAX_NAME),
            source: given.text("source", MAX_NAME),
            kind: given.text("type", MAX_NAME),
        };
        let limit = given.limit(DEFAULT_LIMIT, MAX_LIMIT);
        let after = given.read("cursor", QuarantineCursor::decode);
        given.end()?;
        Ok(Self { filter, limit, after })
    }
}

/// What rules refused, a page at a time
///
/// Those that came last first. Every refused object is here once per content, until it expires.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/quarantine", operation_id = "listQuarantine", tag = "quarantine",
    params(("tenant" = String, Path), QuarantineParams), responses((status = 200, body = PageView), (status = "4XX", body = ProblemView)))]
pub async fn list(Viewer(identity): Viewer, State(state): State<AppState>, page: Page) -> Result<Json<PageView>, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let entries = tx.quarantine(&page.filter, page.after.as_ref(), page.limit, now).await?;
    let counts = tx.quarantine_counts(&page.filter, now).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    let total = counts.iter().find(|count| count.code.is_none()).map_or(0, |count| count.count);
    let code = |QuarantineCount { code, count }| Some(CodeView { code: code?, count });
    let view = disclose(&state, &identity, Subject::List(List::Quarantine), |shown| PageView {
        items: entries.items.into_iter().map(|row| EntryView::of(row, &names, shown)).collect(),
        next: entries.next.map(|cursor| cursor.encode()),
        total,
        codes: counts.into_iter().filter_map(code).collect(),
    });
    view.await.map(Json)
}
