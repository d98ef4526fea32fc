//! Compiled packs. A version never changes, so it is compiled once; which version a tenant uses is asked again after a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use domain::{ids::TenantId, pack::Pack};
use store::{Store, StoreError, TenantScope};

use crate::{fresh::Fresh, lock::lock};

type Version = (String, String);

/// Packs by version and by tenant.
#[derive(Debug, Default)]
pub struct Packs {
    compiled: Mutex<HashMap<Version, Arc<Pack>>>,
    active: Fresh<TenantId, Arc<Pack>>,
}

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
pub enum NoPack {
    /// The tenant has activated none.
    #[error("no pack of domain {0} is active for this tenant: run `sentinai pack activate`")]
    NotActive(String),
    /// A stored pack no longer compiles, or is missing.
    #[error("pack {0} {1} cannot be used: {2}")]
    Unusable(String, String, String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Packs {
    /// The pack a tenant uses now.
    pub async fn active(&self, store: &Store, scope: &TenantScope, domain: &str) -> Result<Arc<Pack>, NoPack> {
        if let Some(pack) = self.active.get(scope.tenant()) {
            return Ok(pack);
        }
        let mut tx = store.begin_reading(scope).await?;
        let version = tx.active_pack(domain).await?;
        tx.commit().await?;
        let version = version.ok_or_else(|| NoPack::NotActive(domain.to_owned()))?;
        let pack = self.version(store, domain, &version).await?;
        self.active.put(scope.tenant().clone(), Arc::clone(&pack));
        Ok(pack)
    }

    /// A version of a pack.
    pub async fn version(&self, store: &Store, domain: &str, version: &str) -> Result<Arc<Pack>, NoPack> {
        let key = (domain.to_owned(), version.to_owned());
        if let Some(pack) = lock(&self.compiled).get(&key) {
            return Ok(Arc::clone(pack));
        }
        let unusable = |why: String| NoPack::Unusable(key.0.clone(), key.1.clone(), why);
        let document = store
            .pack_document(domain, version)
            .await?
            .ok_or_else(|| unusable("it was never imported".into()))?;
        let pack =
            Pack::parse(&document).map_err(|faults| unusable(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        let pack = Arc::new(pack);
        lock(&self.compiled).insert(key, Arc::clone(&pack));
        Ok(pack)
    }
}
