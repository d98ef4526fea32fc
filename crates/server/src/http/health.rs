//! Whether the process is alive and may be sent requests. Without a key, for whoever watches.

use std::time::Duration;

use axum::{Json, extract::State};
use serde::Serialize;
use store::migrate::SchemaFault;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::{
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Longest a look at the database may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// Workers look for jobs every second; they may be silent for so long.
const WORKERS_SILENT: Duration = Duration::from_secs(30);

/// Good health.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    /// Always `ok`; anything else is a problem with status 503.
    status: &'static str,
}

const OK: Json<HealthView> = Json(HealthView { status: "ok" });

/// Tell whether the process answers
#[utoipa::path(get, path = "/livez", operation_id = "showLiveness", tag = "health", security(()), responses((status = 200, body = HealthView)))]
pub async fn live() -> Json<HealthView> {
    OK
}

/// Tell whether requests can be served
///
/// The database answers, takes writes and flushes, its schema is this program's, and the workers of this process look for jobs. Else the
/// `detail` says what is missing. An answer is used for a second.
#[utoipa::path(get, path = "/readyz", operation_id = "showReadiness", tag = "health", security(()), responses((status = 200, body = HealthView), (status = 503, body = ProblemView)))]
pub async fn ready(State(state): State<AppState>) -> Result<Json<HealthView>, ApiError> {
    let missing = if let Some(known) = state.readiness.get(&()) {
        known
    } else {
        let missing = Box::pin(missing(&state)).await;
        state.readiness.put((), missing.clone());
        missing
    };
    missing.map_or(Ok(OK), |what| Err(ApiError::NotReady(what)))
}

/// Tell whether the process answers (address of existing clients)
#[utoipa::path(get, path = "/health", operation_id = "showHealth", tag = "health", security(()), responses((status = 200, body = HealthView)))]
pub async fn process() -> Json<HealthView> {
    OK
}

/// Tell whether the database answers (address of existing clients)
#[utoipa::path(get, path = "/health/db", operation_id = "showDatabaseHealth", tag = "health", security(()), responses((status = 200, body = HealthView), (status = 503, body = ProblemView)))]
pub async fn database(State(state): State<AppState>) -> Result<Json<HealthView>, ApiError> {
    state.store.ping().await?;
    Ok(OK)
}

/// Refuses to serve a schema that is not this program's: the database may have been migrated since it began. Asked once a second.
pub async fn require_schema(state: &AppState) -> Result<(), ApiError> {
    let wrong = if let Some(known) = state.schema.get(&()) {
        known
    } else {
        let wrong = match state.store.check_version().await {
            Ok(()) => None,
            Err(SchemaFault::Store(error)) => return Err(error.into()),
            Err(fault) => Some(format!("schema: {fault}")),
        };
        state.schema.put((), wrong.clone());
        wrong
    };
    wrong.map_or(Ok(()), |what| Err(ApiError::NotReady(what)))
}

/// Reason why this server cannot serve, fit for the public.
async fn missing(state: &AppState) -> Option<String> {
    let store = &state.store;
    let asked = (
        timeout(PATIENCE, store.check()),
        timeout(PATIENCE, store.ping_writing()),
        timeout(PATIENCE, store.flush()),
    );
    let (schema, writing, flushed) = tokio::join!(asked.0, asked.1, asked.2);
    match schema {
        Ok(Ok(())) => {}
        Err(_) | Ok(Err(SchemaFault::Store(_))) => return Some("database: it does not answer".to_owned()),
        Ok(Err(schema)) => return Some(format!("schema: {schema}")),
    }
    let Ok(Ok(())) = writing else {
        return Some("intake: no connection that writes is free, or none answers".to_owned());
    };
    let Ok(Ok(_)) = flushed else {
        return Some("flush: the database answers but makes nothing durable".to_owned());
    };
    let workers = state.workers.as_ref();
    workers
        .is_some_and(|pulse| !pulse.is_felt_within(WORKERS_SILENT))
        .then(|| format!("workers: none has looked for jobs for {} s", WORKERS_SILENT.as_secs()))
}
