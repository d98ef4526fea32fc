//! Who asks, as an argument: a handler that takes [`Viewer`] or [`Operator`] cannot be reached by anyone weaker or of another tenant.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path},
    http::{HeaderMap, header, request::Parts},
};
use domain::{ids::TenantId, role::Role};
use store::{
    bounded,
    keys::{self, Identity},
};

use super::{
    health::require_schema,
    identities::Credential,
    problem::ApiError,
    site::refuse_cross_site,
    state::{AppState, Auth},
};
use crate::recorder::Refusal;

/// Name of the header with the key.
const KEY_HEADER: &str = "x-api-key";

/// Anyone of the path's tenant.
pub struct Viewer(pub Identity);

/// Someone of the path's tenant who may work exceptions.
pub struct Operator(pub Identity);

/// Someone of the path's tenant who may send exceptions: an operator, or a source system.
pub struct Submitter(pub Identity);

/// Access that an operation needs.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    /// A member of at least this role.
    Member(Role),
    /// A member who is an operator, or a source key.
    Submit,
}

/// Someone of the path's tenant who leads: decides what is given up.
pub struct Supervisor(pub Identity);

/// Someone who administers the path's tenant.
pub struct Admin(pub Identity);

impl FromRequestParts<AppState> for Viewer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        within_tenant(parts, state, Access::Member(Role::Viewer)).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        within_tenant(parts, state, Access::Member(Role::Operator)).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Submitter {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        within_tenant(parts, state, Access::Submit).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Supervisor {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        within_tenant(parts, state, Access::Member(Role::Supervisor)).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        within_tenant(parts, state, Access::Member(Role::Admin)).await.map(Self)
    }
}

/// Identity of the caller within the path's tenant: 401 before 404 before 429 before 403, and another tenant's path is a 404 like an unknown one.
async fn within_tenant(parts: &mut Parts, state: &AppState, needed: Access) -> Result<Identity, ApiError> {
    let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, state)
        .await
        .map_err(|_| ApiError::NotFound)?;
    let tenant = path.get("tenant").and_then(|tenant| tenant.parse::<TenantId>().ok());
    let identity = if let Some(Caller(known)) = parts.extensions.get() {
        known.clone()
    } else {
        let tenant = tenant.ok_or(ApiError::NotFound);
        let identity = of_tenant(&parts.headers, state, tenant).await?;
        state.rates.admit(&identity, parts)?;
        parts.extensions.insert(Caller(identity.clone()));
        identity
    };
    allowed(&identity, needed).map_err(|refused| noted(state, &identity, refused))?;
    Ok(identity)
}

/// The caller within the path's tenant, once known: several arguments of one handler may ask, and the request counts once.
#[derive(Clone)]
pub struct Caller(pub Identity);

/// Identity of the caller within a tenant.
async fn of_tenant(headers: &HeaderMap, state: &AppState, tenant: Result<TenantId, ApiError>) -> Result<Identity, ApiError> {
    require_schema(state).await?;
    match state.auth {
        Auth::Key => {
            let (identity, tenant) = (caller(headers, state).await?, tenant?);
            let is_own = *identity.scope.tenant() == tenant;
            is_own.then_some(identity).ok_or(ApiError::NotFound)
        }
        Auth::Off => state.store.identify_without_key(&tenant?).await?.ok_or(ApiError::NotFound),
    }
}

/// Counts it as refused access, if it is that.
pub fn noted(state: &AppState, identity: &Identity, problem: ApiError) -> ApiError {
    if matches!(
        problem,
        ApiError::RoleTooWeak { .. } | ApiError::OwnRequest | ApiError::SourceKeyOnly
    ) {
        let tenant = identity.scope.tenant();
        state
            .recorder
            .refused(tenant, Refusal::Access, &identity.actor(), state.clock.now());
    }
    problem
}

/// Asks again, while an answer goes on, whether the caller may have it: the key may be revoked, the role lowered, the tenant suspended.
pub async fn still(needed: Access, headers: &HeaderMap, state: &AppState, tenant: &TenantId) -> Result<(), ApiError> {
    let identity = bounded(of_tenant(headers, state, Ok(tenant.clone()))).await?;
    allowed(&identity, needed).map_err(|refused| noted(state, &identity, refused))
}

fn allowed(identity: &Identity, needed: Access) -> Result<(), ApiError> {
    if identity.suspended {
        return Err(ApiError::Suspended(identity.scope.tenant().to_string()));
    }
    let (needed, sources_may) = match needed {
        Access::Member(role) => (role, false),
        Access::Submit => (Role::Operator, true),
    };
    match identity.role() {
        Some(has) if has < needed => Err(ApiError::RoleTooWeak { needed, has }),
        None if !sources_may => Err(ApiError::SourceKeyOnly),
        _ => Ok(()),
    }
}

/// Identity behind the request's key or session.
async fn caller(headers: &HeaderMap, state: &AppState) -> Result<Identity, ApiError> {
    let (credential, wrong) = match (key(headers), state.site.session(headers)) {
        (Some(key), _) => (Credential::Key(keys::hash(key)), ApiError::WrongCredential),
        (None, Some(token)) => {
            refuse_cross_site(headers)?;
            (Credential::Session(keys::hash(&token)), ApiError::SessionEnded)
        }
        (None, None) => return Err(ApiError::NoCredential),
    };
    state.identities.of(&state.store, credential, state.clock.now()).await?.ok_or(wrong)
}

/// The key a request shows, in either header.
pub fn key(headers: &HeaderMap) -> Option<&str> {
    // The name of a scheme is written in any case (RFC 9110, section 11.1).
    let bearer = || {
        let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    };
    headers
        .get(KEY_HEADER)
        .and_then(|value| value.to_str().ok())
        .or_else(bearer)
        .map(str::trim)
}
