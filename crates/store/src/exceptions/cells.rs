//! The cells of a tenant and how many exceptions each holds: what every list and count begins with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{cell::Cell, ids::TenantId, severity::Severity, status::Status};

use crate::{StoreError, TenantTx};

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCell {
    /// Its name.
    pub id: i64,
    /// Its parts.
    pub cell: Cell,
    /// How many exceptions it holds.
    pub exceptions: i64,
}

impl KnownCell {
    /// A cell under its own name.
    #[cfg(test)]
    pub fn new(cell: Cell, exceptions: i64) -> Self {
        Self {
            id: cell.id(),
            cell,
            exceptions,
        }
    }

    /// Whether its exceptions are still to be done.
    pub fn is_open(&self) -> bool {
        self.cell.status != Status::Resolved
    }
}

/// Most tenants whose cells are remembered.
const MOST: usize = 64;

/// Cells of tenants at a position of their chains: whoever moves a counter appends an event, so they hold until the chain grows.
#[derive(Debug, Default)]
pub struct CellCache(Mutex<HashMap<TenantId, Remembered>>);

/// Cells, and the position of the chain.
type Remembered = (i64, Arc<[KnownCell]>);

impl CellCache {
    fn get(&self, tenant: &TenantId, position: i64) -> Option<Arc<[KnownCell]>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, cells) = known.get(tenant)?;
        (*at == position).then(|| Arc::clone(cells))
    }

    fn put(&self, tenant: &TenantId, position: i64, cells: &Arc<[KnownCell]>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(tenant) {
            known.clear();
        }
        known.insert(tenant.clone(), (position, Arc::clone(cells)));
    }
}

impl TenantTx {
    /// The cells that are not empty.
    pub async fn known_cells(&mut self) -> Result<Arc<[KnownCell]>, StoreError> {
        self.cells().await
    }

    /// Remembers them only where the transaction sees one moment: else they may be newer than the position.
    pub(super) async fn cells(&mut self) -> Result<Arc<[KnownCell]>, StoreError> {
        let Some(cache) = self.cells.clone() else {
            return self.read_cells().await;
        };
        let (connection, tenant) = self.parts();
        let position: Option<i64> = sqlx::query_scalar("-- chain_position\nselect seq from chain_head where tenant_id = $1")
            .bind(tenant)
            .fetch_optional(connection)
            .await?;
        let Some(position) = position else {
            return self.read_cells().await;
        };
        if let Some(cells) = cache.get(self.tenant(), position) {
            return Ok(cells);
        }
        let cells = self.read_cells().await?;
        cache.put(self.tenant(), position, &cells);
        Ok(cells)
    }

    async fn read_cells(&mut self) -> Result<Arc<[KnownCell]>, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query!(
            "-- facet_counts
             select facet_bucket, status, severity, exception_type, queue, source_system, exceptions
             from facet_count where tenant_id = $1 and exceptions > 0",
            tenant
        );
        let rows = rows.fetch_all(connection).await?;
        let known = |kind: &'static str| StoreError::Bug(sqlx::Error::Protocol(format!("a {kind} this program does not know")));
        let cells = rows.into_iter().map(|row| {
            let cell = Cell {
                status: row.status.parse().map_err(|_| known("status"))?,
                severity: row.severity.parse::<Severity>().map_err(|_| known("severity"))?,
                exception_type: row.exception_type,
                queue: row.queue,
                source_system: row.source_system,
            };
            Ok(KnownCell {
                id: row.facet_bucket,
                cell,
                exceptions: row.exceptions,
            })
        });
        cells.collect()
    }
}
