//! Packs, tenants and keys of the demo, as `domainpacks/demo.json` names them. Doing it again changes nothing.

use std::path::Path;

use anyhow::Context;
use domain::{ids::TenantId, member::DisplayName, pack::Pack, role::Role};
use rust_embed::RustEmbed;
use serde::Deserialize;
use store::{
    OwnerStore, Store,
    keys::{Holder, NewHolder, NewKey},
};

use crate::{
    cli::{
        credentials::{Credentials, SOURCE},
        database::{app_store, owner_store},
        key, pack,
    },
    clock,
    config::Installation,
};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../domainpacks"]
struct Files;

/// What the demo sets up.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// Its tenants.
    pub tenants: Vec<DemoTenant>,
    /// How many exceptions each is seeded with.
    pub exceptions_per_tenant: u32,
}

/// A tenant of the demo.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DemoTenant {
    /// Its id.
    pub tenant_id: TenantId,
    /// Name for people.
    pub name: String,
    /// File of its pack.
    pub pack: String,
}

impl Plan {
    /// The plan inside the binary.
    pub fn embedded() -> anyhow::Result<Self> {
        serde_json::from_str(&embedded("demo.json")?).context("demo.json does not fit")
    }
}

fn embedded(name: &str) -> anyhow::Result<String> {
    let file = Files::get(name).with_context(|| format!("{name} is not in this binary"))?;
    Ok(String::from_utf8(file.data.into_owned())?)
}

/// Sets up everything but the exceptions.
pub async fn set_up(plan: &Plan, installation: &Installation) -> anyhow::Result<()> {
    let owner = owner_store(installation).await?;
    std::fs::create_dir_all(installation.home()).with_context(|| format!("cannot make {}", installation.home().display()))?;
    let mut credentials = Credentials::read(&installation.credentials())?;
    for tenant in &plan.tenants {
        let text = embedded(&tenant.pack)?;
        let (label, _) = pack::import(&owner, Path::new(&tenant.pack), &text).await?;
        let pack = Pack::parse(&text).map_err(|_| anyhow::anyhow!("{} does not parse", tenant.pack))?;
        owner
            .create_tenant(&tenant.tenant_id, &tenant.name, pack.domain(), clock::now())
            .await?;
        let in_use = {
            let mut tx = owner.begin(&owner.scope(&tenant.tenant_id)).await?;
            tx.active_pack(pack.domain()).await?
        };
        // A tenant that has moved on to a later version stays there.
        if in_use.is_none_or(|version| pack.supersedes(&version)) {
            pack::activate(&owner, &tenant.tenant_id, pack.domain(), &pack.version()).await?;
        }
        make_keys(
            &owner,
            installation,
            (&tenant.tenant_id, &pack.document().source_systems),
            &mut credentials,
        )
        .await?;
        println!("[OK] {} with {label}", tenant.tenant_id);
    }
    Ok(())
}

/// One key for the source systems of the pack.
async fn make_source_key(
    owner: &OwnerStore,
    store: &Store,
    (tenant, sources): (&TenantId, &[String]),
    credentials: &mut Credentials,
) -> anyhow::Result<()> {
    if let Some(known) = credentials.key(tenant.as_str(), SOURCE)
        && let Some(identity) = store.identify(&store::keys::hash(known), clock::now()).await?
        && identity.scope.tenant() == tenant
        && matches!(&identity.holder, Holder::Sources(known) if known[..] == *sources)
    {
        return Ok(());
    }
    let new = NewKey {
        tenant,
        holder: NewHolder::Sources(sources),
        expires_at: None,
    };
    let key = key::create(owner, &new).await?;
    credentials.set(tenant.as_str(), SOURCE, key.expose());
    credentials.write()
}

/// One key per role; those of an earlier run are kept while they work.
async fn make_keys(
    owner: &OwnerStore,
    installation: &Installation,
    (tenant, sources): (&TenantId, &[String]),
    credentials: &mut Credentials,
) -> anyhow::Result<()> {
    let store = app_store(installation, 1)?;
    for role in Role::ALL.into_iter().rev() {
        if let Some(known) = credentials.key(tenant.as_str(), role.as_str())
            && let Some(identity) = store.identify(&store::keys::hash(known), clock::now()).await?
            && identity.scope.tenant() == tenant
            && identity.role() == Some(role)
        {
            continue;
        }
        let name: DisplayName = format!("demo {role}").parse()?;
        let key = key::create(
            owner,
            &NewKey {
                tenant,
                holder: NewHolder::Named(&name, role),
                expires_at: None,
            },
        )
        .await?;
        credentials.set(tenant.as_str(), role.as_str(), key.expose());
        // Written at once: a key that is in no file is lost.
        credentials.write()?;
    }
    make_source_key(owner, &store, (tenant, sources), credentials).await?;
    store.close().await;
    Ok(())
}
