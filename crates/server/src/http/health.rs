//! Whether process and database are well. Without a key, for whoever watches.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Good health.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    /// Always `ok`; anything else is a problem with status 503.
    status: &'static str,
}

/// Whether the process answers
#[utoipa::path(get, path = "/health", operation_id = "showHealth", tag = "health", security(()), responses((status = 200, body = HealthView)))]
pub async fn process() -> Json<HealthView> {
    Json(HealthView { status: "ok" })
}

/// Whether the database answers
#[utoipa::path(get, path = "/health/db", operation_id = "showDatabaseHealth", tag = "health", security(()), responses((status = 200, body = HealthView), (status = 503, body = ProblemView)))]
pub async fn database(State(state): State<AppState>) -> Result<Json<HealthView>, ApiError> {
    state.store.ping().await?;
    Ok(Json(HealthView { status: "ok" }))
}
