//! `POST /v1/session`: log in.

use axum::{Extension, Json, extract::State, http::HeaderMap};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::EventKind;
use domain::ids::TenantId;
use serde::Deserialize;
use serde_json::json;
use store::{keys, tenant_event};
use utoipa::ToSchema;

use super::views::SessionView;
use crate::{
    http::{
        actor::noted,
        body::JsonBody,
        identities::Credential,
        problem::{ApiError, ProblemView},
        rates::Costly,
        site::{Sender, refuse_cross_site, refuse_foreign},
        state::{AppState, Auth},
    },
    recorder::Refusal,
    secrets,
};

/// A working day and some.
const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// Tenant and key.
#[derive(Deserialize, ToSchema)]
#[schema(as = Login)]
#[serde(rename_all = "camelCase")]
pub struct LoginBody {
    tenant_id: String,
    /// API key of the tenant; not needed where authentication is off.
    #[serde(default)]
    key: String,
}

/// Log in at the desk: exchange a key for a session cookie
#[utoipa::path(post, path = "/v1/session", operation_id = "logIn", tag = "session", security(()), request_body = LoginBody,
    responses((status = 200, body = SessionView), (status = "4XX", body = ProblemView)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(sender): Extension<Sender>,
    headers: HeaderMap,
    jar: CookieJar,
    JsonBody(login): JsonBody<LoginBody>,
) -> Result<(CookieJar, Json<SessionView>), ApiError> {
    refuse_cross_site(&headers)?;
    refuse_foreign(&sender.page)?;
    let tenant: Option<TenantId> = login.tenant_id.trim().parse().ok();
    if state.auth == Auth::Off {
        let tenant = tenant.ok_or(ApiError::NotFound)?;
        let identity = state.store.identify_without_key(&tenant).await?.ok_or(ApiError::NotFound)?;
        return Ok((
            jar.add(cookie(&state, &sender, tenant.to_string())),
            Json(SessionView::of(identity, state.auth)),
        ));
    }
    let now = state.clock.now();
    let identity = state.store.identify(&keys::hash(login.key.trim()), now).await?;
    // A key of another tenant is as wrong as none: nothing tells which tenants there are.
    let identity = identity.filter(|identity| Some(identity.scope.tenant()) == tenant.as_ref());
    let Some(identity) = identity else {
        let unknown = format!("none of {}", tenant.as_ref().map_or("any", TenantId::as_str));
        state.rates.spend(Costly::Login, &unknown)?;
        note_failure(&state, tenant.as_ref(), now).await?;
        return Err(ApiError::WrongCredential);
    };
    state.rates.spend(Costly::Login, &identity.key_id)?;
    if identity.member().is_none() {
        return Err(noted(&state, &identity, ApiError::SourceKeyOnly));
    }
    if identity.suspended {
        return Err(ApiError::Suspended(identity.scope.tenant().to_string()));
    }
    end_earlier(&state, &headers).await?;
    let token = URL_SAFE_NO_PAD.encode(secrets::bytes::<32>());
    let expires_at = identity.expires_at.map_or(now + LIFETIME, |ends| ends.min(now + LIFETIME));
    state
        .store
        .create_session(&keys::hash(&token), &identity.key_id, now, expires_at)
        .await?;
    let data = json!({"keyId": identity.key_id, "role": identity.role(), "expiresAt": expires_at});
    let login = tenant_event(EventKind::LoggedIn, &identity.actor(), now, &data);
    state.store.record(identity.scope.tenant(), &[login]).await?;
    let view = SessionView {
        expires_at: Some(expires_at),
        ..SessionView::of(identity, state.auth)
    };
    Ok((jar.add(cookie(&state, &sender, token)), Json(view)))
}

/// Counts a failed login for its tenant. Asked of the database in any case, so that the time tells nobody which tenants there are.
async fn note_failure(state: &AppState, tenant: Option<&TenantId>, now: DateTime<Utc>) -> Result<(), ApiError> {
    let Some(tenant) = tenant else { return Ok(()) };
    if state.store.tenant(tenant).await?.is_some() {
        state.recorder.refused(tenant, Refusal::Login, "unknown", now);
    }
    Ok(())
}

/// Ends the session that this browser had: nobody can log it out any more.
async fn end_earlier(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(token) = state.site.session(headers) else { return Ok(()) };
    let hash = keys::hash(&token);
    state.store.delete_session(&hash).await?;
    state.identities.forget(Credential::Session(hash));
    Ok(())
}

fn cookie(state: &AppState, sender: &Sender, value: String) -> Cookie<'static> {
    let mut cookie = Cookie::new(state.site.cookie_name(), value);
    cookie.set_secure(sender.is_https);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    cookie
}
