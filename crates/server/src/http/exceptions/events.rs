//! `GET /v1/tenants/{tenant}/exceptions/{exceptionId}/events`: what happened to one exception.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use domain::event::{EventKind, UnknownEventKind};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use store::events::Event;
use utoipa::{IntoParams, ToSchema};

use super::views::{ExceptionPath, verbatim};
use crate::http::{
    actor::Viewer,
    audit::events::seq,
    names::Names,
    parameters::Parameters,
    problem::{ApiError, ProblemView},
    state::AppState,
};

const MAX_LIMIT: u32 = 1000;

/// Selection of events.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the OpenAPI document; read by name")]
pub struct EventsParams {
    /// Only events behind this number. Default 0
    #[param(value_type = Option<i64>)]
    after: Option<String>,
    /// Events per page, 1 to 1000; fewer where they are large. Default 1000
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// A page of the events of an exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Events)]
pub struct EventsView {
    /// Oldest first.
    items: Vec<EventView>,
    /// `after` of the next page; null on the last.
    #[schema(required)]
    next: Option<i64>,
}

/// A parsed query.
pub struct Page {
    after: i64,
    limit: u32,
}

impl FromRequestParts<AppState> for Page {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let mut given = Parameters::of(parts)?;
        let after = given.read("after", seq).unwrap_or(0);
        let limit = given.limit(MAX_LIMIT, MAX_LIMIT);
        given.end()?;
        Ok(Self { after, limit })
    }
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
    params(("tenant" = String, Path), ("exceptionId" = String, Path), EventsParams),
    responses((status = 200, body = EventsView), (status = "4XX", body = ProblemView)))]
pub async fn events(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    ExceptionPath(id): ExceptionPath,
    page: Page,
) -> Result<Json<EventsView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let found = tx.events_of(id.as_str(), page.after, page.limit).await?;
    // Every exception has the event of its arrival.
    let is_there = !found.items.is_empty() || !tx.events_of(id.as_str(), 0, 1).await?.items.is_empty();
    tx.commit().await?;
    if !is_there {
        return Err(ApiError::NotFound);
    }
    let names = state.names.of(&state.store, &identity).await?;
    let items = found.items.into_iter().map(|event| EventView::of(event, &names)).collect();
    Ok(Json(EventsView { items, next: found.next }))
}
