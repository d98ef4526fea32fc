//! `POST /v1/tenants/{tenant}/exceptions`: take exceptions in. Durable before the answer.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    exception::Received,
    fault::Fault,
    intake::envelope::{Envelope, split},
    pack::Pack,
};
use serde::Serialize;
use store::{StoreError, exceptions::Receipt, keys::Identity};
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
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions", tag = "exceptions", params(("tenant" = String, Path)), request_body = IntakeBody,
    responses((status = 202, description = "One exception, stored", body = AcceptedView), (status = 200, description = "Several, each with its outcome", body = BatchView),
        (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive(
    Operator(identity): Operator,
    State(state): State<AppState>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, ApiError> {
    let at = clock::now();
    let envelope = split(&body).map_err(|malformed| ApiError::Malformed(malformed.to_string()))?;
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    match envelope {
        Envelope::Single(object) => {
            let received = take_in(object, &pack, at).map_err(|rejected| ApiError::Refused(below("/exception", rejected.faults)))?;
            let receipt = store(&state, &identity, std::slice::from_ref(&received)).await?.pop();
            match receipt.map(|receipt| outcome(receipt, &received, &pack)) {
                Some(Ok(view)) => Ok((StatusCode::ACCEPTED, Json(view)).into_response()),
                Some(Err(members)) => Err(ApiError::Differs {
                    id: received.id.to_string(),
                    members,
                }),
                None => Err(ApiError::Internal(anyhow::anyhow!("no receipt"))),
            }
        }
        Envelope::Batch(objects) => {
            let taken: Vec<Result<Received, Rejected>> = objects.into_iter().map(|object| take_in(object, &pack, at)).collect();
            Ok(Json(batch(&state, &identity, &pack, taken).await?).into_response())
        }
    }
}

/// Send one exception or several (short path of existing clients)
#[utoipa::path(post, path = "/exceptions/{tenant}", tag = "exceptions", params(("tenant" = String, Path)), request_body = IntakeBody,
    responses((status = 202, body = AcceptedView), (status = 200, body = BatchView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn receive_at_short_path(operator: Operator, state: State<AppState>, body: JsonBytes) -> Result<Response, ApiError> {
    receive(operator, state, body).await
}

async fn store(state: &AppState, identity: &Identity, batch: &[Received]) -> Result<Vec<Receipt>, StoreError> {
    let mut tx = state.store.begin(&identity.scope).await?;
    let receipts = tx.receive(batch, &actor::name(identity)).await?;
    tx.commit().await?;
    Ok(receipts)
}

async fn batch(state: &AppState, identity: &Identity, pack: &Pack, taken: Vec<Result<Received, Rejected>>) -> Result<BatchView, ApiError> {
    let (mut good, mut slots) = (Vec::new(), Vec::with_capacity(taken.len()));
    for taken in taken {
        slots.push(taken.map(|received| good.push(received)));
    }
    let receipts = if good.is_empty() {
        Vec::new()
    } else {
        store(state, identity, &good).await?
    };
    let mut stored = good.iter().zip(receipts);
    let mut view = BatchView::default();
    for (index, slot) in slots.into_iter().enumerate() {
        let pointer = format!("/exceptions/{index}");
        let item = if let Err(rejected) = slot {
            Err((rejected.id.map(|id| id.to_string()), below(&pointer, rejected.faults)))
        } else {
            let (received, receipt) = stored.next().ok_or_else(|| ApiError::Internal(anyhow::anyhow!("no receipt")))?;
            outcome(receipt, received, pack).map_err(|members| (Some(received.id.to_string()), vec![differs(&pointer, received, &members)]))
        };
        view.add(item);
    }
    Ok(view)
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

fn outcome(receipt: Receipt, received: &Received, pack: &Pack) -> Result<AcceptedView, Vec<String>> {
    let triaged = &received.triaged;
    let (outcome, stored) = match receipt {
        Receipt::Accepted => {
            let (kind, severity) = (triaged.exception_type.clone(), triaged.severity.as_str().to_owned());
            (
                "accepted",
                store::exceptions::Stored {
                    exception_type: kind,
                    severity,
                    queue: triaged.queue.clone(),
                    due_at: triaged.due_at,
                },
            )
        }
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
        exception_id: received.id.to_string(),
        status: "accepted",
        message,
        outcome,
        exception_type: stored.exception_type,
        severity: stored.severity,
        queue: stored.queue,
        due_at: stored.due_at,
    })
}

fn differs(pointer: &str, received: &Received, members: &[String]) -> Fault {
    let message = format!("{} is stored with other content; it differs in {}", received.id, members.join(", "));
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
