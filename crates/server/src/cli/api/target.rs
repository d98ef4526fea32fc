//! A tenant that is sent to, and with which key.

use domain::{exception::OnConflict, ids::TenantId, role::Role};

use super::{address::Key, client::Client, failure::Failure, report::Report};
use crate::cli::credentials::{Credentials, SOURCE};

/// Roles that may send, the weakest first: no more than is needed.
const SENDERS: [Role; 3] = [Role::Operator, Role::Supervisor, Role::Admin];

/// A tenant and its key.
#[derive(Debug, Clone)]
pub struct Target {
    /// The tenant.
    pub tenant: TenantId,
    /// None where there is none, or none is needed.
    pub key: Option<Key>,
    /// Treatment of other content under a stored id.
    pub on_conflict: OnConflict,
}

impl Target {
    /// A tenant and its key, where other content under a stored id is refused.
    pub fn with_key(tenant: TenantId, key: Option<Key>) -> Self {
        let on_conflict = OnConflict::Refuse;
        Target { tenant, key, on_conflict }
    }

    /// A tenant with its key of the demo, where there is one.
    pub fn with_demo_key(tenant: TenantId, credentials: &Credentials) -> Self {
        let mut roles = SENDERS.iter().filter_map(|role| credentials.key(tenant.as_str(), role.as_str()));
        let key = roles.next().and_then(|key| key.parse().ok());
        Target::with_key(tenant, key)
    }

    /// A tenant with the demo's key of its source systems, which may clear and revise, else as [`Target::with_demo_key`].
    pub fn with_source_key(tenant: TenantId, credentials: &Credentials) -> Self {
        let key = credentials.key(tenant.as_str(), SOURCE).and_then(|key| key.parse().ok());
        match key {
            Some(key) => Target::with_key(tenant, Some(key)),
            None => Target::with_demo_key(tenant, credentials),
        }
    }

    /// A tenant without a key is refused as the server would, unless the server needs none.
    pub async fn refuse_without_key(&self, client: &Client, report: &Report) -> Result<(), Failure> {
        if self.key.is_some() || client.session(None).await?.auth == "off" {
            return Ok(());
        }
        Err(Failure::unauthorized(&report.no_key(&self.tenant)))
    }
}
