//! `sentinai key`: access keys.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use domain::{ids::TenantId, role::Role};
use store::{
    OwnerStore,
    keys::{KeyCreation, NewKey, SecretKey},
};

use super::database::owner_store;
use crate::{clock, config::Installation, secrets};

/// Subcommands of `sentinai key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and show it, this once
    Create {
        /// Tenant it opens
        #[arg(long)]
        tenant: TenantId,
        /// viewer reads, operator sends and works, supervisor leads, admin administers the tenant
        #[arg(long)]
        role: Role,
        /// Name of the member it belongs to, who is created where there is nobody of that name
        #[arg(long)]
        name: String,
        /// Days until it stops working [default: never]
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36500))]
        expires_in_days: Option<u32>,
    },
    /// List keys; never the keys themselves
    List {
        /// Of this tenant only
        #[arg(long)]
        tenant: Option<TenantId>,
    },
    /// End a key and the sessions made with it, within a second
    Revoke {
        /// Its public name, as `list` shows it
        key_id: String,
    },
}

/// Runs one subcommand.
pub async fn run(command: KeyCommand, installation: &Installation) -> anyhow::Result<()> {
    let store = owner_store(installation).await?;
    match command {
        KeyCommand::Create {
            tenant,
            role,
            name,
            expires_in_days,
        } => {
            let expires_at = expires_in_days.map(|days| clock::now() + TimeDelta::days(i64::from(days)));
            let key = create(
                &store,
                &NewKey {
                    tenant: &tenant,
                    name: &name,
                    role,
                    expires_at,
                },
            )
            .await?;
            println!("{}", key.expose());
            eprintln!("This is the {role} key of {tenant}. It is shown this once and kept nowhere: store it now.");
        }
        KeyCommand::List { tenant } => list(&store, tenant.as_ref()).await?,
        KeyCommand::Revoke { key_id } => {
            if !store.revoke_key(&key_id, clock::now()).await? {
                bail!("there is no working key {key_id}; `sentinai key list` shows those there are");
            }
            println!("Key {key_id} is revoked.");
        }
    }
    Ok(())
}

/// Makes a key.
pub async fn create(store: &OwnerStore, new: &NewKey<'_>) -> anyhow::Result<SecretKey> {
    let key = SecretKey::from_bytes(&secrets::bytes());
    let made = store.create_key(&key, new, clock::now()).await.context("the key was not stored")?;
    match made {
        KeyCreation::Made => Ok(key),
        KeyCreation::NoTenant => bail!("there is no tenant {}; `sentinai tenant list` shows those there are", new.tenant),
        KeyCreation::OtherRole(role) => bail!(
            "{} is {role} in {}, and a member has one role: give another name, or the role {role}",
            new.name,
            new.tenant
        ),
    }
}

async fn list(store: &OwnerStore, tenant: Option<&TenantId>) -> anyhow::Result<()> {
    let day = |time: Option<DateTime<Utc>>| time.map_or_else(|| "-".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string());
    println!(
        "{:<14} {:<28} {:<11} {:<17} {:<17} {:<17} {:<8} NAME",
        "KEY", "TENANT", "ROLE", "MADE (UTC)", "EXPIRES", "LAST USED", "STATE"
    );
    for key in store.keys(tenant).await? {
        let expired = key.expires_at.is_some_and(|expires| expires <= clock::now());
        let state = if key.revoked_at.is_some() {
            "revoked"
        } else if expired {
            "expired"
        } else {
            "works"
        };
        println!(
            "{:<14} {:<28} {:<11} {:<17} {:<17} {:<17} {:<8} {}",
            key.key_id,
            key.tenant_id,
            key.role.map_or("source", Role::as_str),
            day(Some(key.created_at)),
            day(key.expires_at),
            day(key.last_used_at),
            state,
            key.holder
        );
    }
    Ok(())
}
