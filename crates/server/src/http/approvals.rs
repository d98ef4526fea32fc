//! `GET /v1/tenants/{tenant}/approvals`: what needs or needed a second person. They are decided by commands on their exceptions.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::work::Pending;
use serde::{Deserialize, Serialize};
use store::approvals::{ApprovalRow, RequestCursor};
use utoipa::{IntoParams, ToSchema};

use super::{
    actor::Viewer,
    disclosure::{List, Shown, Subject, TypeOf, disclose},
    exceptions::work::PendingView,
    names::Names,
    params::{Params, one_of},
    problem::{ApiError, ProblemView},
    state::AppState,
};

const PAGE: u32 = 100;
const STATES: [&str; 6] = ["PENDING", "GRANTED", "REFUSED", "WITHDRAWN", "VOID", "EXPIRED"];

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalParams {
    /// PENDING, GRANTED, REFUSED, WITHDRAWN, VOID or EXPIRED. Default PENDING
    state: Option<String>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalPage)]
pub struct PageView {
    items: Vec<ApprovalView>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    next: Option<String>,
}

/// A request, with what is needed to decide it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    #[serde(flatten)]
    request: PendingView,
    state: String,
    #[schema(required)]
    decided_by: Option<String>,
    #[schema(required)]
    decided_at: Option<DateTime<Utc>>,
    /// What the second person wrote.
    #[schema(required)]
    note: Option<String>,
    exception_id: String,
    title: String,
    exception_type: String,
    severity: String,
    queue: String,
    due_at: DateTime<Utc>,
}

/// Requests for a second person, the oldest first
#[utoipa::path(get, path = "/v1/tenants/{tenant}/approvals", operation_id = "listApprovals", tag = "work",
    params(("tenant" = String, Path), ApprovalParams),
    responses((status = 200, body = PageView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn approvals(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    Params(params): Params<ApprovalParams>,
) -> Result<Json<PageView>, ApiError> {
    let wanted = one_of("state", params.state.as_deref(), &STATES)?.unwrap_or("PENDING");
    let after = params.cursor.map(|text| text.parse::<RequestCursor>()).transpose();
    let after = after.map_err(|_| ApiError::Malformed("cursor is not one of this list; leave it out to begin".into()))?;
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let mut rows = tx.approval_requests(wanted, after.as_ref(), PAGE + 1).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(|row| RequestCursor::after(row).to_string());
    let view = disclose(&state, &identity, Subject::List(List::Approvals), |shown| PageView {
        items: rows.into_iter().filter_map(|row| ApprovalView::of(row, &names, shown)).collect(),
        next,
    });
    view.await.map(Json)
}

impl ApprovalView {
    /// `None` where the stored request is not readable, which only another program could have written.
    fn of(row: ApprovalRow, names: &Names, shown: &mut Shown) -> Option<Self> {
        let request: Pending = serde_json::from_str(&row.request).ok()?;
        shown.values(TypeOf::new(&row.domain, &row.pack_version, &row.exception_type), []);
        Some(Self {
            request: PendingView::of(request, names),
            state: row.state,
            decided_by: row.decided_by.map(|by| names.actor(by)),
            decided_at: row.decided_at,
            note: row.note,
            exception_id: row.exception_id,
            title: row.title,
            exception_type: row.exception_type,
            severity: row.severity,
            queue: row.queue,
            due_at: row.due_at,
        })
    }
}
