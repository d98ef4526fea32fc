//! Changes as they happen: PostgreSQL's NOTIFY as a hint. Whoever misses one reads again; nothing depends on it for truth.

use sqlx::postgres::PgListener;

use crate::{Store, StoreError};

/// New events of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The tenant.
    pub tenant: String,
    /// How many events.
    pub events: u64,
}

/// Hears of changes of all tenants.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Store {
    /// Starts listening.
    pub async fn listen(&self) -> Result<Listener, StoreError> {
        let mut listener = PgListener::connect_with(&self.listening()).await?;
        listener.listen("sentinai_events").await?;
        Ok(Listener(listener))
    }
}

impl Listener {
    /// The next change. `None` means the connection broke and is back: something may have been missed.
    pub async fn next(&mut self) -> Result<Option<Change>, StoreError> {
        let Some(notification) = self.0.try_recv().await? else {
            return Ok(None);
        };
        let (tenant, events) = notification.payload().split_once(' ').unwrap_or((notification.payload(), "1"));
        Ok(Some(Change {
            tenant: tenant.to_owned(),
            events: events.parse().unwrap_or(1),
        }))
    }
}
