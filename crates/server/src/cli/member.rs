//! `sentinai member`: the people of a tenant. `sentinai key create` makes them.

use anyhow::bail;
use clap::Subcommand;
use domain::{ids::TenantId, role::Role};
use store::{OwnerStore, members::RoleChange};

use super::database::owner_store;
use crate::{clock, config::Installation};

/// Subcommands of `sentinai member`.
#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// List members
    List {
        /// Of this tenant only
        #[arg(long)]
        tenant: Option<TenantId>,
    },
    /// Give a member another role, within a second also where they are logged in
    SetRole {
        /// Tenant of the member
        #[arg(long)]
        tenant: TenantId,
        /// Name or id, as `list` shows them
        member: String,
        /// viewer reads, operator sends and works, supervisor leads, admin administers the tenant
        role: Role,
    },
}

/// Runs one subcommand.
pub async fn run(command: MemberCommand, installation: &Installation) -> anyhow::Result<()> {
    let store = owner_store(installation).await?;
    match command {
        MemberCommand::List { tenant } => list(&store, tenant.as_ref()).await,
        MemberCommand::SetRole { tenant, member, role } => match store.set_role(&tenant, &member, role, clock::now()).await? {
            RoleChange::NoTenant => no_tenant(&tenant),
            RoleChange::NoMember => {
                bail!("{tenant} has no member {member}; `sentinai member list --tenant {tenant}` shows those there are")
            }
            RoleChange::Same(member) => {
                println!("{} is {role} already; nothing was changed.", member.display_name);
                Ok(())
            }
            RoleChange::Changed(member, before) => {
                println!("{} is {role} now; before, {before}.", member.display_name);
                Ok(())
            }
        },
    }
}

async fn list(store: &OwnerStore, tenant: Option<&TenantId>) -> anyhow::Result<()> {
    let all: Vec<TenantId> = store
        .tenants()
        .await?
        .into_iter()
        .map(|tenant| tenant.tenant_id.parse())
        .collect::<Result<_, _>>()?;
    if let Some(tenant) = tenant
        && !all.contains(tenant)
    {
        return no_tenant(tenant);
    }
    println!("{:<28} {:<28} {:<11} NAME", "MEMBER", "TENANT", "ROLE");
    for of in all.iter().filter(|of| tenant.is_none_or(|tenant| tenant == *of)) {
        let mut tx = store.begin(&store.scope(of)).await?;
        for member in tx.members().await? {
            println!(
                "{:<28} {:<28} {:<11} {}",
                member.member_id.as_str(),
                of.as_str(),
                member.role.as_str(),
                member.display_name
            );
        }
        tx.commit().await?;
    }
    Ok(())
}

fn no_tenant(tenant: &TenantId) -> anyhow::Result<()> {
    bail!("there is no tenant {tenant}; `sentinai tenant list` shows those there are")
}
