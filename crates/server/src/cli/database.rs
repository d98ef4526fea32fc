//! How commands reach the database.

use anyhow::Context;
use store::{DatabaseUrl, OwnerStore, SessionFault, Store};

use crate::config::Installation;

/// The administrator's address: `DATABASE_URL`, else the managed cluster's.
pub fn admin_url(installation: &Installation) -> anyhow::Result<DatabaseUrl> {
    if let Some(url) = &installation.database_url {
        return Ok(url.clone());
    }
    let url = installation
        .cluster()
        .url()
        .context("no DATABASE_URL is given, and the managed database cannot be used")?;
    Ok(url.parse()?)
}

/// The store that serves requests.
pub fn app_store(installation: &Installation, max_connections: u32) -> anyhow::Result<Store> {
    let store = match &installation.app_database_url {
        Some(url) => Store::open_as_is(url, max_connections),
        None => Store::open(&admin_url(installation)?, max_connections),
    };
    store.context("the database address cannot be used")
}

/// The store of operator commands.
pub async fn owner_store(installation: &Installation) -> anyhow::Result<OwnerStore> {
    let url = admin_url(installation)?;
    let hint = || {
        format!(
            "cannot act on the database at {}: is it running and migrated? `sentinai db start`, `sentinai migrate`",
            url.without_password()
        )
    };
    match url.check_session().await {
        Err(SessionFault::Store(error)) => Err(error).with_context(hint),
        checked => {
            checked?;
            let store = OwnerStore::connect(&url).await.with_context(hint)?;
            Ok(store.acting_as(&installation.actor()?))
        }
    }
}
