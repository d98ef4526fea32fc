//! The tests' database: a real PostgreSQL below `target/`, migrated once per schema, reached as the application role.
//! Shared by the integration tests of `store` and `server`.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::{DateTime, Utc};
use domain::ids::TenantId;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
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

/// Lock that keeps two tests apart while they make databases of their own.
const MAKING: i64 = 0x7e57_da7a;

/// Address of a migrated database of this test's own: for whatever serves or works for all tenants that it finds. A later test drops it,
/// when nobody is connected to it any more.
#[allow(dead_code, reason = "each of the two binaries uses its part")]
pub async fn own_url() -> DatabaseUrl {
    let shared = url().await;
    let mut admin = PgConnection::connect(shared.expose()).await.expect("a connection");
    let lock = sqlx::query("select pg_advisory_lock($1)").bind(MAKING);
    lock.execute(&mut admin).await.expect("the lock");
    let unused = r"select datname from pg_database d where datname like 'own\_%'
                   and not exists (select from pg_stat_activity a where a.datname = d.datname)";
    let unused: Vec<String> = sqlx::query_scalar(unused).fetch_all(&mut admin).await.expect("names");
    for name in unused {
        let drop = sqlx::query(AssertSqlSafe(format!("drop database if exists {name}"))).execute(&mut admin);
        drop.await.expect("dropped");
    }
    let (base, _) = shared.expose().rsplit_once('/').expect("an address with a database");
    let url: DatabaseUrl = format!("{base}/{}", unique("own").to_lowercase()).parse().expect("an address");
    migrate::migrate(&url, migrate::Logins::Derived).await.expect("migrated");
    // Says until the end of this process that the database is in use.
    std::mem::forget(PgConnection::connect(url.expose()).await.expect("a connection"));
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
        Self::in_database(url().await).await
    }

    /// In a database without any other tenant, for what serves or works for all of them.
    pub async fn alone() -> Self {
        Self::in_database(own_url().await).await
    }

    async fn in_database(url: DatabaseUrl) -> Self {
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
