//! `POST …/bulk/{runId}/commit`, `/grant` and `/discard`: agree to a run, as who asked or as the second person, or give it up.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::event::EventKind;
use domain::role::Role;
use serde_json::json;
use store::{
    TenantTx,
    bulk::{BULK, BulkRun},
    jobs::NewJob,
    keys::Identity,
    quarantine::By,
};

use super::views::{RunPath, RunView};
use crate::{
    bulk::{demand, record, request_approval},
    http::{
        actor::{self, Operator},
        problem::{ApiError, ProblemView},
        state::AppState,
    },
};

/// After how many attempts a run is a dead letter; its outcomes stay, and a replay goes on behind them.
const MAX_ATTEMPTS: u16 = 10;

/// Commit a previewed run
///
/// It is carried out by a job, or waits for a second person where the active pack demands one. Rules and role are those of now and, for each
/// portion, those of then. A preview can be committed for a day. Committed again, the run is answered as it is.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/bulk/{runId}/commit", operation_id = "commitBulk", tag = "work",
    params(("tenant" = String, Path), ("runId" = String, Path)),
    responses((status = 200, body = RunView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn commit(Operator(identity): Operator, State(state): State<AppState>, RunPath(id): RunPath) -> Result<Json<RunView>, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let now = state.clock.now();
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let run = tx.hold_bulk_run(&id).await?.ok_or(ApiError::NotFound)?;
    let me = identity.actor();
    if run.created_by != me {
        let names = state.names.of(&state.store, &identity).await?;
        let asked = names.actor(run.created_by);
        return Err(ApiError::Conflict(format!("{asked} asked for it: preview it yourself")));
    }
    match run.state.as_str() {
        "PREVIEW" if run.expires_at <= now => {
            return Err(ApiError::Conflict("the preview has expired: preview it again".into()));
        }
        "PREVIEW" => {
            if let Some(rule) = demand(&pack, run.total) {
                request_approval(&mut tx, &run, rule, now).await?;
            } else {
                tx.set_approval_reason(&id, None).await?;
                start(&mut tx, &run, &identity, now).await?;
            }
        }
        "DISCARDED" => return Err(ApiError::Conflict("it was discarded: preview it again".into())),
        // Twice is once.
        _ => {}
    }
    answer(&state, &identity, tx, &id).await
}

/// Agree to somebody else's run
#[utoipa::path(post, path = "/v1/tenants/{tenant}/bulk/{runId}/grant", operation_id = "grantBulk", tag = "work",
    params(("tenant" = String, Path), ("runId" = String, Path)),
    responses((status = 200, body = RunView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn grant(Operator(identity): Operator, State(state): State<AppState>, RunPath(id): RunPath) -> Result<Json<RunView>, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let run = tx.hold_bulk_run(&id).await?.ok_or(ApiError::NotFound)?;
    if run.created_by == identity.actor() {
        return Err(actor::noted(&state, &identity, ApiError::OwnRequest));
    }
    if run.state != "PENDING" {
        return Err(ApiError::Conflict(format!(
            "it is {}: only what is PENDING waits for a second person",
            run.state
        )));
    }
    let demand = demand(&pack, run.total);
    let (needed, has) = (
        demand.map_or(Role::Supervisor, |demand| demand.approver),
        identity.role().unwrap_or(Role::Viewer),
    );
    if has < needed {
        return Err(actor::noted(&state, &identity, ApiError::RoleTooWeak { needed, has }));
    }
    if demand.is_some_and(|demand| state.clock.now() - run.created_at > demand.expires_after()) {
        return Err(ApiError::Conflict(
            "it expired before anybody decided: discard it, and preview it again".into(),
        ));
    }
    start(&mut tx, &run, &identity, state.clock.now()).await?;
    answer(&state, &identity, tx, &id).await
}

/// Give a run up that has not begun
#[utoipa::path(post, path = "/v1/tenants/{tenant}/bulk/{runId}/discard", operation_id = "discardBulk", tag = "work",
    params(("tenant" = String, Path), ("runId" = String, Path)),
    responses((status = 200, body = RunView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn discard(Operator(identity): Operator, State(state): State<AppState>, RunPath(id): RunPath) -> Result<Json<RunView>, ApiError> {
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let run = tx.hold_bulk_run(&id).await?.ok_or(ApiError::NotFound)?;
    let me = identity.actor();
    if run.created_by != me && identity.role() < Some(Role::Supervisor) {
        let (needed, has) = (Role::Supervisor, identity.role().unwrap_or(Role::Viewer));
        return Err(actor::noted(&state, &identity, ApiError::RoleTooWeak { needed, has }));
    }
    match run.state.as_str() {
        "PREVIEW" => tx.set_bulk_state(&id, "DISCARDED", Some(&me), state.clock.now()).await?,
        "PENDING" => {
            tx.set_bulk_state(&id, "DISCARDED", Some(&me), state.clock.now()).await?;
            record(&mut tx, &run, EventKind::BulkDiscarded, &me, state.clock.now()).await?;
        }
        "DISCARDED" => {}
        other => return Err(ApiError::Conflict(format!("it is {other}: what has begun is not given up"))),
    }
    answer(&state, &identity, tx, &id).await
}

/// The run goes on, and its job with it: both or neither.
async fn start(tx: &mut TenantTx, run: &BulkRun, identity: &Identity, now: DateTime<Utc>) -> Result<(), ApiError> {
    let me = identity.actor();
    tx.set_bulk_state(&run.run_id, "RUNNING", Some(&me), now).await?;
    let job = NewJob {
        kind: BULK,
        payload: json!({"runId": run.run_id, "domain": identity.domain}),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
        dedupe_key: Some(&run.run_id),
    };
    tx.enqueue_job(&job, By { actor: &me, at: now }).await?;
    Ok(record(tx, run, EventKind::BulkStarted, &me, now).await?)
}

async fn answer(state: &AppState, identity: &Identity, mut tx: TenantTx, id: &str) -> Result<Json<RunView>, ApiError> {
    let run = tx.bulk_run(id).await?.ok_or(ApiError::NotFound)?;
    tx.commit().await?;
    RunView::answer(state, identity, run).await.map(Json)
}
