//! `GET /v1/tenants/{tenant}/quarantine`: what rules refused, newest first, and how much of it for each reason.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use domain::intake::quarantine::State as Standing;
use serde::{Deserialize, Serialize};
use store::quarantine::{QuarantineCount, QuarantineCursor, QuarantineFilter};
use utoipa::{IntoParams, ToSchema};

use super::views::EntryView;
use crate::http::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

const MAX_LIMIT: u32 = 500;
const DEFAULT_LIMIT: u32 = 100;
const MAX_TEXT: usize = 200;

/// Which entries. Different parameters must all hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuarantineParams {
    /// HELD, REPLAYED or DISCARDED. Default HELD
    state: Option<String>,
    /// With this fault, e.g. unknown-type
    code: Option<String>,
    /// Of this source system
    source: Option<String>,
    /// Text that the claimed type contains; letter case does not matter
    #[serde(rename = "type")]
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
        let query = parts.uri.query().unwrap_or("");
        let params: QuarantineParams =
            serde_urlencoded::from_str(query).map_err(|error| ApiError::Malformed(format!("the query does not fit: {error}")))?;
        params.parse().map_err(|faults| ApiError::Malformed(faults.join("; ")))
    }
}

impl QuarantineParams {
    fn parse(self) -> Result<Page, Vec<String>> {
        let mut faults = Vec::new();
        let state = given(self.state).map_or(Ok(Standing::Held), |text| text.parse());
        let state = state
            .map_err(|error| faults.push(format!("state: {error}")))
            .unwrap_or(Standing::Held);
        let limit = given(self.limit).map_or(Some(DEFAULT_LIMIT), |text| {
            text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit))
        });
        if limit.is_none() {
            faults.push(format!("limit: limit is a number from 1 to {MAX_LIMIT}"));
        }
        let after = given(self.cursor).map(|text| QuarantineCursor::decode(&text)).transpose();
        let after = after.map_err(|error| faults.push(format!("cursor: {error}"))).unwrap_or_default();
        let filter = QuarantineFilter {
            state,
            code: text("code", self.code, &mut faults),
            source: text("source", self.source, &mut faults),
            kind: text("type", self.kind, &mut faults),
        };
        match limit {
            Some(limit) if faults.is_empty() => Ok(Page { filter, limit, after }),
            _ => Err(faults),
        }
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn text(name: &str, text: Option<String>, faults: &mut Vec<String>) -> Option<String> {
    let text = given(text)?;
    if text.contains('\0') || text.len() > MAX_TEXT {
        faults.push(format!("{name}: a text has at most {MAX_TEXT} bytes and no NUL character"));
    }
    Some(text)
}

/// What rules refused, a page at a time
///
/// Those that came last first. Every refused object is here once per content, until it expires.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/quarantine", operation_id = "listQuarantine", tag = "quarantine",
    params(("tenant" = String, Path), QuarantineParams), responses((status = 200, body = PageView), (status = "4XX", body = ProblemView)))]
pub async fn list(Viewer(identity): Viewer, State(state): State<AppState>, page: Page) -> Result<Json<PageView>, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin(&identity.scope).await?;
    let entries = tx.quarantine(&page.filter, page.after.as_ref(), page.limit, now).await?;
    let counts = tx.quarantine_counts(&page.filter, now).await?;
    tx.commit().await?;
    let total = counts.iter().find(|count| count.code.is_none()).map_or(0, |count| count.count);
    let code = |QuarantineCount { code, count }| Some(CodeView { code: code?, count });
    Ok(Json(PageView {
        items: entries.items.into_iter().map(EntryView::from).collect(),
        next: entries.next.map(|cursor| cursor.encode()),
        total,
        codes: counts.into_iter().filter_map(code).collect(),
    }))
}
