//! `DELETE /v1/session`: log out.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use store::keys;

use crate::http::{
    identities::Credential,
    problem::{ApiError, ProblemView},
    site::{Sender, refuse_cross_site},
    state::AppState,
};

/// Log out
#[utoipa::path(delete, path = "/v1/session", operation_id = "logOut", tag = "session", security(()), responses((status = 204), (status = "4XX", body = ProblemView)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(sender): Extension<Sender>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), ApiError> {
    refuse_cross_site(&headers)?;
    if let Some(token) = state.site.session(&headers) {
        let hash = keys::hash(&token);
        state.store.delete_session(&hash).await?;
        state.identities.forget(Credential::Session(hash));
    }
    let mut gone = Cookie::from(state.site.cookie_name());
    // A browser changes a cookie with the prefix only as it took it.
    gone.set_secure(sender.is_https);
    gone.set_path("/");
    Ok((jar.remove(gone), StatusCode::NO_CONTENT))
}
