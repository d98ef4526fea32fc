//! The wall between tenants, in types: tenant rows are reached only through a transaction that is scoped to one tenant.

use std::{sync::Arc, time::Duration};

use domain::ids::TenantId;
use sqlx::{PgConnection, PgPool};

use crate::{
    error::StoreError,
    events::ChainHead,
    exceptions::{CellCache, Explained},
    gate::Turn,
    lent::PROMPT,
    transaction::Transaction,
};

/// Permission to act within one tenant. Comes only from an authenticated key or session, or from an operator command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantScope {
    tenant: TenantId,
}

impl TenantScope {
    pub(crate) fn of(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

/// Longest wait of receiving for the chain at a time: whoever waits has one of the connections that write.
const CHAIN_PATIENCE: Duration = Duration::from_secs(2);

/// A transaction of one tenant. Hides its connection, so that nobody can hop to another tenant inside it.
#[derive(Debug)]
pub struct TenantTx {
    transaction: Transaction,
    tenant: TenantId,
    /// End of the tenant's chain, where the transaction began with its lock and nobody has taken it yet.
    pub(crate) head: Option<ChainHead>,
    /// Where cells are remembered; only what sees one moment has it.
    pub(crate) cells: Option<Arc<CellCache>>,
    /// Plans of the statements, where somebody asked for them.
    pub(crate) explained: Option<Vec<Explained>>,
    /// Of whoever takes the chain; over when the transaction is.
    _turn: Option<Turn>,
}

/// Scopes a transaction to a tenant. On a distributed PostgreSQL as well, whose coordinator passes `set local` on to the other nodes, as it
/// does not with `set_config`.
fn set_tenant(tenant: &TenantId) -> String {
    // A tenant id has letters, digits, '_' and '-' only.
    format!("set local app.tenant_id = '{tenant}'")
}

impl TenantTx {
    pub(crate) async fn begin(pool: &PgPool, scope: &TenantScope) -> Result<Self, StoreError> {
        let begin = format!("-- begin_writing\nbegin; {}", set_tenant(&scope.tenant));
        Ok(Self::begun(Transaction::begin(pool, begin, PROMPT).await?.0, scope))
    }

    /// Begins a transaction that sees one moment, so that counters, pages and rows agree.
    pub(crate) async fn begin_reading(pool: &PgPool, scope: &TenantScope) -> Result<Self, StoreError> {
        let begin = format!(
            "-- begin_reading\nbegin isolation level repeatable read read only; {}",
            set_tenant(&scope.tenant)
        );
        Ok(Self::begun(Transaction::begin(pool, begin, PROMPT).await?.0, scope))
    }

    /// Begins a transaction that holds the tenant's chain and whose commit does not wait for the disk: it is durable after the next
    /// [`crate::Store::flush`], and lost together with all after it if the server dies before.
    ///
    /// One message; but the lock is a statement of its own, so that what is read after it sees what its last holder committed.
    pub(crate) async fn begin_receiving(pool: &PgPool, scope: &TenantScope) -> Result<Self, StoreError> {
        let begin = format!(
            "-- begin_receiving\nbegin; set local synchronous_commit = off; set local lock_timeout = {}; {}; select seq, hash from chain_head where tenant_id = '{}' for update",
            CHAIN_PATIENCE.as_millis(),
            set_tenant(&scope.tenant),
            scope.tenant
        );
        let (transaction, rows) = Transaction::begin(pool, begin, CHAIN_PATIENCE + PROMPT).await?;
        let head = rows.first().map(ChainHead::from_row).transpose()?;
        Ok(Self {
            head,
            ..Self::begun(transaction, scope)
        })
    }

    fn begun(transaction: Transaction, scope: &TenantScope) -> Self {
        Self {
            transaction,
            tenant: scope.tenant.clone(),
            head: None,
            cells: None,
            explained: None,
            _turn: None,
        }
    }

    /// The same, with the tenant's turn at its chain.
    pub(crate) fn in_turn(self, turn: Turn) -> Self {
        Self { _turn: Some(turn), ..self }
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Commits; what was not committed is undone when the transaction is dropped.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }

    /// Connection and tenant, for the statements of this crate.
    pub(crate) fn parts(&mut self) -> (&mut PgConnection, &str) {
        (self.transaction.connection(), self.tenant.as_str())
    }
}
