//! `GET /v1/tenants/{tenant}/audit/head`: the end of the chain, to be written down elsewhere.

use axum::{Json, extract::State};
use domain::chain::Point;
use serde::Serialize;
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

/// The end of the tenant's chain of events
#[utoipa::path(get, path = "/v1/tenants/{tenant}/audit/head", operation_id = "showChainHead", tag = "audit", params(("tenant" = String, Path)),
    responses((status = 200, body = HeadView), (status = "4XX", body = ProblemView)))]
pub async fn head(Supervisor(identity): Supervisor, State(state): State<AppState>) -> Result<Json<HeadView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let end = tx.chain_end().await?;
    tx.commit().await?;
    Ok(Json(end.ok_or(ApiError::NotFound)?.into()))
}
