//! Arguments of `sentinai seed`, as the seed guide lists them and some more.

use std::{num::NonZeroU32, str::FromStr};

use crate::{
    cli::api::address::{ApiUrl, Key},
    clock, secrets,
};
use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use domain::ids::TenantId;

/// Most exceptions per tenant and run.
const MOST: u32 = 10_000_000;
/// Requests under way at a time where nothing else is said.
const CONCURRENCY: usize = 32;
/// Longest history in days.
const LONGEST_HISTORY: u16 = 366;
/// Most exceptions of a history: it is written whole, and others wait for it.
pub const MOST_IN_HISTORY: u32 = 100_000;
/// More than so many exceptions go as one stream where no concurrency is asked for.
const FEW: u32 = 1000;

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

    /// Also write a history of so many days, from 1 to 366: what arose then and what people did with it, as many exceptions per week as
    /// --count says; needs the database, not only its server
    #[arg(long, value_name = "DAYS", value_parser = days, allow_negative_numbers = true)]
    pub history: Option<u16>,

    /// Most exceptions per second [default: as many as the server takes]
    #[arg(long, value_name = "N")]
    pub rate: Option<NonZeroU32>,

    /// Send one by one, with so many requests under way at a time [default: 32; more than 1,000 exceptions go as one stream]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub concurrency: Option<u16>,

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

/// How exceptions are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A request for each, so many at a time.
    OneByOne(usize),
    /// All in one request, with a result for each.
    Stream,
}

impl Way {
    /// How many requests that read are under way at a time.
    pub fn concurrency(self) -> usize {
        match self {
            Way::OneByOne(concurrency) => concurrency,
            Way::Stream => CONCURRENCY,
        }
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
    /// Days of history, where one is asked for.
    pub history: Option<u16>,
    /// How they are sent.
    pub way: Way,
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
            way: args
                .concurrency
                .map_or(open.way, |concurrency| Way::OneByOne(usize::from(concurrency))),
            verify: args.verify,
            history: args.history,
            ..open
        }
    }

    /// So many, of a random seed, as of now.
    pub fn random(count: u32) -> Self {
        Order {
            count,
            seed: u64::from_be_bytes(secrets::bytes()),
            as_of: cut(clock::now()),
            way: if count > FEW { Way::Stream } else { Way::OneByOne(CONCURRENCY) },
            verify: false,
            history: None,
        }
    }

    /// Exceptions of a history of so many days: as many per week as are sent.
    pub fn in_history(&self, days: u16) -> u32 {
        let all = (u64::from(self.count) * u64::from(days)).div_ceil(7);
        u32::try_from(all).unwrap_or(u32::MAX)
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

fn days(text: &str) -> Result<u16, String> {
    let days = text.parse().ok().filter(|days| (1..=LONGEST_HISTORY).contains(days));
    days.ok_or_else(|| format!("write a whole number of days from 1 to {LONGEST_HISTORY}"))
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
