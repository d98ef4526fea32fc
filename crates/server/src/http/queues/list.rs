//! `GET /v1/tenants/{tenant}/queues`: the pack's queues and how much waits in each.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::status::Status;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// A queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
#[serde(rename_all = "camelCase")]
pub struct QueueView {
    queue: String,
    label: String,
    description: String,
    /// Queue that takes over on escalation.
    #[schema(required)]
    escalates_to: Option<String>,
    /// Exceptions by status; resolved ones are not counted.
    counts: BTreeMap<String, i64>,
    /// Unresolved exceptions.
    total: i64,
    /// Critical ones among them.
    critical: i64,
}

/// The queues of the active pack
#[utoipa::path(get, path = "/v1/tenants/{tenant}/queues", operation_id = "listQueues", tag = "work",
    params(("tenant" = String, Path)),
    responses((status = 200, body = [QueueView]), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn list(Viewer(identity): Viewer, State(state): State<AppState>) -> Result<Json<Vec<QueueView>>, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let cells = tx.known_cells().await?;
    tx.commit().await?;
    let views = pack.document().queues.iter().map(|(name, queue)| {
        let mut view = QueueView {
            queue: name.clone(),
            label: queue.label.clone(),
            description: queue.description.clone(),
            escalates_to: queue.escalates_to.clone(),
            counts: BTreeMap::new(),
            total: 0,
            critical: 0,
        };
        let own = cells
            .iter()
            .filter(|known| known.cell.queue == *name && known.cell.status != Status::Resolved);
        for known in own {
            *view.counts.entry(known.cell.status.to_string()).or_default() += known.exceptions;
            view.total += known.exceptions;
            if known.cell.severity == domain::severity::Severity::Critical {
                view.critical += known.exceptions;
            }
        }
        view
    });
    Ok(Json(views.collect()))
}
