//! The daily sweep of a tenant: deletes what has expired and enqueues the next one.

use store::TenantTx;

use super::handlers::{JobFailure, Running};

/// Sweeps in portions, each in a transaction of its own.
pub async fn sweep(running: Running) -> Result<TenantTx, JobFailure> {
    let now = running.clock.now();
    loop {
        let mut tx = running.begin().await?;
        if !tx.sweep(now).await? {
            tx.enqueue_sweep(Some(running.job.lease.job_id), now).await?;
            return Ok(tx);
        }
        tx.commit().await?;
        if running.stopping.is_cancelled() {
            return Err(JobFailure::Stopped);
        }
    }
}
