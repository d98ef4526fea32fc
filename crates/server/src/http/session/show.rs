//! `GET /v1/session`: who is logged in, by cookie or key. Always 200, so that a page can ask before it knows.

use axum::{Json, extract::State, http::HeaderMap};
use store::keys;

use super::views::SessionView;
use crate::http::{
    actor,
    identities::Credential,
    problem::ApiError,
    state::{AppState, Auth},
};

/// Who is logged in
#[utoipa::path(get, path = "/v1/session", operation_id = "showSession", tag = "session", security(()), responses((status = 200, body = SessionView)))]
pub async fn show(State(state): State<AppState>, headers: HeaderMap) -> Result<Json<SessionView>, ApiError> {
    let token = state.site.session(&headers);
    let identity = match (state.auth, actor::key(&headers), token) {
        (Auth::Off, _, Some(tenant)) => match tenant.parse() {
            Ok(tenant) => state.store.identify_without_key(&tenant).await?,
            Err(_) => None,
        },
        (Auth::Key, Some(key), _) => {
            state
                .identities
                .of(&state.store, Credential::Key(keys::hash(key)), state.clock.now())
                .await?
        }
        (Auth::Key, None, Some(token)) => {
            state
                .identities
                .of(&state.store, Credential::Session(keys::hash(&token)), state.clock.now())
                .await?
        }
        (_, _, None) => None,
    };
    let identity = identity.filter(|identity| !identity.suspended);
    Ok(Json(identity.map_or_else(
        || SessionView::none(state.auth),
        |identity| SessionView::of(identity, state.auth),
    )))
}
