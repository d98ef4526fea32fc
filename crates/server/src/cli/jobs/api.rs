//! Jobs as the API shows them to this command.

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use domain::{ids::TenantId, role::Role};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    cli::{
        api::{address::Key, client::Client, failure::Failure},
        credentials::Credentials,
        quarantine::ServerArgs,
    },
    config::Installation,
};

/// One tenant's jobs on one server.
pub struct Api {
    client: Client,
    url: String,
    tenant: TenantId,
    key: Option<Key>,
    role: Role,
}

/// A page of jobs.
#[derive(Debug, Deserialize)]
pub struct Page {
    pub items: Vec<Job>,
    pub next: Option<String>,
}

/// A job, as far as a line shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    #[serde(rename = "jobId")]
    pub id: String,
    pub kind: String,
    pub state: String,
    pub created_at: DateTime<Utc>,
    pub attempts: u32,
    pub max_attempts: u32,
    pub last_error: Option<String>,
}

/// What a replay did.
#[derive(Debug, Deserialize)]
pub struct Replayed {
    pub replayed: usize,
    pub more: bool,
}

impl Api {
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

    /// A page of the list.
    pub async fn page(&self, filter: &[(&str, Option<&str>)], limit: u32, cursor: Option<&str>) -> anyhow::Result<Page> {
        let filter = filter.iter().copied().chain([("cursor", cursor)]);
        let given = filter.filter_map(|(name, value)| Some(format!("&{name}={}", utf8_percent_encode(value?, NON_ALPHANUMERIC))));
        let path = self.path(&format!("?limit={limit}{}", given.collect::<String>()));
        self.read(self.client.get(&path, self.key.as_ref()).await)
    }

    /// One job, as JSON with line breaks.
    pub async fn show(&self, id: u64) -> anyhow::Result<String> {
        let answer = self.client.get(&self.path(&format!("/{id}")), self.key.as_ref()).await;
        Ok(serde_json::to_string_pretty(&self.read::<Value>(self.known(id, answer)?)?)?)
    }

    /// Lets one run again.
    pub async fn replay_one(&self, id: u64) -> anyhow::Result<Value> {
        let answer = self.post(&format!("/{id}/replay"), &json!({})).await;
        self.read(self.known(id, answer)?)
    }

    /// Lets a portion run again.
    pub async fn replay(&self, kind: Option<&str>) -> anyhow::Result<Replayed> {
        self.read(self.post("/replay", &json!({"kind": kind})).await)
    }

    /// Gives one up.
    pub async fn discard(&self, id: u64, reason: &str) -> anyhow::Result<Value> {
        let answer = self.post(&format!("/{id}/discard"), &json!({"reason": reason})).await;
        self.read(self.known(id, answer)?)
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/tenants/{}/jobs{rest}", self.tenant)
    }

    async fn post(&self, rest: &str, body: &Value) -> Result<Vec<u8>, Failure> {
        let answer = self
            .client
            .post(&self.path(rest), self.key.as_ref(), body.to_string().into())
            .await?;
        Ok(answer.to_vec())
    }

    fn known<T>(&self, id: u64, answer: Result<T, Failure>) -> anyhow::Result<Result<T, Failure>> {
        if let Err(Failure::Refused(problem)) = &answer
            && problem.code == "not-found"
        {
            bail!(
                "tenant {} has no job {id}, or the key is another tenant's; `sentinai jobs list` shows what there is",
                self.tenant
            );
        }
        Ok(answer)
    }

    fn read<T: DeserializeOwned>(&self, answer: Result<impl AsRef<[u8]>, Failure>) -> anyhow::Result<T> {
        let body = answer.map_err(|failure| self.explain(failure))?;
        serde_json::from_slice(body.as_ref()).context("the answer is not one of SentinAI; give the right address with --api-url")
    }

    /// A failure and what to do about it.
    fn explain(&self, failure: Failure) -> anyhow::Error {
        let hint = match (&failure, failure.status(), &self.key) {
            (Failure::Unreachable(_), ..) => format!("is the server at {} running? Give another address with --api-url", self.url),
            (_, Some(401 | 403), _) | (_, Some(404), None) => {
                format!("give a key of {} with the role {} with --api-key", self.tenant, self.role)
            }
            (_, Some(404), Some(_)) => format!("is the key one of {}? Give another with --api-key", self.tenant),
            (_, Some(409), _) => "nothing was changed".to_owned(),
            _ => "the server was not able to do it".to_owned(),
        };
        anyhow::Error::new(failure).context(hint)
    }
}
