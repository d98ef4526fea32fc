//! `GET /v1/tenants/{tenant}/members`: who works here.

use std::collections::HashSet;

use axum::{Json, extract::State};
use domain::{fault::Fault, role::Role, work::Command};
use serde::Serialize;
use store::keys::Identity;
use utoipa::ToSchema;

use super::{
    actor::Viewer,
    names::Names,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// Id in events: `member:` and this.
    member_id: String,
    /// As owners and actors are shown; unique.
    name: String,
    #[schema(value_type = String)]
    role: Role,
    /// Whether exceptions can be assigned to them: they have a valid key and a role that works exceptions.
    assignable: bool,
}

/// List members
#[utoipa::path(get, path = "/v1/tenants/{tenant}/members", operation_id = "listMembers", tag = "work",
    params(("tenant" = String, Path)),
    responses((status = 200, body = [PersonView]), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn people(Viewer(identity): Viewer, State(state): State<AppState>) -> Result<Json<Vec<PersonView>>, ApiError> {
    let workers = state.store.workers(identity.scope.tenant(), state.clock.now()).await?;
    let workers: HashSet<String> = workers.into_iter().map(|member| member.member_id.to_string()).collect();
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let members = tx.members().await?;
    tx.commit().await?;
    let views = members.into_iter().map(|member| PersonView {
        assignable: workers.contains(member.member_id.as_str()),
        member_id: member.member_id.to_string(),
        name: member.display_name,
        role: member.role,
    });
    Ok(Json(views.collect()))
}

/// The command with the id of its owner, who is given by id or name. Refuses to give work to somebody who is not there.
pub async fn with_owner(state: &AppState, identity: &Identity, names: &Names, command: Command) -> Result<Command, ApiError> {
    let Command::Assign { owner } = command else {
        return Ok(command);
    };
    let workers = state.store.workers(identity.scope.tenant(), state.clock.now()).await?;
    let sought = names.id_of(&owner);
    if let Some(worker) = workers.iter().find(|worker| Some(worker.member_id.as_str()) == sought) {
        let owner = worker.member_id.to_string();
        return Ok(Command::Assign { owner });
    }
    // What is not well-formed is refused for that.
    if owner.trim().is_empty() {
        return Ok(Command::Assign { owner });
    }
    let known: Vec<&str> = workers.iter().map(|worker| worker.display_name.as_str()).collect();
    let why = format!("nobody of that name works here; who does: {}", known.join(", "));
    Err(ApiError::Refused(vec![Fault::at("/owner", "unknown", why)]))
}
