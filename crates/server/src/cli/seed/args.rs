//! Arguments of `sentinai seed`, as the seed guide lists them and some more.

use std::{fmt, num::NonZeroU32, str::FromStr};

use anyhow::{Context, bail};
use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use domain::ids::TenantId;
use reqwest::{Url, header::HeaderValue};

use crate::{clock, secrets};

/// Most exceptions per tenant and run.
const MOST: u32 = 10_000_000;
/// Requests under way at a time where nothing else is said.
const CONCURRENCY: u16 = 16;

/// Arguments of `sentinai seed`.
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// API server URL
    #[arg(long, env = "SENTINAI_API_URL", default_value = "http://localhost:8000", value_name = "URL")]
    pub api_url: ApiUrl,

    /// Tenant to seed, or all: those with demo keys
    #[arg(long, default_value = "all", value_name = "TENANT|all")]
    pub tenant_id: Tenants,

    /// Number of exceptions per tenant, from 1 to 10,000,000
    #[arg(long, default_value = "50", value_parser = count, allow_negative_numbers = true)]
    pub count: u32,

    /// Skip API and database health checks
    #[arg(long)]
    pub skip_health_check: bool,

    /// API key for authentication [default: the tenant's in credentials.json of the home directory]
    #[arg(long, value_name = "KEY")]
    pub api_key: Option<Key>,

    /// Number from which everything is made: the same one makes the same exceptions again [default: a random one]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// The exceptions arise in the seven days before this time, e.g. 2026-11-23T09:30:00Z; whole seconds [default: now]
    #[arg(long, value_name = "TIME", value_parser = whole_seconds)]
    pub as_of: Option<DateTime<Utc>>,

    /// Most requests per second [default: as many as the server takes]
    #[arg(long, value_name = "N")]
    pub rate: Option<NonZeroU32>,

    /// Requests under way at a time
    #[arg(long, value_name = "N", default_value_t = CONCURRENCY, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub concurrency: u16,

    /// Read every exception back afterwards and compare it with what was sent
    #[arg(long)]
    pub verify: bool,
}

/// Whom to seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenants {
    /// Those with demo keys.
    All,
    /// This one.
    One(TenantId),
}

impl FromStr for Tenants {
    type Err = domain::ids::InvalidId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            Ok(Tenants::All)
        } else {
            text.parse().map(Tenants::One)
        }
    }
}

/// Address of a server, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(String);

impl FromStr for ApiUrl {
    type Err = anyhow::Error;
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text.trim()).context("write it like http://localhost:8000")?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            bail!("write it like http://localhost:8000");
        }
        Ok(ApiUrl(text.trim().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An access key; never printed.
#[derive(Debug, Clone)]
pub struct Key(HeaderValue);

impl Key {
    /// As the value of a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl FromStr for Key {
    type Err = anyhow::Error;
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain {
            bail!("a key has letters, digits and signs, no spaces");
        }
        let mut value = HeaderValue::from_str(text)?;
        value.set_sensitive(true);
        Ok(Key(value))
    }
}

/// What to make, with what was left open chosen.
#[derive(Debug, Clone)]
pub struct Order {
    /// Exceptions per tenant.
    pub count: u32,
    /// Everything is made from it.
    pub seed: u64,
    /// The exceptions arise in the seven days before; whole seconds.
    pub as_of: DateTime<Utc>,
    /// Requests under way at a time.
    pub concurrency: usize,
    /// Whether to read back.
    pub verify: bool,
}

impl Order {
    /// What the arguments ask for.
    pub fn new(args: &SeedArgs) -> Self {
        let open = Order::random(args.count);
        Order {
            seed: args.seed.unwrap_or(open.seed),
            as_of: args.as_of.unwrap_or(open.as_of),
            concurrency: usize::from(args.concurrency),
            verify: args.verify,
            ..open
        }
    }

    /// So many, of a random seed, as of now.
    pub fn random(count: u32) -> Self {
        Order {
            count,
            seed: u64::from_be_bytes(secrets::bytes()),
            as_of: cut(clock::now()),
            concurrency: usize::from(CONCURRENCY),
            verify: false,
        }
    }

    /// The as-of time as it is written on the command line.
    pub fn as_of_text(&self) -> String {
        self.as_of.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

fn count(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| "write a whole number from 1 to 10,000,000".to_owned())
}

fn whole_seconds(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| "write it like 2026-11-23T09:30:00Z".to_owned())?;
    Ok(cut(time.to_utc()))
}

fn cut(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::seconds(1)).unwrap_or(time)
}

#[cfg(test)]
mod tests;
