//! Connections lent by the pool, and how long their answers may take.
//!
//! A connection whose packets vanish never answers and never fails. So every wait for one has an end, and a connection that did not answer in
//! time is closed: the pool gets its place back and opens another.

use std::{
    io,
    ops::{Deref, DerefMut},
    time::Duration,
};

use sqlx::{PgConnection, Postgres, pool::PoolConnection};
use tokio::time::timeout;

use crate::StoreError;

/// Longest time of the database for what waits for no other session: to connect, begin, roll back or answer a ping.
pub(crate) const PROMPT: Duration = Duration::from_secs(3);

/// Longest work of one transaction: more than PostgreSQL gives one statement, so that its own reason comes first.
const LONGEST: Duration = Duration::from_secs(40);

/// Waits for work on the database until it has taken too long; then it is given up and its connection closed. Requests have a time of their
/// own: this is for whatever no request waits for.
pub fn bounded<'w, T, E>(work: impl Future<Output = Result<T, E>> + Send + 'w) -> impl Future<Output = Result<T, E>> + Send + 'w
where
    T: 'w,
    E: From<StoreError> + 'w,
{
    let work = Box::pin(work);
    async move {
        let done = timeout(LONGEST, work).await;
        done.unwrap_or_else(|_| Err(StoreError::from(too_late()).into()))
    }
}

/// Waits for a prompt answer.
pub(crate) async fn promptly<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    within(PROMPT, answer).await
}

/// Waits for an answer that may take a time.
pub(crate) async fn within<T>(longest: Duration, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(longest, answer).await.unwrap_or_else(|_| Err(too_late()))
}

fn too_late() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time"))
}

/// A connection of the pool. Back there when it is dropped, unless it no longer answers.
pub(crate) struct Lent(Option<PoolConnection<Postgres>>);

impl Lent {
    pub(crate) fn new(connection: PoolConnection<Postgres>) -> Self {
        Self(Some(connection))
    }

    /// Closes it instead of giving it back.
    pub(crate) fn close(mut self) {
        if let Some(mut connection) = self.0.take() {
            connection.close_on_drop();
        }
    }
}

impl std::fmt::Debug for Lent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a connection")
    }
}

impl Deref for Lent {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.0.as_deref().expect("there until it is dropped")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.0.as_deref_mut().expect("there until it is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(mut connection) = self.0.take() {
            // Asks whether it still answers. Given up, it closes the connection.
            let back = connection.return_to_pool();
            #[expect(clippy::disallowed_methods, reason = "as the pool itself takes connections back, but not for ever")]
            tokio::spawn(async move { drop(timeout(PROMPT, back).await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_never_ends_is_given_up_as_an_unreachable_database() {
        let never = within(Duration::from_millis(1), std::future::pending::<Result<(), sqlx::Error>>()).await;
        let never = never.map_err(StoreError::from);
        assert!(matches!(never, Err(StoreError::Unavailable(_))), "{never:?}");
    }
}
