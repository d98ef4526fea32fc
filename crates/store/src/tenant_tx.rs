//! The wall between tenants, in types: tenant rows are reached only through a transaction that is scoped to one tenant.

use domain::ids::TenantId;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use crate::error::StoreError;

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
    fn setting(self) -> &'static str {
        match self {
            Commit::Durable => "",
            Commit::Visible => "set local synchronous_commit = off; ",
        }
    }
}

/// A transaction of one tenant. Hides its connection, so that nobody can hop to another tenant inside it.
#[derive(Debug)]
pub struct TenantTx {
    transaction: Transaction<'static, Postgres>,
    tenant: TenantId,
}

impl TenantTx {
    pub(crate) async fn begin(pool: &PgPool, scope: &TenantScope, commit: Commit) -> Result<Self, StoreError> {
        // A tenant id has letters, digits, '_' and '-' only; one message begins and scopes the transaction.
        let begin = format!("begin; {}select set_tenant('{}')", commit.setting(), scope.tenant);
        let transaction = pool.begin_with(AssertSqlSafe(begin)).await?;
        Ok(Self {
            transaction,
            tenant: scope.tenant.clone(),
        })
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Commits; what was not committed is undone when the transaction is dropped.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    /// Connection and tenant, for the statements of this crate.
    pub(crate) fn parts(&mut self) -> (&mut PgConnection, &str) {
        (&mut self.transaction, self.tenant.as_str())
    }
}
