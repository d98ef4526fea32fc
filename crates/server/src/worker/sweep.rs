//! The daily sweep of a tenant: deletes what has expired and enqueues the next one.

use store::{TenantTx, bounded};

use super::handlers::{JobFailure, Running};

/// Sweeps in portions, each in a transaction of its own.
pub async fn sweep(running: Running) -> Result<TenantTx, JobFailure> {
    let now = running.clock.now();
    loop {
        let portion = async {
            let mut tx = running.begin().await?;
            if tx.sweep(now).await? {
                tx.commit().await?;
                return Ok(None);
            }
            tx.enqueue_sweep(Some(running.job.lease.job_id), now).await?;
            Ok::<_, JobFailure>(Some(tx))
        };
        if let Some(last) = bounded(portion).await? {
            return Ok(last);
        }
        if running.stopping.is_cancelled() {
            return Err(JobFailure::Stopped);
        }
    }
}
