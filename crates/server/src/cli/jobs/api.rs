//! Jobs as the API shows them to this command.

use chrono::{DateTime, Utc};
use domain::role::Role;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cli::api::tenant::{ServerArgs, TenantApi, Thing},
    config::Installation,
};

/// One tenant's jobs on one server.
pub struct Api(TenantApi);

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
    /// For what needs a role.
    pub fn open(server: &ServerArgs, installation: &Installation, role: Role) -> anyhow::Result<Self> {
        TenantApi::open(server, installation, role).map(Self)
    }

    /// A page of the list.
    pub async fn page(&self, filter: &[(&str, Option<&str>)], limit: u32, cursor: Option<&str>) -> anyhow::Result<Page> {
        let filter = filter.iter().copied().chain([("cursor", cursor)]);
        let given = filter.filter_map(|(name, value)| Some(format!("&{name}={}", utf8_percent_encode(value?, NON_ALPHANUMERIC))));
        self.0.get(&format!("/jobs?limit={limit}{}", given.collect::<String>())).await
    }

    /// One job, as JSON with line breaks.
    pub async fn show(&self, id: u64) -> anyhow::Result<String> {
        let job: Value = self.0.get_one(&format!("/jobs/{id}"), &thing(&name(id))).await?;
        Ok(serde_json::to_string_pretty(&job)?)
    }

    /// Lets one run again.
    pub async fn replay_one(&self, id: u64) -> anyhow::Result<Value> {
        self.0.post_one(&format!("/jobs/{id}/replay"), &json!({}), &thing(&name(id))).await
    }

    /// Lets a portion run again.
    pub async fn replay(&self, kind: Option<&str>) -> anyhow::Result<Replayed> {
        self.0.post("/jobs/replay", &json!({"kind": kind})).await
    }

    /// Gives one up.
    pub async fn discard(&self, id: u64, reason: &str) -> anyhow::Result<Value> {
        let body = json!({"reason": reason});
        self.0.post_one(&format!("/jobs/{id}/discard"), &body, &thing(&name(id))).await
    }
}

fn name(id: u64) -> String {
    format!("job {id}")
}

fn thing(name: &str) -> Thing<'_> {
    Thing {
        name,
        list: "sentinai jobs list",
    }
}
