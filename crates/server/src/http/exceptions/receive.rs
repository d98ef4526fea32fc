//! `POST /v1/tenants/{tenant}/exceptions`: take exceptions in. Durable before the answer.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    exception::{Arrival, Received},
    fault::Fault,
    intake::envelope::{Envelope, split},
    pack::Pack,
};
use serde::Serialize;
use store::{exceptions::Receipt, keys::Identity};
use utoipa::ToSchema;

use super::views::SeverityName;
use crate::{
    clock,
    http::{
        actor::{self, Operator},
        body::JsonBytes,
        problem::{ApiError, FaultView, ProblemView},
        state::AppState,
    },
    intake::{Rejected, take_in},
};

/// What became of one exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accepted)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedView {
    /// The id it is stored under.
    exception_id: String,
    /// Always `accepted`: it is stored.
    status: &'static str,
    /// In a sentence.
    message: String,
    /// `accepted` when new, `duplicate` when the same was stored before.
    outcome: &'static str,
    exception_type: String,
    #[schema(value_type = SeverityName)]
    severity: String,
    queue: String,
    due_at: DateTime<Utc>,
}

/// What became of a batch, item by item in its order.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub struct BatchView {
    accepted: usize,
    duplicates: usize,
    rejected: usize,
    results: Vec<ItemView>,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchItem)]
#[serde(untagged)]
pub enum ItemView {
    /// It is stored.
    Accepted(AcceptedView),
    /// It was refused; the others were not touched by that.
    Rejected(RejectedView),
}

/// A refused item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rejected)]
#[serde(rename_all = "camelCase")]
pub struct RejectedView {
    /// Its id, where it had one.
    #[schema(required)]
    exception_id: Option<String>,
    /// Always `rejected`.
    status: &'static str,
    /// Always `rejected`.
    outcome: &'static str,
    /// In a sentence.
    message: String,
    errors: Vec<FaultView>,
}

/// One exception, or several.
#[derive(ToSchema)]
#[schema(as = Intake)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its shape goes into the OpenAPI document")]
pub enum IntakeBody {
    One { exception: Box<ExceptionBody> },
    Several { exceptions: Vec<ExceptionBody> },
}

/// An exception as its source sends it.
#[derive(ToSchema)]
#[schema(as = IntakeException)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape goes into the OpenAPI document")]
pub struct ExceptionBody {
    /// Name of the sending system.
    source_system: String,
    /// The source's own fields.
    #[schema(value_type = Object)]
    raw_payload: serde_json::Value,
    /// What an integration added.
    #[schema(value_type = Object)]
    normalized_context: Option<serde_json::Value>,
    /// Id at the source; also looked for in rawPayload. Without one, ours.
    exception_id: Option<String>,
    /// Type; also looked for at normalizedContext.exceptionType and rawPayload.type.
    exception_type: Option<String>,
    /// Severity as claimed: kept, never trusted.
    severity: Option<String>,
    /// When it arose; also looked for in rawPayload. Without one, now. Without an offset, UTC.
    timestamp: Option<String>,
    /// Domain; must be the active one.
    domain: Option<String>,
}

/// Send one exception or several
///
/// Answered after they are stored. Sending the same again is answered the same and stores nothing; other content under a stored id is a conflict.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions", operation_id = "sendExceptions", tag = "exceptions", params(("tenant" = String, Path)), request_body = IntakeBody,
    responses((status = 202, description = "One exception, stored", body = AcceptedView), (status = 200, description = "Several, each with its outcome", body = BatchView),
        (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive(
    Operator(identity): Operator,
    State(state): State<AppState>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, ApiError> {
    let arrival = Arrival {
        at: clock::now(),
        actor: actor::name(&identity),
    };
    let envelope = split(&body).map_err(|malformed| ApiError::Malformed(malformed.to_string()))?;
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    match envelope {
        Envelope::Single(object) => {
            let received = take_in(object, &pack, arrival).map_err(|rejected| ApiError::Refused(below("/exception", rejected.faults)))?;
            let id = received.id.to_string();
            let receipt = state
                .batcher
                .store(&identity.scope, vec![received])
                .await?
                .pop()
                .ok_or_else(no_receipt)?;
            match outcome(receipt, &id, &pack) {
                Ok(view) => Ok((StatusCode::ACCEPTED, Json(view)).into_response()),
                Err(members) => Err(ApiError::Differs { id, members }),
            }
        }
        Envelope::Batch(objects) => {
            let taken: Vec<Result<Received, Rejected>> =
                objects.into_iter().map(|object| take_in(object, &pack, arrival.clone())).collect();
            Ok(Json(batch(&state, &identity, &pack, taken).await?).into_response())
        }
    }
}

/// Send one exception or several (short path of existing clients)
#[utoipa::path(post, path = "/exceptions/{tenant}", operation_id = "sendExceptionsShort", tag = "exceptions", params(("tenant" = String, Path)), request_body = IntakeBody,
    responses((status = 202, body = AcceptedView), (status = 200, body = BatchView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive_at_short_path(operator: Operator, state: State<AppState>, body: JsonBytes) -> Result<Response, ApiError> {
    receive(operator, state, body).await
}

async fn batch(state: &AppState, identity: &Identity, pack: &Pack, taken: Vec<Result<Received, Rejected>>) -> Result<BatchView, ApiError> {
    let (mut good, mut slots) = (Vec::new(), Vec::with_capacity(taken.len()));
    for taken in taken {
        slots.push(taken.map(|received| {
            let id = received.id.to_string();
            good.push(received);
            id
        }));
    }
    let mut receipts = state.batcher.store(&identity.scope, good).await?.into_iter();
    let mut view = BatchView::default();
    for (index, slot) in slots.into_iter().enumerate() {
        let pointer = format!("/exceptions/{index}");
        view.add(match slot {
            Err(rejected) => Err((rejected.id.map(|id| id.to_string()), below(&pointer, rejected.faults))),
            Ok(id) => outcome(receipts.next().ok_or_else(no_receipt)?, &id, pack).map_err(|members| {
                let fault = differs(&pointer, &id, &members);
                (Some(id), vec![fault])
            }),
        });
    }
    Ok(view)
}

fn no_receipt() -> ApiError {
    ApiError::Internal(anyhow::anyhow!("the store gave no receipt"))
}

impl BatchView {
    fn add(&mut self, item: Result<AcceptedView, (Option<String>, Vec<Fault>)>) {
        self.results.push(match item {
            Ok(accepted) => {
                *(if accepted.outcome == "duplicate" {
                    &mut self.duplicates
                } else {
                    &mut self.accepted
                }) += 1;
                ItemView::Accepted(accepted)
            }
            Err((exception_id, faults)) => {
                self.rejected += 1;
                let message = faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ");
                let errors = faults.into_iter().map(FaultView::from).collect();
                ItemView::Rejected(RejectedView {
                    exception_id,
                    status: "rejected",
                    outcome: "rejected",
                    message,
                    errors,
                })
            }
        });
    }
}

fn outcome(receipt: Receipt, id: &str, pack: &Pack) -> Result<AcceptedView, Vec<String>> {
    let (outcome, stored) = match receipt {
        Receipt::Accepted(stored) => ("accepted", stored),
        Receipt::Duplicate(stored) => ("duplicate", stored),
        Receipt::Differs(members) => return Err(members),
    };
    let message = format!(
        "{} {} is in queue {}",
        stored.severity,
        stored.exception_type,
        pack.queue_label(&stored.queue)
    );
    Ok(AcceptedView {
        exception_id: id.to_owned(),
        status: "accepted",
        message,
        outcome,
        exception_type: stored.exception_type,
        severity: stored.severity,
        queue: stored.queue,
        due_at: stored.due_at,
    })
}

fn differs(pointer: &str, id: &str, members: &[String]) -> Fault {
    let message = format!("{id} is stored with other content; it differs in {}", members.join(", "));
    Fault::at(format!("{pointer}/exceptionId"), "differs", message)
}

/// Faults of an exception object as faults of the body.
fn below(pointer: &str, faults: Vec<Fault>) -> Vec<Fault> {
    faults
        .into_iter()
        .map(|fault| Fault {
            pointer: format!("{pointer}{}", fault.pointer),
            ..fault
        })
        .collect()
}
