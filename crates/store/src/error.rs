//! What can go wrong between us and PostgreSQL, in the kinds a caller can act on.

/// Failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else was faster; try again from the start.
    #[error("the data changed at the same moment")]
    Conflict(#[source] sqlx::Error),
    /// The database cannot be reached or is overloaded; try again later.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The database ended and came back while this was under way: whether it is stored is not known. Send it again.
    #[error("the database was interrupted before this was known to be stored")]
    Interrupted,
    /// Our mistake.
    #[error("the database refused a statement")]
    Bug(#[source] sqlx::Error),
}

impl StoreError {
    /// Returns whether somebody else held a lock for too long. Nothing was done then.
    pub fn is_locked(&self) -> bool {
        matches!(self, StoreError::Unavailable(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03"))
    }
}

impl From<sqlx::Error> for StoreError {
    /// By SQLSTATE class; a distributed PostgreSQL may leave out everything else.
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                StoreError::Unavailable(error)
            }
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // serialization_failure, deadlock_detected
                Some("40001" | "40P01") => StoreError::Conflict(error),
                // lock_not_available, idle_in_transaction_session_timeout: whoever was in the way, or we, took too long.
                Some("55P03" | "25P03") => StoreError::Unavailable(error),
                // Connection exceptions, insufficient resources, operator intervention (shutdown, cannot connect now); and what only
                // connecting meets: refused logins, a missing database, one that takes no connections.
                Some(code) if ["08", "28", "3D", "53", "57"].contains(&code.get(..2).unwrap_or_default()) || code == "55000" => {
                    StoreError::Unavailable(error)
                }
                _ => StoreError::Bug(error),
            },
            // A connection that broke in the middle of a message.
            sqlx::Error::Protocol(_) => StoreError::Unavailable(error),
            _ => StoreError::Bug(error),
        }
    }
}
