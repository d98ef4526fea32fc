//! `sentinai tenant`: who shares this installation.

use std::{num::NonZeroU32, str::FromStr};

use anyhow::{bail, ensure};
use clap::Subcommand;
use domain::{ids::TenantId, rate::Rate};
use store::{
    OwnerStore,
    tenants::{Created, Suspension},
};

use super::database::owner_store;
use crate::{clock, config::Installation};

/// Subcommands of `sentinai tenant`.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Make a tenant
    Create {
        /// Its id: letters, digits, _ and -
        tenant: TenantId,
        /// Domain of the pack that triages what it receives, e.g. CapitalMarketsTrading
        #[arg(long)]
        domain: String,
        /// Name for people [default: the id]
        #[arg(long)]
        name: Option<String>,
    },
    /// List all tenants
    List,
    /// Change what a tenant may do and what is kept for it
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true).args(["rate", "quarantine_days"]))]
    Set {
        /// Its id
        tenant: TenantId,
        /// Requests per second that are answered, e.g. 50/s; none for as many as come. Holds within a second
        #[arg(long, value_name = "N/s|none")]
        rate: Option<RateOption>,
        /// Requests that are answered at once after a pause [default: those of a second]
        #[arg(long, value_name = "M", requires = "rate", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_RATE)))]
        burst: Option<u32>,
        /// Days for which an object that a rule refused is kept after it last came, 1 to 3650. Holds for what is refused from now on
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        quarantine_days: Option<u16>,
    },
    /// Refuse a tenant everywhere, within a second
    Suspend {
        /// Its id
        tenant: TenantId,
    },
    /// Let a suspended tenant in again
    Resume {
        /// Its id
        tenant: TenantId,
    },
}

/// Largest rate, and largest burst.
const MAX_RATE: u32 = 1_000_000;

/// A rate on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateOption {
    /// As many as come.
    None,
    /// So many a second.
    PerSecond(NonZeroU32),
}

impl FromStr for RateOption {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        let number = text.strip_suffix("/s").and_then(|number| number.parse().ok());
        number
            .filter(|number: &NonZeroU32| number.get() <= MAX_RATE)
            .map(Self::PerSecond)
            .ok_or_else(|| format!("a rate is a whole number per second from 1/s to {MAX_RATE}/s, such as 50/s, or none"))
    }
}

fn rate(option: RateOption, burst: Option<u32>) -> anyhow::Result<Option<Rate>> {
    let RateOption::PerSecond(per_second) = option else {
        ensure!(burst.is_none(), "--burst needs a rate, such as --rate 50/s");
        return Ok(None);
    };
    let burst = burst.and_then(NonZeroU32::new).unwrap_or(per_second);
    ensure!(
        burst >= per_second,
        "a burst of {burst} would refuse what {per_second}/s allows; give --burst {per_second} or more"
    );
    Ok(Some(Rate { per_second, burst }))
}

/// Runs one subcommand.
pub async fn run(command: TenantCommand, installation: &Installation) -> anyhow::Result<()> {
    let store = owner_store(installation).await?;
    match command {
        TenantCommand::Create { tenant, domain, name } => {
            let name = name.unwrap_or_else(|| tenant.to_string());
            match store.create_tenant(&tenant, &name, &domain, clock::now()).await? {
                Created::New => println!(
                    "Tenant {tenant} is made. Next: sentinai pack activate {domain} VERSION --tenant {tenant}, sentinai key create --tenant {tenant} --role operator --name NAME"
                ),
                Created::Existing => bail!("tenant {tenant} exists already; `sentinai tenant list` shows it"),
            }
        }
        TenantCommand::List => list(&store).await?,
        TenantCommand::Set {
            tenant,
            rate: option,
            burst,
            quarantine_days,
        } => {
            if let Some(option) = option {
                let rate = rate(option, burst)?;
                known(store.set_rate(&tenant, rate, clock::now()).await?, &tenant)?;
                match rate {
                    Some(rate) => println!("Tenant {tenant} is answered {}.", words(rate)),
                    None => println!("Tenant {tenant} has no rate."),
                }
            }
            if let Some(days) = quarantine_days {
                known(store.set_quarantine_days(&tenant, days, clock::now()).await?, &tenant)?;
                println!("What is refused of {tenant} from now on is kept for {days} days.");
            }
        }
        TenantCommand::Suspend { tenant } => {
            known(store.set_suspended(&tenant, Suspension::Suspended, clock::now()).await?, &tenant)?;
            println!("Tenant {tenant} is suspended.");
        }
        TenantCommand::Resume { tenant } => {
            known(store.set_suspended(&tenant, Suspension::Lifted, clock::now()).await?, &tenant)?;
            println!("Tenant {tenant} is let in again.");
        }
    }
    Ok(())
}

async fn list(store: &OwnerStore) -> anyhow::Result<()> {
    println!(
        "{:<32} {:<28} {:<10} {:<20} {:<16} NAME",
        "TENANT", "DOMAIN", "STATE", "RATE", "QUARANTINE DAYS"
    );
    for tenant in store.tenants().await? {
        let state = if tenant.suspended_at.is_some() { "suspended" } else { "active" };
        let rate = tenant.rate.map_or_else(|| "none".to_owned(), words);
        println!(
            "{:<32} {:<28} {:<10} {:<20} {:<16} {}",
            tenant.tenant_id, tenant.domain, state, rate, tenant.quarantine_days, tenant.name
        );
    }
    Ok(())
}

fn words(rate: Rate) -> String {
    format!("{}/s, burst {}", rate.per_second, rate.burst)
}

fn known(found: bool, tenant: &TenantId) -> anyhow::Result<()> {
    if found {
        Ok(())
    } else {
        bail!("there is no tenant {tenant}; `sentinai tenant list` shows those there are")
    }
}
