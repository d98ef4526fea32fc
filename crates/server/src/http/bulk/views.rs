//! What several endpoints show of a bulk run.

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use store::{
    bulk::{BulkItem, BulkRun},
    keys::Identity,
};
use utoipa::ToSchema;

use crate::http::{
    disclosure::{List, Shown, Subject, disclose},
    names::Names,
    path::part,
    problem::ApiError,
    state::AppState,
};

/// A command on many exceptions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkRun)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    pub run_id: String,
    /// PREVIEW until somebody agrees, PENDING while a second person must, RUNNING, DONE or DISCARDED.
    pub state: String,
    /// The command.
    #[schema(value_type = Object)]
    pub command: Value,
    /// What selected the exceptions, as the query of a list.
    pub filter: String,
    pub total: i64,
    /// How many have an outcome.
    pub processed: i64,
    pub done: i64,
    /// How many wait for a second person.
    pub approvals_requested: i64,
    pub refused: i64,
    /// Why a second person must agree to the whole.
    #[schema(required)]
    pub approval_reason: Option<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    #[schema(required)]
    pub decided_by: Option<String>,
    #[schema(required)]
    pub decided_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub finished_at: Option<DateTime<Utc>>,
}

impl RunView {
    /// The answer about one run.
    pub async fn answer(state: &AppState, identity: &Identity, run: BulkRun) -> Result<Self, ApiError> {
        let names = state.names.of(&state.store, identity).await?;
        disclose(state, identity, Subject::List(List::Bulk), |shown| Self::of(run, &names, shown)).await
    }

    /// A run, with names for people.
    pub fn of(run: BulkRun, names: &Names, shown: &mut Shown) -> Self {
        shown.query(&run.filter);
        Self {
            run_id: run.run_id,
            state: run.state,
            command: command(&run.command, names),
            filter: run.filter,
            total: run.total,
            processed: run.processed,
            done: run.done,
            approvals_requested: run.approvals_requested,
            refused: run.refused,
            approval_reason: run.approval_reason,
            created_by: names.actor(run.created_by),
            created_at: run.created_at,
            decided_by: run.decided_by.map(|by| names.actor(by)),
            decided_at: run.decided_at,
            finished_at: run.finished_at,
        }
    }
}

/// The command, with the name of the owner where it has one.
fn command(text: &str, names: &Names) -> Value {
    let mut command: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(owner) = command.get("owner").and_then(Value::as_str).map(str::to_owned) {
        command["owner"] = Value::String(names.member(owner));
    }
    command
}

/// An exception of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkItem)]
#[serde(rename_all = "camelCase")]
pub struct ItemView {
    /// Place in the list that was frozen, from 1.
    position: i64,
    exception_id: String,
    /// DONE, `APPROVAL_REQUESTED` or REFUSED; null before its turn.
    #[schema(required)]
    outcome: Option<String>,
    /// Why it was refused.
    #[schema(required)]
    problem: Option<String>,
}

impl From<BulkItem> for ItemView {
    fn from(item: BulkItem) -> Self {
        Self {
            position: item.position,
            exception_id: item.exception_id,
            outcome: item.outcome,
            problem: item.problem,
        }
    }
}

/// The run a path names.
pub struct RunPath(pub String);

impl FromRequestParts<AppState> for RunPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let id: String = part(parts, state, "runId").await?;
        uuid::Uuid::try_parse(&id).map_err(|_| ApiError::NotFound)?;
        Ok(Self(id))
    }
}
