//! `POST …/quarantine/{quarantineId}/replay` and `POST …/quarantine/replay`: take in what was refused, with the pack of today.
//!
//! The road is that of any exception. An object is stored under the same id however often and by however many at once it is tried,
//! so what was stored without being noted as replayed is a duplicate the next time.

use std::sync::Arc;

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::{
    exception::{Arrival, OnConflict, Sender},
    ids::{ExceptionId, InvalidId, QuarantineId},
    intake::quarantine::{Form, State as Standing},
    pack::Pack,
    reception::Arriving,
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{
    keys::Identity,
    quarantine::{By, HeldObject, Refused, Which},
};
use utoipa::ToSchema;

use super::{
    selection::{MOST, SelectionBody},
    show::entry,
    views::{DetailView, QuarantinePath},
};
use crate::aside::aside;
use crate::http::{
    actor::Operator,
    body::JsonBody,
    exceptions::receive::{
        events,
        item::{self, Item},
        settle::no_receipt,
    },
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// A portion with as many bytes takes no more objects, so that large ones do not fill the memory.
const BYTES: i64 = 8 << 20;

/// What became of a portion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantineReplay)]
#[serde(rename_all = "camelCase")]
pub struct ReplayView {
    /// Stored now, or found stored.
    replayed: usize,
    /// Refused again; their reasons are those of now.
    still_rejected: usize,
    /// Selected ones that were not tried yet.
    remaining: i64,
    /// `cursor` of the next request, while any remain.
    #[schema(required, value_type = Option<String>)]
    next: Option<QuarantineId>,
}

/// Replay one refused object
///
/// It is taken in with the pack that is active now. If that refuses it too, it stays HELD with the reasons of now. One that was replayed before is
/// answered as it is.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/quarantine/{quarantineId}/replay", operation_id = "replayQuarantineEntry", tag = "quarantine",
    params(("tenant" = String, Path), ("quarantineId" = String, Path)),
    responses((status = 200, description = "The entry as it is now", body = DetailView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn replay_one(
    Operator(identity): Operator,
    State(state): State<AppState>,
    QuarantinePath(id): QuarantinePath,
) -> Result<Json<DetailView>, ApiError> {
    let listed = entry(&state, &identity.scope, &id).await?;
    match listed.row.state {
        Standing::Replayed => return DetailView::of(&state, &identity, listed).await.map(Json),
        Standing::Discarded => return Err(ApiError::AlreadyDecided(Standing::Discarded)),
        Standing::Held => {}
    }
    replay(&state, &identity, &Which::Ids(vec![id.clone()]), None).await?;
    let listed = entry(&state, &identity.scope, &id).await?;
    DetailView::of(&state, &identity, listed).await.map(Json)
}

/// Replay refused objects
///
/// At most 500 a request. While `next` is not null, send the same with it as `cursor`.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/quarantine/replay", operation_id = "replayQuarantine", tag = "quarantine",
    params(("tenant" = String, Path)), request_body = SelectionBody,
    responses((status = 200, body = ReplayView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn replay_many(
    Operator(identity): Operator,
    State(state): State<AppState>,
    JsonBody(selection): JsonBody<SelectionBody>,
) -> Result<Json<ReplayView>, ApiError> {
    let (which, after) = selection.read()?;
    replay(&state, &identity, &which, after.as_ref()).await.map(Json)
}

/// Takes in the next portion.
async fn replay(state: &AppState, identity: &Identity, which: &Which, after: Option<&QuarantineId>) -> Result<ReplayView, ApiError> {
    let now = state.clock.now();
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let mut tx = state.store.begin(&identity.scope).await?;
    let held = tx.held(which, after, (MOST, BYTES), now).await?;
    tx.commit().await?;
    let last = held.last().map(|held| held.id.clone());
    let actor = identity.actor();
    let (stored, refused) = take_in_again(state, identity, &pack, now, held).await?;
    let mut tx = state.store.begin_writing(&identity.scope).await?;
    let by = By { actor: &actor, at: now };
    if !stored.is_empty() {
        tx.mark_replayed(&stored, by).await?;
    }
    if !refused.is_empty() {
        tx.refuse_again(&refused).await?;
    }
    let remaining = match &last {
        Some(last) => tx.count_held(which, Some(last), now).await?,
        None => 0,
    };
    tx.commit().await?;
    Ok(ReplayView {
        replayed: stored.len(),
        still_rejected: refused.len(),
        remaining,
        next: last.filter(|_| remaining > 0),
    })
}

type Stored = BTreeMap<QuarantineId, ExceptionId>;

/// What is stored now, and under which id; what is refused again, and why.
async fn take_in_again(
    state: &AppState,
    identity: &Identity,
    pack: &Arc<Pack>,
    at: DateTime<Utc>,
    held: Vec<HeldObject>,
) -> Result<(Stored, Vec<Refused>), ApiError> {
    let objects = held.iter().map(|held| RawValue::from_string(held.object.clone()));
    let objects: Vec<Box<RawValue>> = objects
        .collect::<Result<_, _>>()
        .map_err(|error| ApiError::Internal(error.into()))?;
    let (mut good, mut tried, mut stored, mut refused) = (Vec::new(), Vec::new(), Stored::new(), Vec::new());
    let keys: Vec<String> = held.iter().filter_map(|held| held.key_id.clone()).collect();
    let sources = state.store.sources_of_keys(identity.scope.tenant(), &keys).await?;
    for (held, object) in held.into_iter().zip(&objects) {
        let by = identity.actor();
        // What a source key sent is still the source's; what follows from it is the decision of who replays it.
        let arrival = Arrival {
            at,
            sender: match held.key_id.as_ref().and_then(|key| sources.get(key)) {
                Some(sources) => Sender::Replay {
                    by,
                    sources: Arc::clone(sources),
                },
                None => Sender::Member(by),
            },
            on_conflict: OnConflict::Refuse,
        };
        let Item { taken, place } = aside(object.get().len(), || match held.form {
            Form::Exception => Item::of_object(object, "", pack, arrival),
            Form::Event => events::structured(object, "", pack, arrival),
        });
        match taken {
            Ok(mut arriving) => {
                if let Arriving::Exception(received) = &mut arriving
                    && received.raw.exception_id.is_none()
                {
                    received.id = held.exception_id;
                }
                tried.push((held.id, item::named(&arriving), place));
                good.push(arriving);
            }
            Err(rejected) => refused.extend(place.refused(&rejected.faults, pack)),
        }
    }
    let receipts = state.batcher.store(&identity.scope, good, None).await?;
    if receipts.len() != tried.len() {
        return Err(no_receipt());
    }
    for ((id, named, place), receipt) in tried.into_iter().zip(receipts) {
        match receipt {
            Ok(receipt) => {
                let exception_id = receipt
                    .standing
                    .exception_id
                    .parse()
                    .map_err(|error: InvalidId| ApiError::Internal(error.into()))?;
                stored.insert(id, exception_id);
            }
            Err(refusal) => {
                let fault = item::refused(&place.id_at, named.as_deref(), &refusal);
                refused.extend(place.refused(&[fault], pack));
            }
        }
    }
    Ok((stored, refused))
}
