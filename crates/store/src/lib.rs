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
pub mod idempotency;
pub mod jobs;
pub mod keys;
pub mod live;
pub mod members;
pub mod migrate;
pub mod packs;
mod pooler;
pub mod quarantine;
pub mod sessions;
pub mod state;
mod tenant_tx;
pub mod tenants;
mod transaction;
mod url;

use std::{sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    raw_sql,
};

pub use self::{
    change::tenant_event,
    error::StoreError,
    flush::Life,
    pooler::SessionFault,
    tenant_tx::{Commit, TenantScope, TenantTx},
    url::{APP_ROLE, DatabaseUrl, InvalidUrl, OWNER_ROLE, READER_ROLE, WORKER_ROLE},
};

/// How long a request waits for a connection before it is told to come back later.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// What PostgreSQL ends by itself, so that nothing holds a connection or a lock for ever. Statements are short; a large batch is the longest.
/// A server that froze in a transaction holds its tenant's chain until the last of these.
const SERVER_LIMITS: [(&str, &str); 3] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
];

/// Statement that sets the limits which the address does not set itself (`?options=-c%20lock_timeout%3D1s`). A statement and no option of
/// the connection, because poolers refuse options.
fn limits_beside(own: &str) -> String {
    let missing = SERVER_LIMITS.iter().filter(|(name, _)| !own.contains(name));
    let set = |(name, value): &(&str, &str)| format!("set {name} = '{value}'; ");
    missing.map(set).fold("-- server_limits\n".to_owned(), |all, one| all + &one)
}

/// A pool each of whose connections begins with a statement.
fn first_saying(statement: String) -> PgPoolOptions {
    let statement: Arc<str> = statement.into();
    PgPoolOptions::new()
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            let statement = statement.to_string();
            Box::pin(async move {
                raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
                Ok(())
            })
        })
}

/// Serves requests as the application role.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    flusher: Arc<flush::Flusher>,
    cells: Arc<exceptions::CellCache>,
}

impl Store {
    /// Opens a pool without connecting. `url` is the application role's, or the administrator's from which it is derived.
    pub fn open(url: &DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        let url = if url.user() == APP_ROLE {
            url.clone()
        } else {
            url.as_role(APP_ROLE)
        };
        Self::open_as_is(&url, max_connections)
    }

    /// Opens a pool with exactly this address; [`Store::check`] tells whether its role is safe.
    pub fn open_as_is(url: &DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        Ok(Self::with(url.options()?.application_name("sentinai"), max_connections))
    }

    /// Another pool to the same database, for work that must not take the connections of this one.
    #[must_use]
    pub fn beside(&self, max_connections: u32) -> Self {
        Self::with((*self.pool.connect_options()).clone(), max_connections)
    }

    fn with(options: PgConnectOptions, max_connections: u32) -> Self {
        let limits = limits_beside(options.get_options().unwrap_or_default());
        let pool = first_saying(limits).max_connections(max_connections).connect_lazy_with(options);
        let flusher = Arc::new(flush::Flusher::new(pool.clone()));
        Self {
            pool,
            flusher,
            cells: Arc::default(),
        }
    }

    /// Refuses a pooler in transaction mode, an unknown schema and an unsafe role.
    pub async fn check(&self) -> Result<(), migrate::SchemaFault> {
        pooler::check(&self.pool.connect_options()).await?;
        migrate::check(&self.pool).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("-- ping\nselect 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Begins a transaction in which only this tenant's rows exist.
    pub async fn begin(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        TenantTx::begin(&self.pool, scope, Commit::Durable).await
    }

    /// Begins a transaction whose commit does not wait for the disk: whoever uses it must [`Store::flush`] before telling anybody, and
    /// tell it only if the flush vouches for the life in which the transaction began.
    pub async fn begin_unflushed(&self, scope: &TenantScope) -> Result<(Life, TenantTx), StoreError> {
        let life = self.flusher.life().await?;
        Ok((life, TenantTx::begin(&self.pool, scope, Commit::Visible).await?))
    }

    /// Makes everything durable that was committed before; in which life of the database, and only for that.
    pub async fn flush(&self) -> Result<Life, StoreError> {
        self.flusher.flush().await
    }

    /// Begins a transaction for lists and counts: it only reads, and all it reads is of one moment.
    pub async fn begin_reading(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        let mut tx = TenantTx::begin_reading(&self.pool, scope).await?;
        tx.cells = Some(Arc::clone(&self.cells));
        Ok(tx)
    }

    /// Sorts the search terms of new exceptions into their index. Until then a search reads them one by one: found all the same, but slower.
    pub async fn settle_terms(&self) -> Result<(), StoreError> {
        sqlx::query("-- merge_search_terms\nselect merge_search_terms()")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
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
        TenantTx::begin(&self.pool, scope, Commit::Durable).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_locks_end_unless_the_address_says_otherwise() {
        assert_eq!(
            limits_beside(""),
            "-- server_limits\nset statement_timeout = '30s'; set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'; "
        );
        let own = limits_beside("-c lock_timeout=300ms");
        assert!(own.contains("statement_timeout") && !own.contains("lock_timeout"), "{own}");
    }
}
