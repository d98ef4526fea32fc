//! What the desk knows about its session.

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::keys::Identity;
use utoipa::ToSchema;

use crate::http::state::Auth;

/// A session, or that there is none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// Whether somebody is logged in.
    pub authenticated: bool,
    /// `key` where logging in needs a key, `off` where it does not.
    pub auth: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_name: Option<String>,
    /// viewer, operator, supervisor or admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// What the key is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

impl SessionView {
    /// Nobody is logged in.
    pub fn none(auth: Auth) -> Self {
        let auth = if auth == Auth::Off { "off" } else { "key" };
        Self {
            authenticated: false,
            auth,
            tenant_id: None,
            tenant_name: None,
            role: None,
            key_name: None,
            expires_at: None,
        }
    }

    /// Somebody is.
    pub fn of(identity: Identity, auth: Auth) -> Self {
        Self {
            authenticated: true,
            tenant_id: Some(identity.scope.tenant().to_string()),
            tenant_name: Some(identity.tenant_name),
            role: Some(identity.role.as_str()),
            key_name: Some(identity.display_name),
            expires_at: identity.expires_at,
            ..Self::none(auth)
        }
    }
}
