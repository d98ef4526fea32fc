//! `POST /v1/tenants/{tenant}/audit/verify`: recomputes the tenant's chain.

use std::time::Duration;

use axum::{Json, extract::State};
use domain::chain::{Broken, Point};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::head::HeadView;
use crate::http::{
    actor::Admin,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Longest chain that is verified while a caller waits.
const MAX_EVENTS: i64 = 2_000_000;
/// What is left of a request's time for its answer.
const RESERVE: Duration = Duration::from_secs(5);

/// What came of recomputing the chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainVerdict)]
#[serde(rename_all = "camelCase")]
pub struct VerdictView {
    /// Events found sound, from the first on.
    events: i64,
    /// The last of them.
    head: HeadView,
    ok: bool,
    /// Number of the first event that is wrong or missing.
    #[schema(required)]
    first_invalid: Option<i64>,
    /// What is wrong with it.
    #[schema(required)]
    problem: Option<String>,
}

/// Recompute the tenant's chain of events
///
/// Sees one moment of it, and the result is an event of the chain. A chain too long to be verified while somebody waits is refused; `sentinai audit verify` takes any.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/audit/verify", operation_id = "verifyAuditChain", tag = "audit", params(("tenant" = String, Path)),
    responses((status = 200, body = VerdictView), (status = "4XX", body = ProblemView)))]
pub async fn verify(Admin(identity): Admin, State(state): State<AppState>) -> Result<Json<VerdictView>, ApiError> {
    let too_long = || ApiError::ChainTooLong(identity.scope.tenant().to_string());
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    if tx.chain_end().await?.unwrap_or(Point::START).seq > MAX_EVENTS {
        return Err(too_long());
    }
    let time = state.limits.request_time.saturating_sub(RESERVE);
    let verdict = timeout(time, tx.verify_chain(Vec::new(), |_| {})).await.map_err(|_| too_long())??;
    tx.commit().await?;
    let event = verdict.event(&identity.actor(), state.clock.now());
    if let Err(error) = state.store.record(identity.scope.tenant(), &[event]).await {
        // A chain without its head takes no event.
        tracing::warn!(?error, "a verification was not recorded");
    }
    let (first_invalid, problem) = verdict.broken.map(|Broken { seq, problem }| (seq, problem.to_string())).unzip();
    Ok(Json(VerdictView {
        events: verdict.events,
        head: verdict.end.into(),
        ok: first_invalid.is_none(),
        first_invalid,
        problem,
    }))
}
