//! The cells of a tenant and how many exceptions each holds: what every list and count begins with.

use domain::{cell::Cell, severity::Severity, status::Status};

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

impl TenantTx {
    /// The cells that are not empty.
    pub async fn known_cells(&mut self) -> Result<Vec<KnownCell>, StoreError> {
        self.cells().await
    }

    pub(super) async fn cells(&mut self) -> Result<Vec<KnownCell>, StoreError> {
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
