//! The wall between tenants, in types: tenant rows are reached only through a transaction that is scoped to one tenant.

use std::sync::Arc;

use domain::ids::TenantId;
use sqlx::{PgConnection, PgPool};

use crate::{
    error::StoreError,
    exceptions::{CellCache, Explained},
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

/// When a transaction's commit answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// When it is durable.
    Durable,
    /// When others see it; it is durable after the next [`crate::Store::flush`], and lost together with all after it if the server dies before.
    Visible,
}

impl Commit {
    fn begin(self) -> &'static str {
        match self {
            Commit::Durable => "begin",
            Commit::Visible => "begin; set local synchronous_commit = off",
        }
    }
}

/// A transaction of one tenant. Hides its connection, so that nobody can hop to another tenant inside it.
#[derive(Debug)]
pub struct TenantTx {
    transaction: Transaction,
    tenant: TenantId,
    /// Where cells are remembered; only what sees one moment has it.
    pub(crate) cells: Option<Arc<CellCache>>,
    /// Plans of the statements, where somebody asked for them.
    pub(crate) explained: Option<Vec<Explained>>,
}

/// How a transaction that reads begins. It sees one moment, so that counters, pages and rows agree. Its statements are planned for their
/// values, and by index: estimates of rows under row-level security are far too low, which makes sorting a tenant seem cheap.
const READING: &str = "begin isolation level repeatable read read only;
    set local enable_seqscan = off; set local enable_sort = off; set local jit = off; set local plan_cache_mode = force_custom_plan";

impl TenantTx {
    pub(crate) async fn begin(pool: &PgPool, scope: &TenantScope, commit: Commit) -> Result<Self, StoreError> {
        Self::begin_as(pool, scope, commit.begin()).await
    }

    pub(crate) async fn begin_reading(pool: &PgPool, scope: &TenantScope) -> Result<Self, StoreError> {
        Self::begin_as(pool, scope, READING).await
    }

    async fn begin_as(pool: &PgPool, scope: &TenantScope, begin: &str) -> Result<Self, StoreError> {
        // A tenant id has letters, digits, '_' and '-' only; one message begins and scopes the transaction.
        let begin = format!("{begin}; select set_tenant('{}')", scope.tenant);
        let transaction = Transaction::begin(pool, begin).await?;
        Ok(Self {
            transaction,
            tenant: scope.tenant.clone(),
            cells: None,
            explained: None,
        })
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
