//! `GET /v1/tenants/{tenant}/exceptions/{exceptionId}/events`: what happened to one exception.

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::event::{EventKind, UnknownEventKind};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use store::events::Event;
use utoipa::ToSchema;

use super::views::{ExceptionPath, verbatim};
use crate::http::{
    actor::Viewer,
    names::Names,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// All events of an exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Events)]
pub struct EventsView {
    /// Oldest first.
    items: Vec<EventView>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// Position in the tenant's chain.
    seq: i64,
    /// Kind, past tense.
    kind: String,
    at: DateTime<Utc>,
    /// Name of the member, `source:` and a source system, or `system`.
    actor: String,
    /// In a sentence.
    summary: String,
    /// The change. `evidence` is the hash of a body that the source sent; `showEvidence` answers it.
    #[schema(value_type = Object)]
    data: Arc<RawValue>,
    /// SHA-256 of the tenant's chain up to here, hexadecimal.
    hash: String,
}

impl EventView {
    fn of(event: Event, names: &Names) -> Self {
        Self {
            seq: event.seq,
            summary: summary(&event, names),
            kind: event.kind,
            at: event.at,
            actor: names.actor(event.actor),
            data: verbatim(event.data),
            hash: hex::encode(event.hash),
        }
    }
}

fn summary(event: &Event, names: &Names) -> String {
    let data = domain::json::Json::read(&event.data).map_or(Value::Null, |data| Value::from(&data));
    let text = |name: &str| data[name].as_str().unwrap_or("?").to_owned();
    match event.kind.parse() {
        Ok(EventKind::Received) => format!(
            "Received from {}, triaged {} by {}",
            text("sourceSystem"),
            text("severity"),
            text("pack")
        ),
        Ok(EventKind::QuarantineReplayed) => format!(
            "Replayed from quarantine {}, as {} sent it",
            text("quarantineId"),
            names.actor(text("sentBy"))
        ),
        Ok(_) | Err(UnknownEventKind) => event.kind.clone(),
    }
}

/// What happened to an exception
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions/{exceptionId}/events", operation_id = "listEvents", tag = "exceptions",
    params(("tenant" = String, Path), ("exceptionId" = String, Path)),
    responses((status = 200, body = EventsView), (status = "4XX", body = ProblemView)))]
pub async fn events(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    ExceptionPath(id): ExceptionPath,
) -> Result<Json<EventsView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let events = tx.events_of(id.as_str()).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    // Every exception has the event of its arrival.
    if events.is_empty() {
        return Err(ApiError::NotFound);
    }
    let items = events.into_iter().map(|event| EventView::of(event, &names)).collect();
    Ok(Json(EventsView { items }))
}
