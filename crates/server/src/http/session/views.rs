//! What the desk knows about its session.

use chrono::{DateTime, Utc};
use domain::role::Role;
use serde::Serialize;
use store::keys::{Holder, Identity};
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
    /// Id of the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    /// Name of the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Source systems of the key, where it is a source key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
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
            member_id: None,
            name: None,
            sources: None,
            expires_at: None,
        }
    }

    /// Somebody is.
    pub fn of(identity: Identity, auth: Auth) -> Self {
        Self {
            authenticated: true,
            tenant_id: Some(identity.scope.tenant().to_string()),
            role: identity.role().map(Role::as_str),
            member_id: identity.member().map(|member| member.member_id.to_string()),
            name: identity.member().map(|member| member.display_name.clone()),
            tenant_name: Some(identity.tenant_name),
            sources: match identity.holder {
                Holder::Sources(sources) => Some(sources.to_vec()),
                Holder::Member(_) => None,
            },
            expires_at: identity.expires_at,
            ..Self::none(auth)
        }
    }
}
