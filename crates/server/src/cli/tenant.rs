//! `sentinai tenant`: who shares this installation.

use anyhow::bail;
use clap::Subcommand;
use domain::ids::TenantId;
use store::tenants::Created;

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
    /// Change what is kept of a tenant's refused objects, from now on
    Set {
        /// Its id
        tenant: TenantId,
        /// Days for which an object that a rule refused is kept after it last came, 1 to 3650
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        quarantine_days: u16,
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
        TenantCommand::List => {
            println!("{:<32} {:<28} {:<10} {:<16} NAME", "TENANT", "DOMAIN", "STATE", "QUARANTINE DAYS");
            for tenant in store.tenants().await? {
                let state = if tenant.suspended_at.is_some() { "suspended" } else { "active" };
                println!(
                    "{:<32} {:<28} {:<10} {:<16} {}",
                    tenant.tenant_id, tenant.domain, state, tenant.quarantine_days, tenant.name
                );
            }
        }
        TenantCommand::Set { tenant, quarantine_days } => {
            known(store.set_quarantine_days(&tenant, quarantine_days).await?, &tenant)?;
            println!("What is refused of {tenant} from now on is kept for {quarantine_days} days.");
        }
        TenantCommand::Suspend { tenant } => {
            known(store.set_suspended(&tenant, Some(clock::now())).await?, &tenant)?;
            println!("Tenant {tenant} is suspended.");
        }
        TenantCommand::Resume { tenant } => {
            known(store.set_suspended(&tenant, None).await?, &tenant)?;
            println!("Tenant {tenant} is let in again.");
        }
    }
    Ok(())
}

fn known(found: bool, tenant: &TenantId) -> anyhow::Result<()> {
    if found {
        Ok(())
    } else {
        bail!("there is no tenant {tenant}; `sentinai tenant list` shows those there are")
    }
}
