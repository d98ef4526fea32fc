//! `POST …/bulk/{runId}/commit`, `/grant` and `/discard`: agree to a run, as who asked or as the second person, or give it up.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::event::EventKind;
use domain::role::Role;
use serde_json::{Value, json};
use store::{
    TenantTx,
    bulk::{BULK, BulkRun},
    jobs::NewJob,
    keys::Identity,
    quarantine::By,
    tenant_event,
};

use super::views::{RunPath, RunView};
use crate::{
    bulk::demand,
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
/// It is carried out by a job, or waits for a second person where the pack demands one. Committed again, it is answered as it is.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/bulk/{runId}/commit", operation_id = "commitBulk", tag = "work",
    params(("tenant" = String, Path), ("runId" = String, Path)),
    responses((status = 200, body = RunView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn commit(Operator(identity): Operator, State(state): State<AppState>, RunPath(id): RunPath) -> Result<Json<RunView>, ApiError> {
    let mut tx = state.store.begin(&identity.scope).await?;
    let run = tx.hold_bulk_run(&id).await?.ok_or(ApiError::NotFound)?;
    let me = identity.actor();
    if run.created_by != me {
        let names = state.names.of(&state.store, &identity).await?;
        let asked = names.actor(run.created_by);
        return Err(ApiError::Conflict(format!("{asked} asked for it: preview it yourself")));
    }
    match (run.state.as_str(), &run.approval_reason) {
        ("PREVIEW", Some(_)) => ask(&mut tx, &run, &me, state.clock.now()).await?,
        ("PREVIEW", None) => start(&mut tx, &run, &identity, state.clock.now()).await?,
        ("DISCARDED", _) => return Err(ApiError::Conflict("it was discarded: preview it again".into())),
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
    let mut tx = state.store.begin(&identity.scope).await?;
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
    let mut tx = state.store.begin(&identity.scope).await?;
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
            tell(&mut tx, &run, EventKind::BulkDiscarded, &me, state.clock.now()).await?;
        }
        "DISCARDED" => {}
        other => return Err(ApiError::Conflict(format!("it is {other}: what has begun is not given up"))),
    }
    answer(&state, &identity, tx, &id).await
}

/// The run waits for a second person.
async fn ask(tx: &mut TenantTx, run: &BulkRun, me: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
    tx.set_bulk_state(&run.run_id, "PENDING", None, now).await?;
    tell(tx, run, EventKind::BulkApprovalRequested, me, now).await
}

/// Who agreed to what stands in the chain; what became of each exception is an event of its own.
async fn tell(tx: &mut TenantTx, run: &BulkRun, kind: EventKind, me: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
    let command: Value = serde_json::from_str(&run.command).unwrap_or_default();
    let data = json!({
        "runId": run.run_id,
        "requestedBy": run.created_by,
        "command": command,
        "filter": run.filter,
        "exceptions": run.total,
    });
    Ok(tx.record(&[tenant_event(kind, me, now, &data)]).await?)
}

/// The run goes on, and its job with it: both or neither.
async fn start(tx: &mut TenantTx, run: &BulkRun, identity: &Identity, now: DateTime<Utc>) -> Result<(), ApiError> {
    let me = identity.actor();
    tx.set_bulk_state(&run.run_id, "RUNNING", Some(&me), now).await?;
    let job = NewJob {
        kind: BULK,
        payload: json!({"runId": run.run_id}),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
        dedupe_key: Some(&run.run_id),
    };
    tx.enqueue_job(&job, By { actor: &me, at: now }).await?;
    tell(tx, run, EventKind::BulkStarted, &me, now).await
}

async fn answer(state: &AppState, identity: &Identity, mut tx: TenantTx, id: &str) -> Result<Json<RunView>, ApiError> {
    let run = tx.bulk_run(id).await?.ok_or(ApiError::NotFound)?;
    tx.commit().await?;
    RunView::answer(state, identity, run).await.map(Json)
}
