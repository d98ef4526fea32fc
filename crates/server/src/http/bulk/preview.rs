//! `POST /v1/tenants/{tenant}/exceptions:bulk`: freeze what a filter selects, and say what a command would do to it.

use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri, State},
    http::request::Parts,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::work::Command;
use serde::Serialize;
use store::{
    bulk::BulkRun,
    exceptions::{ExceptionRow, Listing},
    keys::Identity,
};
use utoipa::ToSchema;

use super::views::RunView;
use crate::{
    bulk::{demand, forecast},
    http::{
        actor::Operator,
        body::JsonBody,
        disclosure::{List, Subject, disclose},
        exceptions::{
            commands::{CommandBody, worker},
            views::ExceptionView,
        },
        parameters::Parameters,
        people,
        problem::{ApiError, ProblemView},
        query::{FilterParams, Selection},
        state::AppState,
    },
    secrets,
};

/// Exceptions frozen in one statement.
const PAGE: u32 = 2000;
/// How long a preview can be committed.
const PREVIEW_LASTS: TimeDelta = TimeDelta::days(1);
/// Exceptions shown as a sample.
const SAMPLE: usize = 5;

/// What a command would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkPreview)]
#[serde(rename_all = "camelCase")]
pub struct PreviewView {
    run: RunView,
    /// How many would be changed.
    would_be_done: i64,
    /// How many would wait for a second person.
    would_need_approval: i64,
    /// How many would be refused, by reason, most first.
    would_be_refused: Vec<RefusalView>,
    /// The first of them.
    sample: Vec<ExceptionView>,
}

/// Why some would be refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkRefusal)]
pub struct RefusalView {
    because: String,
    count: i64,
}

/// All that a filter selects.
pub struct Everything(Selection);

impl FromRequestParts<AppState> for Everything {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let given = Parameters::of(parts)?;
        if given.has("limit") || given.has("cursor") {
            return Err(ApiError::Malformed(
                "a bulk run is about everything that the filter selects; leave out limit and cursor".into(),
            ));
        }
        Selection::of(given, parts, state).await.map(Self)
    }
}

/// The ids of all exceptions that a filter selects at one moment, and the first of them: in one snapshot, so that none is there twice or
/// missing while others are worked on.
async fn selected(
    state: &AppState,
    identity: &Identity,
    selection: &Selection,
    now: DateTime<Utc>,
) -> Result<(Vec<String>, Vec<ExceptionRow>), ApiError> {
    let (mut ids, mut sample, mut after) = (Vec::new(), Vec::new(), None);
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    loop {
        let listing = Listing {
            after: after.as_ref(),
            limit: PAGE,
            ..selection.listing(now)
        };
        let page = tx.exceptions(listing).await?;
        ids.extend(page.items.iter().map(|row| row.exception_id.clone()));
        sample.extend(page.items.into_iter().take(SAMPLE - sample.len().min(SAMPLE)));
        after = page.next;
        if after.is_none() {
            tx.commit().await?;
            return Ok((ids, sample));
        }
    }
}

/// Preview a command on everything a filter selects
///
/// The exceptions are frozen: what arrives later is not touched. Nothing changes before the run is committed.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions:bulk", operation_id = "previewBulk", tag = "work",
    params(("tenant" = String, Path), FilterParams), request_body = CommandBody,
    responses((status = 200, body = PreviewView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn preview(
    Operator(identity): Operator,
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    Everything(selection): Everything,
    JsonBody(body): JsonBody<CommandBody>,
) -> Result<Json<PreviewView>, ApiError> {
    let names = state.names.of(&state.store, &identity).await?;
    let command = people::with_owner(&state, &identity, &names, Command::from(body)).await?;
    let (by, now) = (worker(&identity), state.clock.now());
    let (ids, sample) = selected(&state, &identity, &selection, now).await?;
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let run = BulkRun {
        run_id: secrets::uuid().to_string(),
        state: "PREVIEW".into(),
        command: serde_json::to_string(&command).map_err(|error| ApiError::Internal(error.into()))?,
        filter: uri.query().unwrap_or_default().to_owned(),
        total,
        processed: 0,
        done: 0,
        approvals_requested: 0,
        refused: 0,
        approval_reason: demand(&pack, total).map(|demand| demand.because.clone()),
        created_by: by.name.clone(),
        created_at: now,
        expires_at: now + PREVIEW_LASTS,
        decided_by: None,
        decided_at: None,
        finished_at: None,
    };
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    tx.begin_bulk(&run).await?;
    let mut frozen = 0;
    for portion in ids.chunks(PAGE as usize) {
        tx.freeze(&run.run_id, frozen, portion).await?;
        frozen += i64::try_from(portion.len()).unwrap_or(0);
    }
    tx.commit().await?;
    let forecast = forecast(&state.work, &identity.scope, &run.run_id, (&command, &by, now)).await?;
    let tenant = identity.scope.tenant().as_str();
    let view = disclose(&state, &identity, Subject::List(List::Bulk), |shown| PreviewView {
        run: RunView::of(run, &names, shown),
        would_be_done: forecast.done,
        would_need_approval: forecast.asked,
        would_be_refused: forecast
            .refused
            .into_iter()
            .map(|(because, count)| RefusalView { because, count })
            .collect(),
        sample: sample
            .into_iter()
            .map(|row| ExceptionView::of(row, tenant, &names, shown))
            .collect(),
    });
    view.await.map(Json)
}
