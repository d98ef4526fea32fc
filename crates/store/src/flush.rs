//! Making durable what was committed without waiting for the disk, and knowing that nothing was lost on the way.
//!
//! A flush alone proves nothing: a database that died between a commit and the flush comes back without the commit, and flushes gladly.
//! A crash ends every session, though. So one session does all flushing, and it vouches only for what began while it was already there.

use std::{
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::Mutex;

use crate::{
    StoreError,
    lent::{PROMPT, promptly, within},
};

/// How long a session is believed to live without being asked.
const BELIEVED: Duration = Duration::from_secs(1);
/// Longest time for the disk. All tenants wait meanwhile.
const FLUSHED_WITHIN: Duration = Duration::from_secs(10);

/// A session of the database, by number: what was committed in one is durable once the same one has flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life(u64);

/// The session that flushes.
#[derive(Debug)]
pub(crate) struct Flusher {
    options: PgConnectOptions,
    session: Mutex<Option<PgConnection>>,
    /// Number of the session, 0 before the first.
    life: AtomicU64,
    began: Instant,
    /// When it last answered, in milliseconds after `began`.
    answered: AtomicU64,
}

impl Flusher {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            session: Mutex::default(),
            life: AtomicU64::new(0),
            began: Instant::now(),
            answered: AtomicU64::new(0),
        }
    }

    /// The session that is there now; a new one if it has ended. To be called before the transaction begins.
    pub(crate) async fn life(&self) -> Result<Life, StoreError> {
        let life = self.life.load(SeqCst);
        if life > 0 && self.milliseconds() < self.answered.load(SeqCst) + u64::try_from(BELIEVED.as_millis()).unwrap_or(0) {
            return Ok(Life(life));
        }
        match self.ask("-- ping\nselect 1", PROMPT).await {
            Ok(life) => Ok(life),
            // The session had ended unnoticed: the next one counts.
            Err(StoreError::Unavailable(_)) => self.ask("-- ping\nselect 1", PROMPT).await,
            Err(error) => Err(error),
        }
    }

    /// Flushes; everything committed in the session returned is durable.
    ///
    /// The log is one sequence: an empty message committed the durable way takes all before it to the disk.
    pub(crate) async fn flush(&self) -> Result<Life, StoreError> {
        self.ask("-- flush\nselect pg_logical_emit_message(true, 'sentinai', '')", FLUSHED_WITHIN)
            .await
    }

    async fn ask(&self, statement: &'static str, longest: Duration) -> Result<Life, StoreError> {
        let mut session = self.session.lock().await;
        // Taken out while it is asked: one that failed, or whose answer nobody waited for, is never asked again.
        let mut connection = if let Some(connection) = session.take() {
            connection
        } else {
            let connection = self.connect().await?;
            self.life.fetch_add(1, SeqCst);
            connection
        };
        within(longest, sqlx::query(statement).execute(&mut connection)).await?;
        self.answered.store(self.milliseconds(), SeqCst);
        *session = Some(connection);
        Ok(Life(self.life.load(SeqCst)))
    }

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        Ok(promptly(PgConnection::connect_with(&self.options)).await?)
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
