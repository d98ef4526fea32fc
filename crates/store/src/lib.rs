//! The only crate that knows PostgreSQL: the managed cluster, the schema, and every statement.
//!
//! Two handles: [`Store`] serves requests as the application role, bound by row-level security; [`OwnerStore`] is for operator
//! commands. Tenant data is reached only through a [`TenantTx`], and that only with a [`TenantScope`].

pub mod approvals;
pub mod audit;
pub mod bulk;
mod change;
pub mod cluster;
mod error;
pub mod events;
pub mod evidence;
pub mod exceptions;
mod flush;
mod gate;
pub mod idempotency;
pub mod jobs;
pub mod keys;
mod lent;
pub mod live;
pub mod members;
pub mod migrate;
pub mod packs;
mod pooler;
pub mod quarantine;
pub mod sessions;
pub mod settings;
pub mod state;
mod tenant_tx;
pub mod tenants;
mod transaction;
mod url;

use std::sync::Arc;

use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    raw_sql,
};

use self::lent::{Lent, PROMPT};
pub use self::{
    change::tenant_event,
    error::StoreError,
    flush::Life,
    lent::bounded,
    pooler::SessionFault,
    tenant_tx::{TenantScope, TenantTx},
    url::{APP_ROLE, DatabaseUrl, InvalidUrl, OWNER_ROLE, READER_ROLE, WORKER_ROLE},
};

/// What PostgreSQL ends by itself, so that nothing holds a connection or a lock for ever. Statements are short; a large batch is the longest.
/// A server that froze in a transaction holds its tenant's chain until the third of these; one whose machine or network is gone, until
/// the others (tcp(7): they count from the last packet that was answered). Connections through a Unix socket have none of those.
const SERVER_LIMITS: [(&str, &str); 7] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "10s"),
    ("tcp_keepalives_interval", "5s"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "20s"),
];

/// Lets PostgreSQL notice soon that whoever asked is gone: a statement that was given up, or the lock that it waits for, is not held on to.
/// Only where its machine can tell (Linux), since others refuse the setting.
const NOTICE_GONE: &str = "select set_config('client_connection_check_interval', '2s', false) where version() like '%linux%'; ";

/// Settings of connections that write. A statement is planned once per connection, and for indexes: whatever the statistics say when it is
/// planned, it still runs when a tenant has grown a thousandfold.
const WRITING: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_sort = off; set jit = off";

/// Settings of connections that read. Statements are planned for their values, and by index: estimates of rows under row-level security are
/// far too low, which makes sorting a tenant seem cheap.
const READING: &str = "set plan_cache_mode = force_custom_plan; set enable_seqscan = off; set enable_sort = off; set jit = off";

/// Statement that sets the limits which the address does not set itself (`?options=-c%20lock_timeout%3D1s`). A statement and no option of
/// the connection, because poolers refuse options.
fn limits_beside(own: &str) -> String {
    let missing = SERVER_LIMITS.iter().filter(|(name, _)| !own.contains(name));
    let set = |(name, value): &(&str, &str)| format!("set {name} = '{value}'; ");
    missing.map(set).fold("-- server_limits\n".to_owned(), |all, one| all + &one) + NOTICE_GONE
}

/// A pool each of whose connections begins with a statement.
fn first_saying(statement: String) -> PgPoolOptions {
    let statement: Arc<str> = statement.into();
    PgPoolOptions::new().acquire_timeout(PROMPT).after_connect(move |connection, _| {
        let statement = statement.to_string();
        Box::pin(async move {
            raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
            Ok(())
        })
    })
}

/// Serves requests as the application role. Has two pools, so that whoever waits for a tenant's chain does not keep others from reading.
#[derive(Debug, Clone)]
pub struct Store {
    writing: PgPool,
    reading: PgPool,
    gates: Arc<gate::Gates>,
    flusher: Arc<flush::Flusher>,
    cells: Arc<exceptions::CellCache>,
}

impl Store {
    /// Opens the pools without connecting; half of the connections are for writing. `url` is the application role's, or the administrator's from which it is derived.
    pub fn open(url: &DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        let url = if url.user() == APP_ROLE {
            url.clone()
        } else {
            url.as_role(APP_ROLE)
        };
        Self::open_as_is(&url, max_connections)
    }

    /// Opens the pools with exactly this address; [`Store::check`] tells whether its role is safe.
    pub fn open_as_is(url: &DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        Ok(Self::with(url.options()?.application_name("sentinai"), max_connections))
    }

    /// Other pools to the same database, for work that must not take the connections of these.
    #[must_use]
    pub fn beside(&self, max_connections: u32) -> Self {
        Self {
            gates: Arc::clone(&self.gates),
            ..Self::with((*self.writing.connect_options()).clone(), max_connections)
        }
    }

    fn with(options: PgConnectOptions, max_connections: u32) -> Self {
        let limits = limits_beside(options.get_options().unwrap_or_default());
        let pool = |settings: &str, connections: u32| {
            let pool = first_saying(format!("{limits}{settings}")).test_before_acquire(false);
            pool.max_connections(connections.max(1)).connect_lazy_with(options.clone())
        };
        let reading = max_connections / 2;
        Self {
            writing: pool(WRITING, max_connections - reading),
            reading: pool(READING, reading),
            gates: Arc::default(),
            flusher: Arc::new(flush::Flusher::new(options)),
            cells: Arc::default(),
        }
    }

    /// Most transactions that write at a time.
    pub fn writers(&self) -> usize {
        // Lossless on every platform of today.
        usize::try_from(self.writing.options().get_max_connections()).unwrap_or(usize::MAX)
    }

    /// A connection for a statement outside of any tenant's transaction.
    pub(crate) async fn connection(&self) -> Result<Lent, StoreError> {
        transaction::live(&self.reading).await
    }

    /// A pool of one connection of its own, for whoever listens all the time.
    pub(crate) fn listening(&self) -> PgPool {
        let options = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let options = options.acquire_timeout(PROMPT);
        options.connect_lazy_with((*self.reading.connect_options()).clone())
    }

    /// Refuses a pooler in transaction mode, an unknown schema and an unsafe role.
    pub async fn check(&self) -> Result<(), migrate::SchemaFault> {
        pooler::check(&self.reading.connect_options()).await?;
        migrate::check(&mut *self.connection().await?).await
    }

    /// Refuses an unknown schema: somebody may have migrated the database under a running server.
    pub async fn check_version(&self) -> Result<(), migrate::SchemaFault> {
        migrate::check_version(&mut *self.connection().await?).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.connection().await.map(drop)
    }

    /// Fails where no connection that writes is free, or none answers.
    pub async fn ping_writing(&self) -> Result<(), StoreError> {
        transaction::live(&self.writing).await.map(drop)
    }

    /// Begins a transaction in which only this tenant's rows exist.
    pub async fn begin(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        TenantTx::begin(&self.writing, scope).await
    }

    /// The same for whatever takes the tenant's chain: waits a bounded time for the tenant's turn before it takes a connection. Not to be
    /// called by whoever has begun another.
    pub async fn begin_writing(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        let turn = self.gates.turn(scope.tenant()).await?;
        Ok(self.begin(scope).await?.in_turn(turn))
    }

    /// Begins a transaction that holds the tenant's chain and whose commit does not wait for the disk: whoever uses it must [`Store::flush`]
    /// before telling anybody, and tell it only if the flush vouches for the life in which the transaction began.
    pub async fn begin_unflushed(&self, scope: &TenantScope) -> Result<(Life, TenantTx), StoreError> {
        let life = self.flusher.life().await?;
        Ok((life, TenantTx::begin_receiving(&self.writing, scope).await?))
    }

    /// Makes everything durable that was committed before; in which life of the database, and only for that.
    pub async fn flush(&self) -> Result<Life, StoreError> {
        self.flusher.flush().await
    }

    /// Begins a transaction for lists and counts: it only reads, and all it reads is of one moment.
    pub async fn begin_reading(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        let mut tx = TenantTx::begin_reading(&self.reading, scope).await?;
        tx.cells = Some(Arc::clone(&self.cells));
        Ok(tx)
    }

    /// Sorts the search terms of new exceptions into their index. Until then a search reads them one by one: found all the same, but slower.
    pub async fn settle_terms(&self) -> Result<(), StoreError> {
        sqlx::query("-- merge_search_terms\nselect merge_search_terms()")
            .execute(&mut *self.connection().await?)
            .await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.writing.close().await;
        self.reading.close().await;
    }
}

/// Operator commands: tenants, keys, packs. Connects as the administrator and acts as the owner of the tables.
#[derive(Debug, Clone)]
pub struct OwnerStore {
    pool: PgPool,
    actor: Arc<str>,
}

impl OwnerStore {
    /// Connects; changes are made by `cli:operator` until [`acting_as`](Self::acting_as) says by whom.
    pub async fn connect(admin: &DatabaseUrl) -> Result<Self, StoreError> {
        let pool = first_saying(format!("-- act_as_owner\nset role {OWNER_ROLE}"))
            .max_connections(2)
            .connect_with(admin.options()?.application_name("sentinai operator"))
            .await?;
        let actor = "cli:operator".into();
        Ok(Self { pool, actor })
    }

    /// The same, with an actor for the events of its changes.
    #[must_use]
    pub fn acting_as(self, actor: &str) -> Self {
        Self {
            actor: actor.into(),
            ..self
        }
    }

    /// Whoever its changes are made by.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// A scope for an operator command on one tenant.
    pub fn scope(&self, tenant: &domain::ids::TenantId) -> TenantScope {
        TenantScope::of(tenant.clone())
    }

    /// Begins a transaction in which only this tenant's rows exist.
    pub async fn begin(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        TenantTx::begin(&self.pool, scope).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_locks_end_unless_the_address_says_otherwise() {
        let all = limits_beside("");
        let first =
            "-- server_limits\nset statement_timeout = '30s'; set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'; ";
        assert!(all.starts_with(first) && all.contains("set tcp_user_timeout = '20s'; "), "{all}");
        let own = limits_beside("-c lock_timeout=300ms");
        assert!(own.contains("statement_timeout") && !own.contains("lock_timeout"), "{own}");
    }
}
