//! One attempt at a job: the handler beside the heartbeat, and what becomes of the job afterwards.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::job::{AfterFailure, after_failure};
use futures::FutureExt;
use store::{StoreError, TenantTx, bounded, jobs::Hold};
use tokio_util::sync::CancellationToken;

use super::handlers::{Handlers, JobFailure, Running};
use crate::secrets;

/// What every attempt of a worker needs.
#[derive(Debug, Clone)]
pub struct Attempts {
    /// Who does what.
    pub handlers: Arc<Handlers>,
    /// How long a lease is; it is renewed three times as often.
    pub lease: Duration,
    /// Cancelled when the time to finish is over.
    pub cut_off: CancellationToken,
}

impl Attempts {
    /// Tries, and settles what came of it.
    pub async fn run(&self, running: Running) {
        let handler = AssertUnwindSafe(self.handlers.start(running.clone())).catch_unwind();
        let outcome = tokio::select! {
            outcome = handler => outcome.unwrap_or_else(|panic| Err(JobFailure::Retry(panicked(&*panic)))),
            () = self.beat(&running) => Err(JobFailure::LeaseLost),
            () = self.cut_off.cancelled() => Err(JobFailure::Stopped),
        };
        let failure = match outcome {
            Ok(tx) => match bounded(finish(&running, tx)).await {
                Ok(()) => return,
                Err(failure) => failure,
            },
            Err(failure) => failure,
        };
        let (tenant, job) = (running.scope.tenant(), &running.job);
        tracing::warn!(%tenant, job = job.lease.job_id, kind = job.kind, attempt = job.attempt, "job not done: {failure}");
        if let Err(error) = bounded(settle(&running, &failure)).await {
            // Nothing is lost: the lease ends, and the job is taken again.
            tracing::warn!(%tenant, job = job.lease.job_id, "cannot tell what became of the job: {error}");
        }
    }

    /// Renews the lease until it is lost. An error is no loss yet: the next beat may get through.
    async fn beat(&self, running: &Running) {
        let mut beats = tokio::time::interval(self.lease / 3);
        beats.tick().await;
        loop {
            beats.tick().await;
            match bounded(renew(running, self.lease)).await {
                Ok(Hold::Held) => {}
                Ok(Hold::Lost) => return,
                Err(error) => tracing::warn!(job = running.job.lease.job_id, "cannot renew the lease: {error}"),
            }
        }
    }
}

async fn renew(running: &Running, lease: Duration) -> Result<Hold, StoreError> {
    let mut tx = running.store.begin(&running.scope).await?;
    let hold = tx.renew_job(&running.job.lease, running.clock.now() + lease).await?;
    tx.commit().await?;
    Ok(hold)
}

/// The job is done in the transaction of its effects: both or neither.
async fn finish(running: &Running, mut tx: TenantTx) -> Result<(), JobFailure> {
    match tx.finish_job(&running.job.lease, running.clock.now()).await? {
        Hold::Held => Ok(tx.commit().await?),
        Hold::Lost => Err(JobFailure::LeaseLost),
    }
}

async fn settle(running: &Running, failure: &JobFailure) -> Result<(), StoreError> {
    let (job, now) = (&running.job, running.clock.now());
    let mut tx = running.store.begin(&running.scope).await?;
    let error = failure.to_string();
    let hold = match failure {
        JobFailure::LeaseLost => return Ok(()),
        JobFailure::Stopped => tx.release_job(&job.lease, now).await?,
        JobFailure::Permanent(_) => tx.bury_job(&job.lease, &error, now).await?,
        JobFailure::Retry(_) => {
            let random = u32::from_be_bytes(secrets::bytes());
            match after_failure(job.attempt, job.max_attempts, random) {
                AfterFailure::Retry(pause) => tx.fail_job(&job.lease, &error, now + pause.max(TimeDelta::zero())).await?,
                AfterFailure::Bury => tx.bury_job(&job.lease, &error, now).await?,
            }
        }
    };
    if hold == Hold::Held {
        tx.commit().await?;
    }
    Ok(())
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> anyhow::Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    anyhow::anyhow!("the handler panicked: {text}")
}
