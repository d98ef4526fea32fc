//! Detection of a pooler that hands the sessions of PostgreSQL around among its clients (PgBouncer's transaction and statement modes).
//!
//! Prepared statements, `listen`, `set role` and advisory locks belong to a session. Behind such a pooler they reach whoever comes next, so
//! every command that uses the database asks here first and refuses. A pooler in session mode is as good as none.

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions, raw_sql};

use crate::StoreError;

/// Which of two connections asks for its session, one after the other. The first pair finds a pooler that gives out the session that was
/// given back last, the repetitions find one that takes its sessions in turn, and all of them one that others use as well.
const TURNS: [usize; 12] = [0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1];

/// Advice to those who use a pooler in transaction mode.
#[derive(Debug, thiserror::Error)]
pub enum SessionFault {
    /// Two connections share their sessions.
    #[error(
        "a pooler in transaction mode stands before PostgreSQL: statements of one connection reach different sessions, so prepared statements and notifications would get mixed up. Set the pooler to session mode (PgBouncer: pool_mode = session), or give the address of PostgreSQL itself"
    )]
    Shared,
    /// It could not be tried.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fails where a connection does not keep its session.
pub(crate) async fn check(options: &PgConnectOptions) -> Result<(), SessionFault> {
    if is_shared(options).await.map_err(StoreError::from)? {
        return Err(SessionFault::Shared);
    }
    Ok(())
}

async fn is_shared(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut connections = [options.connect().await?, options.connect().await?];
    let mut sessions = [None; 2];
    let mut shared = false;
    for turn in TURNS {
        let session = session_of(&mut connections[turn]).await?;
        let before = sessions[turn].replace(session);
        shared = before.is_some_and(|before| before != session) || sessions[1 - turn] == Some(session);
        if shared {
            break;
        }
    }
    for connection in connections {
        connection.close().await?;
    }
    Ok(shared)
}

/// The process that answers. Asked without a prepared statement, which is what could get lost.
async fn session_of(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    let row = raw_sql("-- session_of\nselect pg_backend_pid()").fetch_one(connection).await?;
    sqlx::Row::try_get(&row, 0)
}
