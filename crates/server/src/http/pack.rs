//! The tenant's active pack: what the desk needs of it, and the document itself.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::pack::Pack;
use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    actor::Viewer,
    exceptions::views::SeverityName,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// The active pack as the desk needs it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackSummary)]
#[serde(rename_all = "camelCase")]
pub struct PackView {
    domain: String,
    version: String,
    description: String,
    /// Systems that send exceptions.
    source_systems: Vec<String>,
    /// Exception types by name, in the pack's order.
    types: IndexMap<String, TypeView>,
    /// Queues by name, in the pack's order.
    queues: IndexMap<String, QueueView>,
}

/// An exception type for people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackType)]
pub struct TypeView {
    label: String,
    description: String,
    /// Severity where no rule says otherwise.
    #[schema(value_type = SeverityName)]
    severity: &'static str,
}

/// A queue for people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackQueue)]
pub struct QueueView {
    label: String,
    description: String,
}

impl From<&Pack> for PackView {
    fn from(pack: &Pack) -> Self {
        let document = pack.document();
        let types = document.exception_types.iter().map(|(name, kind)| {
            (
                name.clone(),
                TypeView {
                    label: kind.label.clone(),
                    description: kind.description.clone(),
                    severity: kind.severity.as_str(),
                },
            )
        });
        let queues = document.queues.iter().map(|(name, queue)| {
            (
                name.clone(),
                QueueView {
                    label: queue.label.clone(),
                    description: queue.description.clone(),
                },
            )
        });
        Self {
            domain: document.domain.clone(),
            version: document.version.to_string(),
            description: document.description.clone(),
            source_systems: document.source_systems.clone(),
            types: types.collect(),
            queues: queues.collect(),
        }
    }
}

/// The tenant's active pack, in short
#[utoipa::path(get, path = "/v1/tenants/{tenant}/pack", operation_id = "showPack", tag = "packs", params(("tenant" = String, Path)),
    responses((status = 200, body = PackView), (status = "4XX", body = ProblemView)))]
pub async fn show(Viewer(identity): Viewer, State(state): State<AppState>) -> Result<Json<PackView>, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    Ok(Json(PackView::from(&*pack)))
}

/// The tenant's active pack as its author wrote it
#[utoipa::path(get, path = "/v1/tenants/{tenant}/pack/document", operation_id = "showPackDocument", tag = "packs", params(("tenant" = String, Path)),
    responses((status = 200, body = serde_json::Value), (status = "4XX", body = ProblemView)))]
pub async fn document(Viewer(identity): Viewer, State(state): State<AppState>) -> Result<Response, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let document = state
        .store
        .pack_document(pack.domain(), &pack.version())
        .await?
        .ok_or(ApiError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}
