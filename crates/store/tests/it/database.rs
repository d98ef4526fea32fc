//! The tests' database: a real PostgreSQL below `target/`, migrated once per schema, reached as the application role.
//! Shared by the integration tests of `store` and `server`.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::{DateTime, Utc};
use domain::ids::TenantId;
use store::{DatabaseUrl, OwnerStore, Store, TenantScope, cluster::Cluster, migrate};

/// A pack without any business of ours.
pub const BAKERY: &str = include_str!("../../../domain/testdata/bakery.json");

/// Address of the migrated test database as its administrator. `TEST_DATABASE_URL` names another server's.
pub async fn url() -> DatabaseUrl {
    let server = match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => url,
        Err(_) => tokio::task::spawn_blocking(|| {
            let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("database");
            Cluster::at(&home).start().expect("PostgreSQL for the tests").url
        })
        .await
        .expect("no panic"),
    };
    // Another schema is another database: nothing stale is ever tested.
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    let url: DatabaseUrl = format!("{base}/test_{}", migrate::schema_fingerprint())
        .parse()
        .expect("an address");
    migrate::migrate(&url, migrate::Logins::Derived).await.expect("migrated");
    url
}

/// A moment all tests agree on: Monday 23 November 2026, noon UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200, 0).expect("a time")
}

/// A name no other test has, in this or any earlier run.
pub fn unique(prefix: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let nanos = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos();
    format!(
        "{prefix}_{nanos:x}_{:x}_{}",
        std::process::id(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    )
}

/// Both handles and a tenant of its own that uses the bakery pack.
#[allow(dead_code, reason = "each of the two binaries uses its part")]
pub struct TestTenant {
    pub url: DatabaseUrl,
    pub store: Store,
    pub owner: OwnerStore,
    pub tenant: TenantId,
}

#[allow(dead_code, reason = "each of the two binaries uses its part")]
impl TestTenant {
    pub async fn new() -> Self {
        let url = url().await;
        let owner = OwnerStore::connect(&url).await.expect("an owner");
        let store = Store::open(&url, 8).expect("a store");
        let tenant = make_tenant(&owner).await;
        Self { url, store, owner, tenant }
    }

    pub fn scope(&self) -> TenantScope {
        self.owner.scope(&self.tenant)
    }
}

/// A tenant that uses the bakery pack.
pub async fn make_tenant(owner: &OwnerStore) -> TenantId {
    let tenant: TenantId = unique("T").parse().expect("an id");
    owner.import_pack("Bakery", "1.2.0", BAKERY, noon()).await.expect("imported");
    owner.create_tenant(&tenant, "A test", "Bakery", noon()).await.expect("made");
    let mut tx = owner.begin(&owner.scope(&tenant)).await.expect("begun");
    tx.activate_pack("Bakery", "1.2.0", "test", noon()).await.expect("activated");
    tx.commit().await.expect("committed");
    tenant
}
