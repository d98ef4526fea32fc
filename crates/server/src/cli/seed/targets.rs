//! Whom to seed with which key.

use domain::ids::TenantId;

use super::args::{SeedArgs, Tenants};
use crate::cli::{
    api::{client::Client, failure::Failure, target::Target},
    credentials::Credentials,
    demo,
};

/// The tenants that the arguments ask for, with their keys.
pub async fn choose(client: &Client, args: &SeedArgs, credentials: &Credentials) -> Result<Vec<Target>, Failure> {
    let key = args.api_key.clone();
    match (&args.tenant_id, &key) {
        (Tenants::One(tenant), Some(_)) => Ok(vec![Target::with_key(tenant.clone(), key)]),
        (Tenants::One(tenant), None) => Ok(vec![Target::with_demo_key(tenant.clone(), credentials)]),
        (Tenants::All, None) => Ok(all(credentials)),
        (Tenants::All, Some(_)) => match client.session(key.as_ref()).await? {
            session if session.auth == "off" => Ok(all(credentials)),
            session => {
                let unknown = "Unauthorized: this key is unknown, expired or revoked";
                let tenant = session.tenant_id.ok_or_else(|| Failure::unauthorized(unknown))?;
                Ok(vec![Target::with_key(tenant, key)])
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
    tenants
        .into_iter()
        .map(|tenant| Target::with_demo_key(tenant, credentials))
        .collect()
}
