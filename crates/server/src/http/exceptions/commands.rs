//! `POST …/exceptions/{exceptionId}/commands`: everything that people do to one exception.

mod body;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::{
    role::Role,
    work::{Actor, Command, Refused},
};
use serde::Serialize;
use store::keys::Identity;
use utoipa::ToSchema;

pub use self::body::CommandBody;
use super::{
    show::{DetailView, Record, answer, etag},
    views::ExceptionPath,
};
use crate::{
    http::{
        actor::{self, Operator},
        body::JsonBody,
        names::Names,
        people,
        problem::{ApiError, ProblemView},
        state::AppState,
    },
    work::{Done, NotDone, Order},
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
/// `If-Match` with the version that was seen, several of them or `*` is honoured: 412 where it has none of them. What a status does not know is refused with 409 and the
/// verbs it knows. What the pack wants a second person for is not done but asked for.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/exceptions/{exceptionId}/commands", operation_id = "runCommand", tag = "work",
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
    let names = state.names.of(&state.store, &identity).await?;
    let command = people::with_owner(&state, &identity, &names, Command::from(body)).await?;
    let seen = seen(&headers)?;
    let order = Order {
        exception_id: id.as_str(),
        command: &command,
        by: &worker(&identity),
        seen: seen.as_deref(),
        at: state.clock.now(),
    };
    let done = state.work.carry_out(&identity.scope, order).await;
    let Done { decision, detail } = done.map_err(|refused| actor::noted(&state, &identity, problem(refused, &names)))?;
    let outcome = if decision.asked.is_some() {
        Outcome::ApprovalRequested
    } else {
        Outcome::Done
    };
    let record = decision.events.first().map_or(Record::View, |event| Record::Event(event.kind));
    let (version, exception) = answer(&state, (&identity, &names), detail, record).await?;
    Ok(([(header::ETAG, etag(version))], Json(CommandedView { outcome, exception })).into_response())
}

/// A refusal with the names of those it is about.
fn problem(refused: NotDone, names: &Names) -> ApiError {
    match refused {
        NotDone::Refused(Refused::Owned { owner }) => {
            ApiError::Conflict(format!("{} works on it: ask them, or a supervisor", names.member(owner)))
        }
        NotDone::Refused(Refused::NotTheirRequest { by }) => {
            ApiError::Conflict(format!("{} asked: only they can take it back", names.actor(by)))
        }
        other => other.into(),
    }
}

/// The caller as the domain knows them.
pub fn worker(identity: &Identity) -> Actor {
    Actor {
        name: identity.actor(),
        // The arguments of handlers let nobody else through.
        role: identity.role().unwrap_or(Role::Viewer),
    }
}

/// The versions in If-Match, one of which it must have; `None` where any will do (RFC 9110, section 13.1.1).
///
/// A weak tag counts as a strong one: proxies that compress weaken ours, and a version stays one.
fn seen(headers: &HeaderMap) -> Result<Option<Vec<i64>>, ApiError> {
    let mut versions = Vec::new();
    for value in headers.get_all(header::IF_MATCH) {
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(None);
        }
        let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        for tag in tags {
            versions.push(version(tag)?);
        }
    }
    Ok(headers.contains_key(header::IF_MATCH).then_some(versions))
}

/// A tag that is not one of our versions is one that nothing has. A weak tag counts as its version: proxies that compress answers weaken
/// tags, and a version names one state however the answer is written.
fn version(tag: &str) -> Result<i64, ApiError> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    if let Ok(version) = tag.parse() {
        return Ok(version);
    }
    let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    opaque.map(|opaque| opaque.parse().unwrap_or(0)).ok_or_else(|| {
        ApiError::Malformed(
            "If-Match is *, the ETag of the exception (a version in quotes), or several of them, separated by commas".into(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Result<Option<Vec<i64>>, ApiError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, value.parse().expect("a header"));
        }
        seen(&headers)
    }

    #[test]
    fn if_match_is_a_list_of_versions_or_a_star() {
        for (values, versions) in [
            (&[][..], None),
            (&["*"], None),
            (&[" * "], None),
            (&["\"3\""], Some(vec![3])),
            (&["W/\"3\""], Some(vec![3])),
            (&["3"], Some(vec![3])),
            (&["\"2\", \"3\""], Some(vec![2, 3])),
            (&["\"2\",,W/\"3\"", "\"4\""], Some(vec![2, 3, 4])),
            (&["\"none-of-ours\", \"3\""], Some(vec![0, 3])),
        ] {
            assert_eq!(of(values).expect("well-formed"), versions, "{values:?}");
        }
        for malformed in ["x", "\"3", "\"3\" \"4\"x", "W/"] {
            assert!(of(&[malformed]).is_err(), "{malformed}");
        }
    }
}
