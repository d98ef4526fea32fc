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

/// Most cells that are remembered, of all tenants together: some 10 MiB.
const MOST: usize = 50_000;

/// Cells of tenants at the end of their chains: whoever moves a counter appends an event, so they hold until the chain grows.
#[derive(Debug, Default)]
pub struct CellCache(Mutex<HashMap<TenantId, Remembered>>);

/// The hash at the end of the chain, and the cells.
type Remembered = (Vec<u8>, Arc<[KnownCell]>);

impl CellCache {
    fn get(&self, tenant: &TenantId, end: &[u8]) -> Option<Arc<[KnownCell]>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, cells) = known.get(tenant)?;
        (at == end).then(|| Arc::clone(cells))
    }

    fn put(&self, tenant: &TenantId, end: Vec<u8>, cells: &Arc<[KnownCell]>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(tenant);
        let size = |cells: &[KnownCell]| cells.len() + 1;
        let all: usize = known.values().map(|(_, cells)| size(cells)).sum();
        if all + size(cells) > MOST {
            known.clear();
        }
        known.insert(tenant.clone(), (end, Arc::clone(cells)));
    }
}

impl TenantTx {
    /// The cells that are not empty.
    pub async fn known_cells(&mut self) -> Result<Arc<[KnownCell]>, StoreError> {
        self.cells().await
    }

    /// Remembers them only where the transaction sees one moment: else they may be newer than the end of the chain.
    pub(super) async fn cells(&mut self) -> Result<Arc<[KnownCell]>, StoreError> {
        let Some(cache) = self.cells.clone() else {
            return self.read_cells().await;
        };
        let (connection, tenant) = self.parts();
        let end: Option<Vec<u8>> = sqlx::query_scalar("-- chain_end_hash\nselect hash from chain_head where tenant_id = $1")
            .bind(tenant)
            .fetch_optional(connection)
            .await?;
        let Some(end) = end else {
            return self.read_cells().await;
        };
        if let Some(cells) = cache.get(self.tenant(), &end) {
            return Ok(cells);
        }
        let cells = self.read_cells().await?;
        cache.put(self.tenant(), end, &cells);
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
