//! `DELETE /v1/session`: log out.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use store::keys;

use crate::http::{
    actor::{SESSION_COOKIE, refuse_cross_site},
    identities::Credential,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Log out
#[utoipa::path(delete, path = "/v1/session", operation_id = "logOut", tag = "session", security(()), responses((status = 204), (status = "4XX", body = ProblemView)))]
pub async fn delete(State(state): State<AppState>, headers: HeaderMap, jar: CookieJar) -> Result<(CookieJar, StatusCode), ApiError> {
    refuse_cross_site(&headers)?;
    if let Some(cookie) = jar.get(SESSION_COOKIE) {
        let hash = keys::hash(cookie.value());
        state.store.delete_session(&hash).await?;
        state.identities.forget(Credential::Session(hash));
    }
    let mut gone = Cookie::from(SESSION_COOKIE);
    gone.set_path("/");
    Ok((jar.remove(gone), StatusCode::NO_CONTENT))
}
