//! A transaction on a pooled connection, safe to be given up at any moment.
//!
//! Requests are given up whenever a client goes away, also while `begin` is under way. The transaction of sqlx counts only once it has begun:
//! a connection that was given up before would come back to the pool with a transaction open, and what its next user does would be refused,
//! or never committed.

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, pool::PoolConnection, raw_sql};

use crate::error::StoreError;

/// An open transaction; undone when it is dropped.
#[derive(Debug)]
pub(crate) struct Transaction {
    /// There until the transaction is over.
    connection: Option<PoolConnection<Postgres>>,
}

/// A connection of which nobody knows what its server believes; closed when it is dropped.
struct Doubtful(Option<PoolConnection<Postgres>>);

impl Transaction {
    /// Begins with one or more statements, sent as one message.
    pub(crate) async fn begin(pool: &PgPool, statements: String) -> Result<Self, StoreError> {
        let mut doubtful = Doubtful(Some(pool.acquire().await?));
        if let Some(connection) = &mut doubtful.0 {
            raw_sql(AssertSqlSafe(statements)).execute(&mut **connection).await?;
        }
        Ok(Self {
            connection: doubtful.0.take(),
        })
    }

    /// Its connection.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_deref_mut().expect("there until commit or drop take it")
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        raw_sql("commit").execute(self.connection()).await?;
        self.connection = None;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let mut doubtful = Doubtful(Some(connection));
            #[expect(clippy::disallowed_methods, reason = "one statement, as the pool itself takes connections back")]
            tokio::spawn(async move {
                if let Some(connection) = &mut doubtful.0
                    && raw_sql("rollback").execute(&mut **connection).await.is_ok()
                {
                    drop(doubtful.0.take());
                }
            });
        }
    }
}

impl Drop for Doubtful {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}
