//! Whom to seed with which key.

use domain::{ids::TenantId, role::Role};

use super::{
    args::{Key, SeedArgs, Tenants},
    client::Client,
    failure::Failure,
};
use crate::cli::{credentials::Credentials, demo};

/// Roles that may send, the weakest first: no more than is needed.
const SENDERS: [Role; 3] = [Role::Operator, Role::Supervisor, Role::Admin];

/// A tenant and its key.
#[derive(Debug, Clone)]
pub struct Target {
    /// The tenant.
    pub tenant: TenantId,
    /// None where there is none, or none is needed.
    pub key: Option<Key>,
}

/// The tenants that the arguments ask for, with their keys.
pub async fn choose(client: &Client, args: &SeedArgs, credentials: &Credentials) -> Result<Vec<Target>, Failure> {
    let key = args.api_key.clone();
    match (&args.tenant_id, &key) {
        (Tenants::One(tenant), Some(_)) => Ok(vec![Target {
            tenant: tenant.clone(),
            key,
        }]),
        (Tenants::One(tenant), None) => Ok(vec![with_demo_key(tenant.clone(), credentials)]),
        (Tenants::All, None) => Ok(all(credentials)),
        (Tenants::All, Some(_)) => match client.session(key.as_ref()).await? {
            session if session.auth == "off" => Ok(all(credentials)),
            session => {
                let unknown = "Unauthorized: this key is unknown, expired or revoked";
                let tenant = session.tenant_id.ok_or_else(|| Failure::unauthorized(unknown))?;
                Ok(vec![Target { tenant, key }])
            }
        },
    }
}

fn all(credentials: &Credentials) -> Vec<Target> {
    let known = credentials.keys.keys().filter_map(|tenant| tenant.parse().ok());
    let mut tenants: Vec<TenantId> = known.collect();
    if tenants.is_empty() {
        // None is known here: those of the demo, which a server without keys lets in.
        tenants = demo::tenants().unwrap_or_default();
    }
    tenants.into_iter().map(|tenant| with_demo_key(tenant, credentials)).collect()
}

fn with_demo_key(tenant: TenantId, credentials: &Credentials) -> Target {
    let mut roles = SENDERS.iter().filter_map(|role| credentials.key(tenant.as_str(), role.as_str()));
    let key = roles.next().and_then(|key| key.parse().ok());
    Target { tenant, key }
}
