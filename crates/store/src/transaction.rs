//! A transaction on a pooled connection, safe to be given up at any moment.
//!
//! Requests are given up whenever a client goes away, also while `begin` is under way. The transaction of sqlx counts only once it has begun:
//! a connection that was given up before would come back to the pool with a transaction open, and what its next user does would be refused,
//! or never committed.
//!
//! The pools do not ask a connection whether it lives before they give it out: `begin` tells. One that is dead is replaced.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgConnection, PgPool, postgres::PgRow, raw_sql};

use crate::{
    error::StoreError,
    lent::{Lent, PROMPT, promptly, within},
};

/// Longest time in which connections may turn out to be dead before the request fails.
const PATIENCE: Duration = Duration::from_secs(6);

/// An open transaction; undone when it is dropped.
#[derive(Debug)]
pub(crate) struct Transaction {
    /// There until the transaction is over.
    connection: Option<Lent>,
}

/// A connection of which nobody knows what its server believes; closed when it is dropped.
struct Doubtful(Option<Lent>);

impl Transaction {
    /// Begins with one or more statements, sent as one message, which takes no longer than given. Returns the rows that they gave as well.
    pub(crate) async fn begin(pool: &PgPool, statements: String, longest: Duration) -> Result<(Self, Vec<PgRow>), StoreError> {
        let (connection, rows) = on_live(pool, &statements, longest).await?;
        let connection = Some(connection);
        Ok((Self { connection }, rows))
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

/// A connection that answers, for a statement outside of any transaction.
pub(crate) async fn live(pool: &PgPool) -> Result<Lent, StoreError> {
    Ok(on_live(pool, "-- ping\nselect 1", PROMPT).await?.0)
}

/// Sends a first message on a connection; on another one where the first turns out to be dead, as all may be after a restart of the database.
async fn on_live(pool: &PgPool, statements: &str, longest: Duration) -> Result<(Lent, Vec<PgRow>), StoreError> {
    let began = Instant::now();
    let mut left = pool.options().get_max_connections();
    loop {
        let mut doubtful = Doubtful(Some(Lent::new(pool.acquire().await?)));
        let connection = doubtful.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        match within(longest, raw_sql(AssertSqlSafe(statements)).fetch_all(connection)).await {
            Ok(rows) => {
                let connection = doubtful.0.take().ok_or(sqlx::Error::PoolClosed)?;
                return Ok((connection, rows));
            }
            Err(error) if left > 0 && is_dead(&error) && began.elapsed() < PATIENCE => left -= 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Returns whether an error means that the connection had ended, so that nothing was begun on it.
fn is_dead(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        // idle_in_transaction_session_timeout and idle_session_timeout; admin_shutdown, crash_shutdown, database_dropped.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("25P03" | "57P01" | "57P02" | "57P04" | "57P05")),
        _ => false,
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let mut doubtful = Doubtful(Some(connection));
            #[expect(clippy::disallowed_methods, reason = "one statement, as the pool itself takes connections back")]
            tokio::spawn(async move {
                if let Some(connection) = &mut doubtful.0
                    && promptly(raw_sql("rollback").execute(&mut **connection)).await.is_ok()
                {
                    drop(doubtful.0.take());
                }
            });
        }
    }
}

impl Drop for Doubtful {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            connection.close();
        }
    }
}
