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
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    exception::Arrival,
    intake::envelope::{self, Envelope, Malformed},
    pack::Pack,
};
use store::keys::Identity;

use self::{
    form::{Form, Whole},
    item::Item,
    views::{AcceptedView, BatchView, CloudEventBody, ExceptionBody, IntakeBody, ResultLine, outcome},
};
use crate::{
    clock,
    http::{
        actor::{self, Operator},
        body::{self, WholeBody},
        encoding,
        idempotency::{self, Asked, Question},
        problem::{ApiError, ProblemView},
        state::AppState,
    },
};

/// Send one exception or several
///
/// Answered after they are stored. Sending the same again is answered the same and stores nothing; other content under a stored id is a conflict.
///
/// CloudEvents 1.0 are taken in structured, batch and binary mode. `data` is an exception object or the source's own fields; what it does not say
/// comes from the attributes: `exceptionId` from `source` and `id` (`source#id`), `sourceSystem` from the last segment of `source`, `exceptionType`
/// from `type` or what follows its last dot, `timestamp` from `time`, `normalizedContext.subject` from `subject`.
///
/// A body of lines (NDJSON, one exception each, of any length) is answered with a result line per input line, each sent when its exception is stored.
/// Read the answer while you send: no more is read than results were taken. A stream that cannot go on ends with a line whose `outcome` is `failed`.
///
/// `Content-Encoding` may be gzip or zstd; limits count decompressed bytes.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions", operation_id = "sendExceptions", tag = "exceptions", params(("tenant" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters, best a UUID in double quotes. A retry with the same key gets the first answer for 24 hours")),
    request_body(description = "Exceptions or CloudEvents", content((IntakeBody = "application/json"), (CloudEventBody = "application/cloudevents+json"),
        (Vec<CloudEventBody> = "application/cloudevents-batch+json"), (ExceptionBody = "application/x-ndjson"))),
    responses((status = 202, description = "One exception, stored", body = AcceptedView), (status = 200, description = "Several, each with its outcome", content((BatchView = "application/json"), (ResultLine = "application/x-ndjson"))),
        (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive(Operator(identity): Operator, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    match Form::of(request.headers())? {
        Form::Lines if idempotency::is_asked(&request) => Err(ApiError::KeyOnStream),
        Form::Lines => stream::answer(state, identity, encoding::plain(request)?).await,
        Form::Whole(whole) => {
            let question = Question::of(&request)?;
            let body = body::read(&state, request).await?;
            let asked = question.map(|question| question.with(&body.bytes));
            let (scope, own) = (identity.scope.clone(), state.clone());
            let work = Box::pin(async move { receive_whole(&own, &identity, whole, &body, asked).await });
            idempotency::once(&state, &scope, asked, work).await
        }
    }
}

/// Send one exception or several (short path of existing clients)
#[utoipa::path(post, path = "/exceptions/{tenant}", operation_id = "sendExceptionsShort", tag = "exceptions", params(("tenant" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters, best a UUID in double quotes. A retry with the same key gets the first answer for 24 hours")),
    request_body(description = "Exceptions or CloudEvents", content((IntakeBody = "application/json"), (CloudEventBody = "application/cloudevents+json"),
        (Vec<CloudEventBody> = "application/cloudevents-batch+json"), (ExceptionBody = "application/x-ndjson"))),
    responses((status = 202, body = AcceptedView), (status = 200, content((BatchView = "application/json"), (ResultLine = "application/x-ndjson"))), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive_at_short_path(operator: Operator, state: State<AppState>, request: Request) -> Result<Response, ApiError> {
    receive(operator, state, request).await
}

async fn receive_whole(
    state: &AppState,
    identity: &Identity,
    form: Whole,
    body: &WholeBody,
    asked: Option<Asked>,
) -> Result<Response, ApiError> {
    let body = &body.bytes[..];
    let arrival = arrival(identity);
    let pack = async || state.packs.active(&state.store, &identity.scope, &identity.domain).await;
    match form {
        Whole::Json => match envelope::split(body)? {
            Envelope::Single(object) => {
                let pack = pack().await?;
                one(state, identity, &pack, Item::of_object(object, "/exception", &pack, arrival), asked).await
            }
            Envelope::Batch(objects) => {
                let pack = pack().await?;
                let items = objects.into_iter().enumerate();
                let items = items.map(|(index, object)| Item::of_object(object, &format!("/exceptions/{index}"), &pack, arrival.clone()));
                several(state, identity, &pack, items.collect(), asked).await
            }
        },
        Whole::Event => {
            let (event, pack) = (envelope::value(body)?, pack().await?);
            one(state, identity, &pack, events::structured(event, "", &pack, arrival), asked).await
        }
        Whole::EventInHeaders(attributes) => {
            let (data, pack) = (envelope::value(body)?, pack().await?);
            one(state, identity, &pack, events::binary(&attributes, data, &pack, arrival), asked).await
        }
        Whole::Events => {
            let (sent, pack) = (envelope::list(body)?, pack().await?);
            let items = sent.into_iter().enumerate();
            let items = items.map(|(index, event)| events::structured(event, &format!("/{index}"), &pack, arrival.clone()));
            several(state, identity, &pack, items.collect(), asked).await
        }
    }
}

fn arrival(identity: &Identity) -> Arrival {
    Arrival {
        at: clock::now(),
        actor: actor::name(identity),
    }
}

async fn one(state: &AppState, identity: &Identity, pack: &Pack, item: Item, asked: Option<Asked>) -> Result<Response, ApiError> {
    let item = item.named_by(asked, 0, pack);
    let received = item.taken.map_err(|rejected| ApiError::Refused(rejected.faults))?;
    let id = received.id.to_string();
    let receipt = state
        .batcher
        .store(&identity.scope, vec![received])
        .await?
        .pop()
        .ok_or_else(no_receipt)?;
    match outcome(receipt, &id, pack) {
        Ok(view) => Ok((StatusCode::ACCEPTED, Json(view)).into_response()),
        Err(members) => Err(ApiError::Differs { id, members }),
    }
}

async fn several(state: &AppState, identity: &Identity, pack: &Pack, items: Vec<Item>, asked: Option<Asked>) -> Result<Response, ApiError> {
    let (mut good, mut slots) = (Vec::new(), Vec::with_capacity(items.len()));
    for (index, item) in items.into_iter().enumerate() {
        let Item { taken, id_at } = item.named_by(asked, index, pack);
        slots.push(taken.map(|received| {
            let id = received.id.to_string();
            good.push(received);
            (id, id_at)
        }));
    }
    let mut receipts = state.batcher.store(&identity.scope, good).await?.into_iter();
    let mut view = BatchView::default();
    for slot in slots {
        view.add(match slot {
            Err(rejected) => Err((rejected.id.map(|id| id.to_string()), rejected.faults)),
            Ok((id, id_at)) => outcome(receipts.next().ok_or_else(no_receipt)?, &id, pack).map_err(|members| {
                let fault = item::differs(id_at, &id, &members);
                (Some(id), vec![fault])
            }),
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
