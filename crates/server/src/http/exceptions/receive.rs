//! `POST /v1/tenants/{tenant}/exceptions`: take exceptions in. Durable before the answer.

mod digest;
pub(in crate::http) mod events;
mod form;
pub(in crate::http) mod item;
mod reader;
pub(in crate::http) mod settle;
mod stream;
pub(in crate::http) mod views;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use domain::{
    exception::{Arrival, OnConflict, Sender},
    intake::envelope::{self, Envelope, Malformed},
};
use serde::Deserialize;
use store::keys::{Holder, Identity};
use utoipa::IntoParams;

use self::{
    form::{Form, Whole},
    item::Item,
    settle::{Refusal, RefusalKind, Taking, no_receipt},
    views::{AcceptedView, BatchView, CloudEventBody, ExceptionBody, IntakeBody, ResultLine},
};
use crate::aside::aside;
use crate::batcher::Memory;
use crate::http::{
    actor::Submitter,
    body::{self, MAX_BODY, WholeBody},
    encoding,
    idempotency::{self, Asked, Question},
    limits::Held,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Send one exception or several
///
/// Answered after they are stored. Sending the same again is answered the same and stores nothing; other content under a stored id is a conflict,
/// or replaces what is stored with `onConflict=revise`. The same open problem again (by the fingerprint of its pack) is `linked` to the first.
/// With `state: "cleared"` a source says that a problem is gone: the open exceptions are resolved as `AUTO_CLEARED`, or a member is asked where
/// the pack reserves that for two people.
///
/// Members send new exceptions. Clearing and revising takes a source key of the source system that sent the exception (`source-not-allowed`).
///
/// What a rule refuses is kept with its reasons before it is answered; `quarantineId` names it.
///
/// CloudEvents 1.0 are taken in structured, batch and binary mode. `data` is an exception object or the source's own fields; what it does not say
/// comes from the attributes: `exceptionId` from `source` and `id` (`source#id`), `sourceSystem` from the last segment of `source`, `exceptionType`
/// from `type` or what follows its last dot, `timestamp` from `time`, `normalizedContext.subject` from `subject`.
///
/// A body of lines (NDJSON, one exception each, of any length) is answered with a result line per input line, each sent when its exception is stored.
/// Read the answer while you send: no more is read than results were taken, so a client that sends everything first waits forever. Such a client
/// adds `results=rejected`: the answer comes at the end and has the results of rejected lines only, and a summary. A stream that cannot go on ends with a line whose `outcome` is `failed`.
///
/// `Content-Encoding` may be gzip or zstd; limits count decompressed bytes.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions", operation_id = "submitExceptions", tag = "exceptions", params(("tenant" = String, Path), ReceiveParams, ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters, best a UUID in double quotes. A retry with the same key gets the first answer for 24 hours")),
    request_body(description = "Exceptions or CloudEvents", content((IntakeBody = "application/json"), (CloudEventBody = "application/cloudevents+json"),
        (Vec<CloudEventBody> = "application/cloudevents-batch+json"), (ExceptionBody = "application/x-ndjson"))),
    responses((status = 202, description = "One exception, stored", body = AcceptedView), (status = 200, description = "Several, each with its outcome", content((BatchView = "application/json"), (ResultLine = "application/x-ndjson"))),
        (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive(Submitter(identity): Submitter, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (on_conflict, results) = asked_for(request.uri())?;
    match Form::of(request.headers())? {
        Form::Whole(_) if results == Results::Rejected => Err(ApiError::Malformed(
            "results=rejected is for lines (application/x-ndjson); the answer to a body that is read whole is one document".to_owned(),
        )),
        Form::Lines if idempotency::is_asked(&request) => Err(ApiError::KeyOnStream),
        Form::Lines => {
            let headers = request.headers().clone();
            let sender = stream::Sender { state, identity, headers };
            stream::answer(sender, (on_conflict, results), encoding::plain(request)?).await
        }
        Form::Whole(whole) => {
            let question = Question::of(&request, &identity.actor())?;
            let body = body::read(&state, request, MAX_BODY).await?;
            let asked = question.map(|question| question.with(&body.bytes));
            let (scope, own) = (identity.scope.clone(), state.clone());
            let work = Box::pin(async move { receive_whole(&own, &identity, on_conflict, whole, &body, asked).await });
            idempotency::once(&state, &scope, asked, work).await
        }
    }
}

/// Send one exception or several (short path of existing clients)
#[utoipa::path(post, path = "/exceptions/{tenant}", operation_id = "submitExceptionsShort", tag = "exceptions", params(("tenant" = String, Path), ReceiveParams, ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters, best a UUID in double quotes. A retry with the same key gets the first answer for 24 hours")),
    request_body(description = "Exceptions or CloudEvents", content((IntakeBody = "application/json"), (CloudEventBody = "application/cloudevents+json"),
        (Vec<CloudEventBody> = "application/cloudevents-batch+json"), (ExceptionBody = "application/x-ndjson"))),
    responses((status = 202, body = AcceptedView), (status = 200, content((BatchView = "application/json"), (ResultLine = "application/x-ndjson"))), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive_at_short_path(submitter: Submitter, state: State<AppState>, request: Request) -> Result<Response, ApiError> {
    receive(submitter, state, request).await
}

/// How exceptions are taken.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiveParams {
    /// What to do with other content under a stored id: `refuse` it (the default), or let it `revise` what is stored.
    on_conflict: Option<String>,
    /// Which result lines a stream (NDJSON) is answered with: `all` (the default), or only those of `rejected` lines, with a summary as the last
    /// line, all sent after the last line has come. That is for clients that read the answer only after they have sent everything.
    results: Option<String>,
}

/// Which results a stream is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// One per line, while they come.
    All,
    /// Those of rejected lines and a summary, at the end.
    Rejected,
}

fn asked_for(uri: &Uri) -> Result<(OnConflict, Results), ApiError> {
    let params: ReceiveParams = serde_urlencoded::from_str(uri.query().unwrap_or(""))
        .map_err(|error| ApiError::Malformed(format!("the query does not fit: {error}")))?;
    let on_conflict = match params.on_conflict.as_deref() {
        None | Some("refuse") => OnConflict::Refuse,
        Some("revise") => OnConflict::Revise,
        Some(other) => return Err(ApiError::Malformed(format!("onConflict is refuse or revise, not '{other}'"))),
    };
    let results = match params.results.as_deref() {
        None | Some("all") => Results::All,
        Some("rejected") => Results::Rejected,
        Some(other) => return Err(ApiError::Malformed(format!("results is all or rejected, not '{other}'"))),
    };
    Ok((on_conflict, results))
}

async fn receive_whole(
    state: &AppState,
    identity: &Identity,
    on_conflict: OnConflict,
    form: Whole,
    body: &WholeBody,
    asked: Option<Asked>,
) -> Result<Response, ApiError> {
    let memory: Memory = Arc::<Held>::clone(&body.held);
    let body = &body.bytes[..];
    let arrival = Arrival {
        at: state.clock.now(),
        sender: sender_of(identity),
        on_conflict,
    };
    let pack = async || state.packs.active(&state.store, &identity.scope, &identity.domain).await;
    let taking = |pack| Taking {
        state,
        identity,
        pack,
        arrival: arrival.clone(),
        asked,
        memory: Some(Arc::clone(&memory)),
    };
    match form {
        Whole::Json => match envelope::split(body)? {
            Envelope::Single(object) => {
                let pack = pack().await?;
                let item = aside(body.len(), || Item::of_object(object, "/exception", &pack, arrival.clone()));
                one(&taking(&pack), item).await
            }
            Envelope::Batch(objects) => {
                let pack = pack().await?;
                let items = objects.into_iter().enumerate();
                let items = items.map(|(index, object)| Item::of_object(object, &format!("/exceptions/{index}"), &pack, arrival.clone()));
                several(&taking(&pack), aside(body.len(), || items.collect())).await
            }
        },
        Whole::Event => {
            let (event, pack) = (envelope::value(body)?, pack().await?);
            let item = aside(body.len(), || events::structured(event, "", &pack, arrival.clone()));
            one(&taking(&pack), item).await
        }
        Whole::EventInHeaders(attributes) => {
            let (data, pack) = (envelope::value(body)?, pack().await?);
            let item = aside(body.len(), || events::binary(&attributes, data, &pack, arrival.clone()));
            one(&taking(&pack), item).await
        }
        Whole::Events => {
            let (sent, pack) = (envelope::list(body)?, pack().await?);
            let items = sent.into_iter().enumerate();
            let items = items.map(|(index, event)| events::structured(event, &format!("/{index}"), &pack, arrival.clone()));
            several(&taking(&pack), aside(body.len(), || items.collect())).await
        }
    }
}

async fn one(taking: &Taking<'_>, item: Item<'_>) -> Result<Response, ApiError> {
    let settled = taking.settle(vec![item]).await?.pop().ok_or_else(no_receipt)?;
    settled
        .map(|view| (StatusCode::ACCEPTED, Json(view)).into_response())
        .map_err(ApiError::from)
}

async fn several(taking: &Taking<'_>, items: Vec<Item<'_>>) -> Result<Response, ApiError> {
    let mut view = BatchView::default();
    for settled in taking.settle(items).await? {
        view.add(settled);
    }
    Ok(Json(view).into_response())
}

/// Who sends, and what the key allows.
pub fn sender_of(identity: &Identity) -> Sender {
    match &identity.holder {
        Holder::Member(_) => Sender::Member(identity.actor()),
        Holder::Sources(sources) => Sender::Source(Arc::clone(sources)),
    }
}

impl From<Refusal> for ApiError {
    fn from(mut refusal: Refusal) -> Self {
        let cause = match (refusal.kind, refusal.faults.pop()) {
            (RefusalKind::Differs, Some(fault)) => ApiError::Differs(fault),
            (RefusalKind::SourceNotAllowed, Some(fault)) => ApiError::SourceNotAllowed(fault),
            (RefusalKind::NotStored, Some(fault)) => ApiError::Internal(anyhow::anyhow!("{}", fault.message)),
            (_, last) => {
                refusal.faults.extend(last);
                ApiError::Refused(refusal.faults)
            }
        };
        match refusal.quarantine_id {
            Some(id) => ApiError::Kept(Box::new(cause), id),
            None => cause,
        }
    }
}

impl From<Malformed> for ApiError {
    fn from(malformed: Malformed) -> Self {
        ApiError::Malformed(malformed.to_string())
    }
}
