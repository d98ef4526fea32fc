//! `sentinai key`: access keys.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{ArgGroup, Subcommand};
use domain::{ids::TenantId, member::DisplayName, role::Role};
use store::{
    OwnerStore,
    keys::{KeyCreation, NewHolder, NewKey, SecretKey},
};

use super::database::owner_store;
use crate::{clock, config::Installation, secrets};

/// Subcommands of `sentinai key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and show it, this once
    #[command(group = ArgGroup::new("holder").args(["name", "member", "sources"]).required(true))]
    Create {
        /// Tenant it opens
        #[arg(long)]
        tenant: TenantId,
        /// Name of the member it belongs to, who is created where there is nobody of that name
        #[arg(long, requires = "role")]
        name: Option<DisplayName>,
        /// Role of that member: viewer reads, operator sends and works, supervisor leads, admin administers the tenant
        #[arg(long, requires = "name")]
        role: Option<Role>,
        /// Name or id of a member who is there: one more key for them
        #[arg(long)]
        member: Option<String>,
        /// Source system, repeated for several: a key that submits, clears and revises as these and does nothing else
        #[arg(long = "source", value_name = "NAME", value_parser = source)]
        sources: Vec<String>,
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
            name,
            role,
            member,
            sources,
            expires_in_days,
        } => {
            let expires_at = expires_in_days.map(|days| clock::now() + TimeDelta::days(i64::from(days)));
            let (holder, whose) = match (&name, role, &member) {
                (Some(name), Some(role), _) => (NewHolder::Named(name, role), format!("{role} key of {} in {tenant}", name.as_str())),
                (_, _, Some(member)) => (NewHolder::Member(member), format!("key of {member} in {tenant}")),
                _ => (NewHolder::Sources(&sources), format!("key of {} in {tenant}", sources.join(", "))),
            };
            let new = NewKey {
                tenant: &tenant,
                holder,
                expires_at,
            };
            let key = create(&store, &new).await?;
            println!("{}", key.expose());
            eprintln!("This is the {whose}. It is shown this once and kept nowhere: store it now.");
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

/// Name of a source system, as exceptions name it.
fn source(text: &str) -> Result<String, &'static str> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or("a source system has 1 to 200 characters, none of them a control character")
}

/// Makes a key.
pub async fn create(store: &OwnerStore, new: &NewKey<'_>) -> anyhow::Result<SecretKey> {
    let key = SecretKey::from_bytes(&secrets::bytes());
    let made = store.create_key(&key, new, clock::now()).await.context("the key was not stored")?;
    match made {
        KeyCreation::Made => Ok(key),
        KeyCreation::NoTenant => bail!("there is no tenant {}; `sentinai tenant list` shows those there are", new.tenant),
        KeyCreation::NoMember => bail!(
            "{} has no such member; `sentinai member list --tenant {}` shows those there are",
            new.tenant,
            new.tenant
        ),
        KeyCreation::OtherRole(role) => bail!(
            "the member of that name is {role} in {}, and a member has one role: give another name, or the role {role}",
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
