//! Who asks, as an argument: a handler that takes [`Viewer`] or [`Operator`] cannot be reached by anyone weaker or of another tenant.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use domain::{ids::TenantId, role::Role};
use store::keys::{self, Identity};

use super::{
    identities::Credential,
    problem::ApiError,
    state::{AppState, Auth},
};
use crate::recorder::Refusal;

/// Name of the desk's cookie.
pub const SESSION_COOKIE: &str = "sentinai_session";

/// Name of the header with the key.
const KEY_HEADER: &str = "x-api-key";

/// Anyone of the path's tenant.
pub struct Viewer(pub Identity);

/// Someone of the path's tenant who may send and work exceptions.
pub struct Operator(pub Identity);

/// Someone of the path's tenant who leads: decides what is given up.
pub struct Supervisor(pub Identity);

/// Someone who administers the path's tenant.
pub struct Admin(pub Identity);

impl FromRequestParts<AppState> for Viewer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        member(parts, state, Role::Viewer).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        member(parts, state, Role::Operator).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Supervisor {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        member(parts, state, Role::Supervisor).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        member(parts, state, Role::Admin).await.map(Self)
    }
}

/// Who a change is attributed to.
pub fn name(identity: &Identity) -> String {
    format!("key:{}", identity.key_name)
}

/// Identity of the caller within the path's tenant: 401 before 404 before 429 before 403, and another tenant's path is a 404 like an unknown one.
async fn member(parts: &mut Parts, state: &AppState, needed: Role) -> Result<Identity, ApiError> {
    let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, state)
        .await
        .map_err(|_| ApiError::NotFound)?;
    let tenant = path.get("tenant").and_then(|tenant| tenant.parse::<TenantId>().ok());
    let identity = match state.auth {
        Auth::Key => caller(&parts.headers, state).await?,
        Auth::Off => {
            let tenant = tenant.as_ref().ok_or(ApiError::NotFound)?;
            state.store.identify_without_key(tenant).await?.ok_or(ApiError::NotFound)?
        }
    };
    if tenant.as_ref() != Some(identity.scope.tenant()) {
        return Err(ApiError::NotFound);
    }
    state.rates.admit(&identity, parts)?;
    allowed(&identity, needed).map_err(|refused| noted(state, &identity, refused))?;
    Ok(identity)
}

/// Counts it as refused access, if it is that.
pub fn noted(state: &AppState, identity: &Identity, problem: ApiError) -> ApiError {
    if matches!(problem, ApiError::RoleTooWeak { .. } | ApiError::OwnRequest) {
        let tenant = identity.scope.tenant();
        state.recorder.refused(tenant, Refusal::Access, &name(identity), state.clock.now());
    }
    problem
}

/// Whether the caller may still read the tenant, asked again while an answer goes on.
pub async fn is_still_member(headers: &HeaderMap, state: &AppState, tenant: &TenantId) -> bool {
    let identity = match state.auth {
        Auth::Key => caller(headers, state).await.ok(),
        Auth::Off => state.store.identify_without_key(tenant).await.ok().flatten(),
    };
    identity.is_some_and(|identity| identity.scope.tenant() == tenant && allowed(&identity, Role::Viewer).is_ok())
}

fn allowed(identity: &Identity, needed: Role) -> Result<(), ApiError> {
    if identity.suspended {
        return Err(ApiError::Suspended(identity.scope.tenant().to_string()));
    }
    if identity.role < needed {
        return Err(ApiError::RoleTooWeak {
            needed,
            has: identity.role,
        });
    }
    Ok(())
}

/// Identity behind the request's key or session.
async fn caller(headers: &HeaderMap, state: &AppState) -> Result<Identity, ApiError> {
    let (credential, wrong) = match (key(headers), session(headers)) {
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
    let bearer = || headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ");
    headers
        .get(KEY_HEADER)
        .and_then(|value| value.to_str().ok())
        .or_else(bearer)
        .map(str::trim)
}

/// The session token a request shows.
pub fn session(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(SESSION_COOKIE)
        .map(|cookie| cookie.value().to_owned())
}

/// Browsers tell where a request comes from; another site's page must not act with our cookie.
pub fn refuse_cross_site(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes) {
        Some(b"cross-site" | b"same-site") => Err(ApiError::CrossSite),
        _ => Ok(()),
    }
}

/// Without authentication the address is all that protects: a page of another site must not reach it through a name of its own.
pub async fn refuse_foreign_hosts(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if state.auth == Auth::Off && !is_local(request.headers()) {
        return ApiError::CrossSite.into_response();
    }
    next.run(request).await
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") && refuse_cross_site(headers).is_ok()
}
