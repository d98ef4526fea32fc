//! Changes as they happen: PostgreSQL's NOTIFY as a hint. Whoever misses one reads again; nothing depends on it for truth.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgNotification};
use tokio::time::timeout;

use crate::{Store, StoreError, lent::promptly};

/// Longest silence before the connection is asked whether it is still there: one whose packets vanish is silent for ever.
const SILENT: Duration = Duration::from_secs(15);

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
pub struct Listener(Channel);

/// A connection that listens, beside those of the pools: giving up one that no longer answers costs them nothing.
#[derive(Debug)]
pub(crate) struct Channel(PgListener);

impl Store {
    /// Starts listening.
    pub async fn listen(&self) -> Result<Listener, StoreError> {
        Ok(Listener(self.channel("sentinai_events").await?))
    }

    pub(crate) async fn channel(&self, name: &str) -> Result<Channel, StoreError> {
        let mut listener = PgListener::connect_with(&self.listening()).await?;
        promptly(listener.listen(name)).await?;
        Ok(Channel(listener))
    }
}

impl Listener {
    /// The next change. `None` means the connection broke and is back: something may have been missed.
    pub async fn next(&mut self) -> Result<Option<Change>, StoreError> {
        let Some(notification) = self.0.next().await? else {
            return Ok(None);
        };
        let (tenant, events) = notification.payload().split_once(' ').unwrap_or((notification.payload(), "1"));
        Ok(Some(Change {
            tenant: tenant.to_owned(),
            events: events.parse().unwrap_or(1),
        }))
    }
}

impl Channel {
    /// The next notification. `None` means the connection broke and is back. An error ends it.
    pub(crate) async fn next(&mut self) -> Result<Option<PgNotification>, StoreError> {
        loop {
            match timeout(SILENT, self.0.try_recv()).await {
                Ok(heard) => return Ok(heard?),
                // What is heard meanwhile is kept for the next turn.
                Err(_) => promptly(sqlx::query("-- ping\nselect 1").execute(&mut self.0)).await?,
            };
        }
    }
}
