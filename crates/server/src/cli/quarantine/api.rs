//! The quarantine as the API shows it to this command.

use chrono::{DateTime, Utc};
use domain::{
    ids::{QuarantineId, TenantId},
    role::Role,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    cli::api::tenant::{ServerArgs, TenantApi, Thing},
    config::Installation,
};

/// One tenant's quarantine on one server.
pub struct Api(TenantApi);

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
    pub still_rejected: usize,
    pub next: Option<QuarantineId>,
}

/// What a discard did.
#[derive(Debug, Deserialize)]
pub struct GivenUp {
    pub discarded: usize,
    pub remaining: u64,
}

impl Api {
    /// For what needs a role.
    pub fn open(server: &ServerArgs, installation: &Installation, role: Role) -> anyhow::Result<Self> {
        TenantApi::open(server, installation, role).map(Self)
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        self.0.tenant()
    }

    /// A page of the list.
    pub async fn page(&self, filter: &[(&str, &str)], limit: u32, cursor: Option<&str>) -> anyhow::Result<Page> {
        let filter = filter.iter().copied().chain(cursor.map(|cursor| ("cursor", cursor)));
        let filter = filter.map(|(name, value)| format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        self.0
            .get(&format!("/quarantine?limit={limit}{}", filter.collect::<String>()))
            .await
    }

    /// One entry.
    pub async fn show(&self, id: &QuarantineId) -> anyhow::Result<Whole> {
        #[derive(Deserialize)]
        struct Object {
            object: Box<RawValue>,
        }
        let thing = Thing {
            name: &id.to_string(),
            list: "sentinai quarantine list",
        };
        let whole: Box<RawValue> = self.0.get_one(&format!("/quarantine/{id}"), &thing).await?;
        Ok(Whole {
            entry: serde_json::from_str(whole.get())?,
            object: serde_json::from_str::<Object>(whole.get())?.object,
        })
    }

    /// Replays a portion.
    pub async fn replay(&self, which: &Value, cursor: Option<QuarantineId>) -> anyhow::Result<Tried> {
        let mut body = which.clone();
        if let Some(cursor) = cursor {
            body["cursor"] = json!(cursor);
        }
        self.0.post("/quarantine/replay", &body).await
    }

    /// Discards a portion.
    pub async fn discard(&self, which: &Value, reason: &str) -> anyhow::Result<GivenUp> {
        let mut body = which.clone();
        body["reason"] = json!(reason);
        self.0.post("/quarantine/discard", &body).await
    }
}
