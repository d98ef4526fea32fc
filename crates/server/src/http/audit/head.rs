//! `GET /v1/tenants/{tenant}/audit/head`: the end of the chain, to be written down elsewhere.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::chain::Point;
use serde::Serialize;
use store::audit::Verified;
use utoipa::ToSchema;

use crate::http::{
    actor::Supervisor,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// A point of the chain. Written down where nobody of this installation can change it, it proves later that the chain is still the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainHead)]
pub struct HeadView {
    /// Number of the event; 0 before the first.
    seq: i64,
    /// SHA-256 of the chain up to it, hexadecimal.
    hash: String,
}

impl From<Point> for HeadView {
    fn from(point: Point) -> Self {
        Self {
            seq: point.seq,
            hash: hex::encode(point.hash),
        }
    }
}

/// The end of the chain, and when it was last verified.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainEnd)]
#[serde(rename_all = "camelCase")]
pub struct EndView {
    #[serde(flatten)]
    head: HeadView,
    /// The last verification that was recorded; null where none was.
    #[schema(required)]
    last_verification: Option<VerificationView>,
}

/// A verification of the chain: who, when, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainVerification)]
#[serde(rename_all = "camelCase")]
pub struct VerificationView {
    actor: String,
    at: DateTime<Utc>,
    ok: bool,
    /// Events found sound, from the first on.
    events: i64,
    /// Number of the first event that was wrong or missing.
    #[schema(required)]
    first_invalid: Option<i64>,
    /// What was wrong with it.
    #[schema(required)]
    problem: Option<String>,
}

impl From<Verified> for VerificationView {
    fn from(verified: Verified) -> Self {
        Self {
            actor: verified.actor,
            at: verified.at,
            ok: verified.ok,
            events: verified.events,
            first_invalid: verified.first_invalid,
            problem: verified.problem,
        }
    }
}

/// The end of the tenant's chain of events
#[utoipa::path(get, path = "/v1/tenants/{tenant}/audit/head", operation_id = "showAuditHead", tag = "audit", params(("tenant" = String, Path)),
    responses((status = 200, body = EndView), (status = "4XX", body = ProblemView)))]
pub async fn head(Supervisor(identity): Supervisor, State(state): State<AppState>) -> Result<Json<EndView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let end = tx.chain_end().await?.ok_or(ApiError::NotFound)?;
    let last_verification = tx.last_verification().await?.map(VerificationView::from);
    tx.commit().await?;
    Ok(Json(EndView {
        head: end.into(),
        last_verification,
    }))
}
