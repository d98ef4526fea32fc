//! `GET /v1/tenants/{tenant}/jobs`: the jobs of a tenant, newest first.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use serde::{Deserialize, Serialize};
use store::jobs::JobFilter;
use utoipa::{IntoParams, ToSchema};

use super::views::JobView;
use crate::http::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

const MAX_LIMIT: u32 = 500;
const DEFAULT_LIMIT: u32 = 100;
/// Longest name of a kind.
pub const MAX_KIND: usize = 100;

/// Which jobs. Different parameters must all hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobParams {
    /// QUEUED, RUNNING, DONE, DEAD or DISCARDED. Default all of them
    state: Option<String>,
    /// What is to be done, e.g. sweep
    kind: Option<String>,
    /// Jobs per page, 1 to 500. Default 100
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobPage)]
pub struct PageView {
    items: Vec<JobView>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    next: Option<String>,
}

/// A parsed query.
pub struct Page {
    filter: JobFilter,
    limit: u32,
    after: Option<i64>,
}

impl FromRequestParts<AppState> for Page {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or("");
        let params: JobParams =
            serde_urlencoded::from_str(query).map_err(|error| ApiError::Malformed(format!("the query does not fit: {error}")))?;
        params.parse().map_err(|faults| ApiError::Malformed(faults.join("; ")))
    }
}

impl JobParams {
    fn parse(self) -> Result<Page, Vec<String>> {
        let mut faults = Vec::new();
        let state = given(self.state).map(|text| text.parse()).transpose();
        let state = state.map_err(|error| faults.push(format!("state: {error}"))).unwrap_or_default();
        let limit = given(self.limit).map_or(Some(DEFAULT_LIMIT), |text| {
            text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit))
        });
        if limit.is_none() {
            faults.push(format!("limit: limit is a number from 1 to {MAX_LIMIT}"));
        }
        let after = given(self.cursor).map(|text| text.parse::<i64>()).transpose();
        let after = after
            .map_err(|_| faults.push("cursor: send `next` of the page before".to_owned()))
            .unwrap_or_default();
        let kind = given(self.kind);
        if kind.as_ref().is_some_and(|kind| !is_kind(kind)) {
            faults.push(format!("kind: a kind has at most {MAX_KIND} characters and no control characters"));
        }
        match limit {
            Some(limit) if faults.is_empty() => Ok(Page {
                filter: JobFilter { state, kind },
                limit,
                after,
            }),
            _ => Err(faults),
        }
    }
}

/// Whether a text may be the name of a kind.
pub fn is_kind(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_KIND && !text.chars().any(char::is_control)
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Jobs, a page at a time
///
/// The newest first. What is done or discarded is deleted after a week; dead letters stay until somebody decides.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/jobs", operation_id = "listJobs", tag = "jobs",
    params(("tenant" = String, Path), JobParams), responses((status = 200, body = PageView), (status = "4XX", body = ProblemView)))]
pub async fn list(Viewer(identity): Viewer, State(state): State<AppState>, page: Page) -> Result<Json<PageView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let jobs = tx.jobs(&page.filter, page.after, page.limit).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    Ok(Json(PageView {
        items: jobs.items.into_iter().map(|job| JobView::of(job, &names)).collect(),
        next: jobs.next.map(|id| id.to_string()),
    }))
}
