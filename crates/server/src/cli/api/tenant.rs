//! One tenant on one server, for commands that people give: `sentinai jobs`, `quarantine` and `exceptions`.

use anyhow::{Context, anyhow};
use clap::Args;
use domain::{ids::TenantId, role::Role};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    address::{ApiUrl, Key},
    client::Client,
    failure::Failure,
};
use crate::{cli::credentials::Credentials, config::Installation};

/// Where and as whom.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// Tenant
    #[arg(long)]
    pub tenant: TenantId,

    /// API server URL
    #[arg(long, env = "SENTINAI_API_URL", default_value = "http://localhost:8000", value_name = "URL")]
    pub api_url: ApiUrl,

    /// API key [default: the tenant's in credentials.json of the home directory]
    #[arg(long, value_name = "KEY")]
    pub api_key: Option<Key>,
}

/// One tenant's part of the API.
pub struct TenantApi {
    client: Client,
    url: String,
    tenant: TenantId,
    key: Option<Key>,
    role: Role,
}

/// Something with an id that may not be there.
pub struct Thing<'t> {
    /// Its name for people: `job 7`.
    pub name: &'t str,
    /// The command that shows which there are.
    pub list: &'static str,
}

impl TenantApi {
    /// With the key that is given, else with the weakest of the demo's keys that may do this.
    pub fn open(server: &ServerArgs, installation: &Installation, role: Role) -> anyhow::Result<Self> {
        let credentials = Credentials::read(&installation.credentials())?;
        let known = || credentials.weakest(server.tenant.as_str(), role)?.parse().ok();
        Ok(Self {
            client: Client::new(&server.api_url, None)?,
            url: server.api_url.to_string(),
            tenant: server.tenant.clone(),
            key: server.api_key.clone().or_else(known),
            role,
        })
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// A path below the tenant's, such as `/jobs?limit=5`, as the server knows it.
    pub fn path(&self, below: &str) -> String {
        format!("/v1/tenants/{}{below}", self.tenant)
    }

    /// Reads what is below the tenant's address.
    pub async fn get<T: DeserializeOwned>(&self, below: &str) -> anyhow::Result<T> {
        let answer = self.client.get(&self.path(below), self.key.as_ref()).await;
        read(&answer.map_err(|failure| self.explain(failure))?)
    }

    /// Reads one thing.
    pub async fn get_one<T: DeserializeOwned>(&self, below: &str, thing: &Thing<'_>) -> anyhow::Result<T> {
        let answer = self.client.get(&self.path(below), self.key.as_ref()).await;
        read(&answer.map_err(|failure| self.explain_one(failure, thing))?)
    }

    /// Sends a command that may be repeated.
    pub async fn post<T: DeserializeOwned>(&self, below: &str, body: &Value) -> anyhow::Result<T> {
        let body = body.to_string().into();
        let answer = self.client.post(&self.path(below), self.key.as_ref(), body).await;
        read(&answer.map_err(|failure| self.explain(failure))?)
    }

    /// Sends a command about one thing.
    pub async fn post_one<T: DeserializeOwned>(&self, below: &str, body: &Value, thing: &Thing<'_>) -> anyhow::Result<T> {
        let body = body.to_string().into();
        let answer = self.client.post(&self.path(below), self.key.as_ref(), body).await;
        read(&answer.map_err(|failure| self.explain_one(failure, thing))?)
    }

    fn explain_one(&self, failure: Failure, thing: &Thing<'_>) -> anyhow::Error {
        match &failure {
            Failure::Refused(problem) if problem.code == "not-found" => anyhow!(
                "tenant {} has no {}, or the key is another tenant's; `{}` shows what there is",
                self.tenant,
                thing.name,
                thing.list
            ),
            _ => self.explain(failure),
        }
    }

    /// A failure and what to do about it.
    fn explain(&self, failure: Failure) -> anyhow::Error {
        let hint = match (&failure, failure.status(), &self.key) {
            (Failure::Unreachable(_), ..) => format!("is the server at {} running? Give another address with --api-url", self.url),
            (_, Some(401 | 403), _) | (_, Some(404), None) => {
                format!("give a key of {} with the role {} with --api-key", self.tenant, self.role)
            }
            (_, Some(404), Some(_)) => format!("is the key one of {}? Give another with --api-key", self.tenant),
            (_, Some(400 | 409 | 422), _) => "nothing was changed".to_owned(),
            _ => "the server was not able to do it".to_owned(),
        };
        anyhow::Error::new(failure).context(hint)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(body).context("the answer is not one of SentinAI; give the right address with --api-url")
}
