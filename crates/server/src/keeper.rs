//! Keeps what rules refused, durable before the sender is answered.
//!
//! A tenant's transactions of this kind follow each other in the database. Here they queue for it without a connection,
//! so that a tenant whose feed went wrong never takes the connections of the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::ids::TenantId;
use store::{
    Store, StoreError, TenantScope, bounded,
    quarantine::{Keep, MAX_HELD, Refused, SentBy},
};
use tokio::sync::Semaphore;

/// Most requests of a tenant that wait for their turn; more are told to come back.
const MAX_WAITING: usize = 1024;

/// Why refused objects were not kept.
#[derive(Debug)]
pub enum NotKept {
    /// The tenant holds as many as it may.
    Full,
    /// Too many requests of this tenant wait already.
    QueueFull,
    /// The store failed.
    Failed(StoreError),
}

/// Keeps refused objects, one request of a tenant at a time.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    queues: Mutex<HashMap<TenantId, Arc<Queue>>>,
}

#[derive(Debug)]
struct Queue {
    places: Semaphore,
    turn: Semaphore,
}

impl Keeper {
    /// A keeper over a store.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            queues: Mutex::default(),
        }
    }

    /// Keeps all of them or none.
    pub async fn keep(&self, scope: &TenantScope, refused: &[Refused], by: SentBy<'_>) -> Result<(), NotKept> {
        if refused.is_empty() {
            return Ok(());
        }
        let queue = self.queue(scope.tenant());
        let _place = queue.places.try_acquire().map_err(|_| NotKept::QueueFull)?;
        // Nobody closes it.
        let _turn = queue.turn.acquire().await.map_err(|_| NotKept::QueueFull)?;
        bounded(async {
            let mut tx = self.store.begin(scope).await?;
            match tx.keep(refused, by, MAX_HELD).await? {
                Keep::Kept => Ok(tx.commit().await?),
                Keep::Full => Err(NotKept::Full),
            }
        })
        .await
    }

    fn queue(&self, tenant: &TenantId) -> Arc<Queue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(tenant.clone()).or_insert_with(|| {
            Arc::new(Queue {
                places: Semaphore::new(MAX_WAITING),
                turn: Semaphore::new(1),
            })
        });
        Arc::clone(queue)
    }
}

impl From<StoreError> for NotKept {
    fn from(error: StoreError) -> Self {
        NotKept::Failed(error)
    }
}
