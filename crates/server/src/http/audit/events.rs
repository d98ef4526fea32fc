//! `GET /v1/tenants/{tenant}/audit/events`: the chain, in pages.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use store::audit::{ChainEvent, Direction, EventFilter};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    actor::Supervisor,
    disclosure::{List, Shown, Subject, disclose},
    exceptions::views::verbatim,
    parameters::{MAX_NAME, Parameters},
    problem::{ApiError, ProblemView},
    state::AppState,
};

const MAX_LIMIT: u32 = 1000;
const DEFAULT_LIMIT: u32 = 100;

/// Which events. Different parameters must all hold.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the OpenAPI document; read by name")]
pub struct EventParams {
    /// Only events behind this number, oldest first. Default 0
    #[param(value_type = Option<i64>)]
    after: Option<String>,
    /// Only events before this number, newest first; not together with after
    #[param(value_type = Option<i64>)]
    before: Option<String>,
    /// Of this kind, e.g. received
    kind: Option<String>,
    /// Caused by this actor, e.g. member:ID
    actor: Option<String>,
    /// Events per page, 1 to 1000. Default 100
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// A page of the chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainPage)]
pub struct PageView {
    /// May be empty where a filter selects little; `next` tells whether there is more.
    items: Vec<ChainEventView>,
    /// `after`, or `before`, of the next page; null on the last.
    #[schema(required)]
    next: Option<i64>,
}

/// An event with its place in the chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainEvent)]
#[serde(rename_all = "camelCase")]
pub struct ChainEventView {
    seq: i64,
    /// The exception it is about; empty for the tenant as a whole.
    exception_id: String,
    kind: String,
    at: DateTime<Utc>,
    actor: String,
    #[schema(value_type = Object)]
    data: Arc<RawValue>,
    /// SHA-256 of the chain up to here, hexadecimal.
    hash: String,
}

impl ChainEventView {
    fn of(ChainEvent { exception_id, event }: ChainEvent, shown: &mut Shown) -> Self {
        shown.event(&event.kind, &event.data);
        Self {
            seq: event.seq,
            exception_id,
            kind: event.kind,
            at: event.at,
            actor: event.actor,
            data: verbatim(event.data),
            hash: hex::encode(event.hash),
        }
    }
}

/// A parsed query.
pub struct Page {
    from: Direction,
    filter: EventFilter,
    limit: u32,
}

impl FromRequestParts<AppState> for Page {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let mut given = Parameters::of(parts)?;
        let (after, before) = (given.read("after", seq), given.read("before", seq));
        if after.is_some() && before.is_some() {
            given.fault("after, before", "give one of them");
        }
        let from = before.map_or(Direction::After(after.unwrap_or(0)), Direction::Before);
        let filter = EventFilter {
            kind: given.text("kind", MAX_NAME),
            actor: given.text("actor", MAX_NAME),
        };
        let limit = given.limit(DEFAULT_LIMIT, MAX_LIMIT);
        given.end()?;
        Ok(Self { from, filter, limit })
    }
}

/// Number of an event.
pub fn seq(text: &str) -> Result<i64, String> {
    let seq = text.parse().ok().filter(|seq| *seq >= 0);
    seq.ok_or_else(|| format!("'{text}' is not the number of an event: write a whole number from 0"))
}

/// The tenant's chain of events, a page at a time
#[utoipa::path(get, path = "/v1/tenants/{tenant}/audit/events", operation_id = "listAuditEvents", tag = "audit",
    params(("tenant" = String, Path), EventParams), responses((status = 200, body = PageView), (status = "4XX", body = ProblemView)))]
pub async fn events(Supervisor(identity): Supervisor, State(state): State<AppState>, page: Page) -> Result<Json<PageView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let found = tx.chain_page(page.from, &page.filter, page.limit).await?;
    tx.commit().await?;
    let view = disclose(&state, &identity, Subject::List(List::Audit), |shown| PageView {
        items: found.items.into_iter().map(|event| ChainEventView::of(event, shown)).collect(),
        next: found.next.map(|(Direction::After(seq) | Direction::Before(seq))| seq),
    });
    view.await.map(Json)
}
