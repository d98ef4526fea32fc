//! `POST /v1/tenants/{tenant}/exceptions`: take exceptions in. Durable before the answer.

mod events;
mod form;
mod item;
mod reader;
mod stream;
mod views;

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use domain::{
    exception::{Arrival, OnConflict},
    intake::envelope::{self, Envelope, Malformed},
    pack::Pack,
    reception::Refusal,
};
use serde::Deserialize;
use store::keys::Identity;
use utoipa::IntoParams;

use self::{
    form::{Form, Whole},
    item::Item,
    views::{AcceptedView, BatchView, CloudEventBody, ExceptionBody, IntakeBody, ResultLine},
};
use crate::{
    clock,
    http::{
        actor::{self, Operator},
        body, encoding,
        problem::{ApiError, ProblemView},
        state::AppState,
    },
};

/// Send one exception or several
///
/// Answered after they are stored. Sending the same again is answered the same and stores nothing; other content under a stored id is a conflict,
/// or replaces what is stored with `onConflict=revise`. The same open problem again (by the fingerprint of its pack) is `linked` to the first.
/// With `state: "cleared"` a source says that a problem is gone: the open exceptions are resolved as `AUTO_CLEARED`.
///
/// CloudEvents 1.0 are taken in structured, batch and binary mode. `data` is an exception object or the source's own fields; what it does not say
/// comes from the attributes: `exceptionId` from `source` and `id` (`source#id`), `sourceSystem` from the last segment of `source`, `exceptionType`
/// from `type` or what follows its last dot, `timestamp` from `time`, `normalizedContext.subject` from `subject`.
///
/// A body of lines (NDJSON, one exception each, of any length) is answered with a result line per input line, each sent when its exception is stored.
/// Read the answer while you send: no more is read than results were taken. A stream that cannot go on ends with a line whose `outcome` is `failed`.
///
/// `Content-Encoding` may be gzip or zstd; limits count decompressed bytes.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions", operation_id = "sendExceptions", tag = "exceptions", params(("tenant" = String, Path), ReceiveParams),
    request_body(description = "Exceptions or CloudEvents", content((IntakeBody = "application/json"), (CloudEventBody = "application/cloudevents+json"),
        (Vec<CloudEventBody> = "application/cloudevents-batch+json"), (ExceptionBody = "application/x-ndjson"))),
    responses((status = 202, description = "One exception, stored", body = AcceptedView), (status = 200, description = "Several, each with its outcome", content((BatchView = "application/json"), (ResultLine = "application/x-ndjson"))),
        (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive(Operator(identity): Operator, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let on_conflict = on_conflict(request.uri())?;
    match Form::of(request.headers())? {
        Form::Lines => stream::answer(state, identity, on_conflict, encoding::plain(request)?).await,
        Form::Whole(whole) => {
            let body = body::read(request).await?;
            receive_whole(&state, &identity, on_conflict, whole, &body).await
        }
    }
}

/// Send one exception or several (short path of existing clients)
#[utoipa::path(post, path = "/exceptions/{tenant}", operation_id = "sendExceptionsShort", tag = "exceptions", params(("tenant" = String, Path), ReceiveParams),
    request_body(description = "Exceptions or CloudEvents", content((IntakeBody = "application/json"), (CloudEventBody = "application/cloudevents+json"),
        (Vec<CloudEventBody> = "application/cloudevents-batch+json"), (ExceptionBody = "application/x-ndjson"))),
    responses((status = 202, body = AcceptedView), (status = 200, content((BatchView = "application/json"), (ResultLine = "application/x-ndjson"))), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive_at_short_path(operator: Operator, state: State<AppState>, request: Request) -> Result<Response, ApiError> {
    receive(operator, state, request).await
}

/// How exceptions are taken.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiveParams {
    /// What to do with other content under a stored id: `refuse` it (the default), or let it `revise` what is stored.
    on_conflict: Option<String>,
}

fn on_conflict(uri: &Uri) -> Result<OnConflict, ApiError> {
    let params: ReceiveParams = serde_urlencoded::from_str(uri.query().unwrap_or(""))
        .map_err(|error| ApiError::Malformed(format!("the query does not fit: {error}")))?;
    match params.on_conflict.as_deref() {
        None | Some("" | "refuse") => Ok(OnConflict::Refuse),
        Some("revise") => Ok(OnConflict::Revise),
        Some(other) => Err(ApiError::Malformed(format!("onConflict is refuse or revise, not '{other}'"))),
    }
}

async fn receive_whole(
    state: &AppState,
    identity: &Identity,
    on_conflict: OnConflict,
    form: Whole,
    body: &[u8],
) -> Result<Response, ApiError> {
    let arrival = Arrival {
        at: clock::now(),
        actor: actor::name(identity),
        on_conflict,
    };
    let pack = async || state.packs.active(&state.store, &identity.scope, &identity.domain).await;
    match form {
        Whole::Json => match envelope::split(body)? {
            Envelope::Single(object) => {
                let pack = pack().await?;
                one(state, identity, &pack, Item::of_object(object, "/exception", &pack, arrival)).await
            }
            Envelope::Batch(objects) => {
                let pack = pack().await?;
                let items = objects.into_iter().enumerate();
                let items = items.map(|(index, object)| Item::of_object(object, &format!("/exceptions/{index}"), &pack, arrival.clone()));
                several(state, identity, &pack, items.collect()).await
            }
        },
        Whole::Event => {
            let (event, pack) = (envelope::value(body)?, pack().await?);
            one(state, identity, &pack, events::structured(event, "", &pack, arrival)).await
        }
        Whole::EventInHeaders(attributes) => {
            let (data, pack) = (envelope::value(body)?, pack().await?);
            one(state, identity, &pack, events::binary(&attributes, data, &pack, arrival)).await
        }
        Whole::Events => {
            let (sent, pack) = (envelope::list(body)?, pack().await?);
            let items = sent.into_iter().enumerate();
            let items = items.map(|(index, event)| events::structured(event, &format!("/{index}"), &pack, arrival.clone()));
            several(state, identity, &pack, items.collect()).await
        }
    }
}

async fn one(state: &AppState, identity: &Identity, pack: &Pack, item: Item) -> Result<Response, ApiError> {
    let arriving = item.taken.map_err(|rejected| ApiError::Refused(rejected.faults))?;
    let id = item::id_of(&arriving);
    let receipt = state
        .batcher
        .store(&identity.scope, vec![arriving])
        .await?
        .pop()
        .ok_or_else(no_receipt)?;
    match receipt {
        Ok(receipt) => Ok((StatusCode::ACCEPTED, Json(AcceptedView::new(receipt, pack))).into_response()),
        Err(refusal @ Refusal::Differs(_)) => Err(ApiError::Differs(item::refused(item.id_at, id.as_deref(), &refusal))),
        Err(refusal) => Err(ApiError::Refused(vec![item::refused(item.id_at, id.as_deref(), &refusal)])),
    }
}

async fn several(state: &AppState, identity: &Identity, pack: &Pack, items: Vec<Item>) -> Result<Response, ApiError> {
    let (mut good, mut slots) = (Vec::new(), Vec::with_capacity(items.len()));
    for Item { taken, id_at } in items {
        slots.push(taken.map(|arriving| {
            let id = item::id_of(&arriving);
            good.push(arriving);
            (id, id_at)
        }));
    }
    let mut receipts = state.batcher.store(&identity.scope, good).await?.into_iter();
    let mut view = BatchView::default();
    for slot in slots {
        view.add(match slot {
            Err(rejected) => Err((rejected.id.map(|id| id.to_string()), rejected.faults)),
            Ok((id, id_at)) => match receipts.next().ok_or_else(no_receipt)? {
                Ok(receipt) => Ok(AcceptedView::new(receipt, pack)),
                Err(refusal) => {
                    let fault = item::refused(id_at, id.as_deref(), &refusal);
                    Err((id, vec![fault]))
                }
            },
        });
    }
    Ok(Json(view).into_response())
}

fn no_receipt() -> ApiError {
    ApiError::Internal(anyhow::anyhow!("the store gave no receipt"))
}

impl From<Malformed> for ApiError {
    fn from(malformed: Malformed) -> Self {
        ApiError::Malformed(malformed.to_string())
    }
}
