//! `POST …/exceptions/{exceptionId}/commands`: everything that people do to one exception.

mod body;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::work::{Actor, Command};
use serde::Serialize;
use store::keys::Identity;
use utoipa::ToSchema;

pub use self::body::CommandBody;
use super::{
    show::{DetailView, etag},
    views::ExceptionPath,
};
use crate::{
    http::{
        actor::{self, Operator},
        body::JsonBody,
        people,
        problem::{ApiError, ProblemView},
        state::AppState,
    },
    work::{Done, Order},
};

/// What became of a command.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Commanded)]
pub struct CommandedView {
    outcome: Outcome,
    /// The exception as it is now.
    exception: DetailView,
}

/// What became of a command, in a word.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = CommandOutcome)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It is done.
    Done,
    /// It waits for a second person.
    ApprovalRequested,
}

/// Work on an exception
///
/// `If-Match` with the version that was seen is honoured: 412 where it has changed. What a status does not know is refused with 409 and the
/// verbs it knows. What the pack wants a second person for is not done but asked for.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions/{exceptionId}/commands", operation_id = "commandException", tag = "work",
    params(("tenant" = String, Path), ("exceptionId" = String, Path), ("If-Match" = Option<String>, Header, description = "The version that was seen, as the ETag")),
    request_body = CommandBody,
    responses((status = 200, body = CommandedView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn command(
    Operator(identity): Operator,
    State(state): State<AppState>,
    ExceptionPath(id): ExceptionPath,
    headers: HeaderMap,
    JsonBody(body): JsonBody<CommandBody>,
) -> Result<Response, ApiError> {
    let command = Command::from(body);
    people::require_owner(&state, &identity, &command).await?;
    let order = Order {
        exception_id: id.as_str(),
        command: &command,
        by: &worker(&identity),
        seen: seen(&headers)?,
        at: state.clock.now(),
    };
    let done = state.work.carry_out(&identity.scope, order).await;
    let Done { decision, detail } = done.map_err(|refused| actor::noted(&state, &identity, refused.into()))?;
    let outcome = if decision.asked.is_some() {
        Outcome::ApprovalRequested
    } else {
        Outcome::Done
    };
    let (version, exception) = super::show::view(&state, &identity, detail).await?;
    if decision.events.is_empty() {
        exception.note_view(&state, &identity, id.as_str())?;
    }
    Ok(([(header::ETAG, etag(version))], Json(CommandedView { outcome, exception })).into_response())
}

/// The caller as the domain knows them.
pub fn worker(identity: &Identity) -> Actor {
    Actor {
        name: actor::name(identity),
        role: identity.role,
    }
}

/// The version in If-Match, if there is one (RFC 9110, section 13.1.1).
fn seen(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.trim_start_matches("W/").trim_matches('"').parse();
    version
        .map(Some)
        .map_err(|_| ApiError::Malformed("If-Match is the ETag of the exception, a version in quotes".into()))
}
