//! Turns at a tenant's chain, taken before a connection is.
//!
//! Transactions that change a tenant follow each other in the database anyway. Here they queue for it without a connection, for a bounded
//! time and in bounded number: a tenant whose chain is held takes one connection from the others, and not all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::ids::TenantId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::StoreError;

/// Most transactions of a tenant that wait for their turn; more are refused.
const MOST: usize = 256;
/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Gates by tenant; as many as there are tenants that changed something.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<HashMap<TenantId, Arc<Gate>>>);

#[derive(Debug)]
struct Gate {
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// A turn, over when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Gates {
    /// Waits for a turn, first come first served.
    pub(crate) async fn turn(&self, tenant: &TenantId) -> Result<Turn, StoreError> {
        let busy = || StoreError::Unavailable(sqlx::Error::PoolTimedOut);
        let gate = self.gate(tenant);
        let place = Arc::clone(&gate.places).try_acquire_owned().map_err(|_| busy())?;
        let turn = timeout(PATIENCE, Arc::clone(&gate.turn).acquire_owned()).await;
        Ok(Turn {
            _place: place,
            _turn: turn.ok().and_then(Result::ok).ok_or_else(busy)?,
        })
    }

    fn gate(&self, tenant: &TenantId) -> Arc<Gate> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(tenant.clone()).or_insert_with(|| {
            Arc::new(Gate {
                places: Arc::new(Semaphore::new(MOST)),
                turn: Arc::new(Semaphore::new(1)),
            })
        });
        Arc::clone(gate)
    }
}
