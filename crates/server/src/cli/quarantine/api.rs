//! The quarantine as the API shows it to this command.

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use domain::{
    ids::{QuarantineId, TenantId},
    role::Role,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use super::ServerArgs;
use crate::{
    cli::{
        api::{address::Key, client::Client, failure::Failure},
        credentials::Credentials,
    },
    config::Installation,
};

/// One tenant's quarantine on one server.
pub struct Api {
    client: Client,
    url: String,
    tenant: TenantId,
    key: Option<Key>,
    role: Role,
}

/// A page of entries.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The entries.
    pub items: Vec<Entry>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Entries in all.
    pub total: u64,
    /// How many have each fault.
    pub codes: Vec<Count>,
}

/// How many entries have a fault.
#[derive(Debug, Deserialize)]
pub struct Count {
    /// The fault's code.
    pub code: String,
    /// How many.
    pub count: u64,
}

/// A refused object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub quarantine_id: String,
    pub state: String,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub times: u64,
    pub sent_by: String,
    pub source_system: Option<String>,
    pub exception_id: String,
    pub exception_type: Option<String>,
    pub errors: Vec<Fault>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
    pub stored_as: Option<String>,
    pub expires_at: DateTime<Utc>,
}

/// Why it was refused.
#[derive(Debug, Deserialize)]
pub struct Fault {
    pub pointer: String,
    pub code: String,
    pub message: String,
}

/// A refused object with what was sent.
#[derive(Debug)]
pub struct Whole {
    /// The entry.
    pub entry: Entry,
    /// As sent.
    pub object: Box<RawValue>,
}

/// What a replay did.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    pub replayed: usize,
    pub still_refused: usize,
    pub next: Option<QuarantineId>,
}

/// What a discard did.
#[derive(Debug, Deserialize)]
pub struct GivenUp {
    pub discarded: usize,
    pub remaining: u64,
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

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// A page of the list.
    pub async fn page(&self, filter: &[(&str, &str)], limit: u32, cursor: Option<&str>) -> anyhow::Result<Page> {
        let filter = filter.iter().copied().chain(cursor.map(|cursor| ("cursor", cursor)));
        let filter = filter.map(|(name, value)| format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        self.get(&format!("?limit={limit}{}", filter.collect::<String>())).await
    }

    /// One entry.
    pub async fn show(&self, id: &QuarantineId) -> anyhow::Result<Whole> {
        #[derive(Deserialize)]
        struct Object {
            object: Box<RawValue>,
        }
        let path = self.path(&format!("/{id}"));
        let answer = self.client.get(&path, self.key.as_ref()).await;
        if let Err(Failure::Refused(problem)) = &answer
            && problem.code == "not-found"
        {
            bail!(
                "tenant {} has no {id}, or the key is another tenant's; `sentinai quarantine list` shows what there is",
                self.tenant
            );
        }
        let body = answer.map_err(|failure| self.explain(failure))?;
        Ok(Whole {
            entry: read(&body)?,
            object: read::<Object>(&body)?.object,
        })
    }

    /// Replays a portion.
    pub async fn replay(&self, which: &Value, cursor: Option<QuarantineId>) -> anyhow::Result<Tried> {
        let mut body = which.clone();
        if let Some(cursor) = cursor {
            body["cursor"] = json!(cursor);
        }
        self.post("/replay", &body).await
    }

    /// Discards a portion.
    pub async fn discard(&self, which: &Value, reason: &str) -> anyhow::Result<GivenUp> {
        let mut body = which.clone();
        body["reason"] = json!(reason);
        self.post("/discard", &body).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/tenants/{}/quarantine{rest}", self.tenant)
    }

    async fn get<T: DeserializeOwned>(&self, rest: &str) -> anyhow::Result<T> {
        let answer = self.client.get(&self.path(rest), self.key.as_ref()).await;
        read(&answer.map_err(|failure| self.explain(failure))?)
    }

    async fn post<T: DeserializeOwned>(&self, rest: &str, body: &Value) -> anyhow::Result<T> {
        let body = body.to_string().into();
        let answer = self.client.post(&self.path(rest), self.key.as_ref(), body).await;
        read(&answer.map_err(|failure| self.explain(failure))?)
    }

    /// A failure and what to do about it.
    fn explain(&self, failure: Failure) -> anyhow::Error {
        let hint = match (&failure, failure.status(), &self.key) {
            (Failure::Unreachable(_), ..) => format!("is the server at {} running? Give another address with --api-url", self.url),
            (_, Some(401 | 403), _) | (_, Some(404), None) => {
                format!("give a key of {} with the role {} with --api-key", self.tenant, self.role)
            }
            (_, Some(404), Some(_)) => format!("is the key one of {}? Give another with --api-key", self.tenant),
            _ => "the server was not able to do it".to_owned(),
        };
        anyhow::Error::new(failure).context(hint)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(body).context("the answer is not one of SentinAI; give the right address with --api-url")
}
