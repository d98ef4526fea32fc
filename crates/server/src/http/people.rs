//! `GET /v1/tenants/{tenant}/people`: who works here.

use axum::{Json, extract::State};
use domain::{fault::Fault, work::Command};
use serde::Serialize;
use store::keys::Identity;
use utoipa::ToSchema;

use super::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Somebody who works exceptions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct PersonView {
    /// As owners and events are named.
    name: String,
    role: String,
}

/// Who can be given exceptions: the names of the tenant's working keys
#[utoipa::path(get, path = "/v1/tenants/{tenant}/people", operation_id = "listPeople", tag = "work",
    params(("tenant" = String, Path)),
    responses((status = 200, body = [PersonView]), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn people(Viewer(identity): Viewer, State(state): State<AppState>) -> Result<Json<Vec<PersonView>>, ApiError> {
    Ok(Json(known(&state, &identity).await?))
}

/// Refuses to give work to somebody who is not there.
pub async fn require_owner(state: &AppState, identity: &Identity, command: &Command) -> Result<(), ApiError> {
    let Command::Assign { owner } = command else {
        return Ok(());
    };
    let people = known(state, identity).await?;
    if people.iter().any(|person| person.name == *owner) {
        return Ok(());
    }
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    let why = format!("nobody of that name works here; who does: {}", names.join(", "));
    Err(ApiError::Refused(vec![Fault::at("/owner", "unknown", why)]))
}

async fn known(state: &AppState, identity: &Identity) -> Result<Vec<PersonView>, ApiError> {
    let people = state.store.workers(identity.scope.tenant(), state.clock.now()).await?;
    let views = people.into_iter().map(|member| PersonView {
        name: format!("key:{}", member.display_name),
        role: member.role.to_string(),
    });
    Ok(views.collect())
}
