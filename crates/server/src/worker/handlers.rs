//! Who does what: a handler per kind of job. A worker takes only jobs of kinds that it has a handler for, so that an old program
//! leaves those of a newer one alone.

use std::collections::BTreeMap;

use futures::future::{BoxFuture, FutureExt};
use store::{
    Store, StoreError, TenantScope, TenantTx,
    jobs::{Hold, LeasedJob},
};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    /// It may work later.
    #[error("{0:#}")]
    Retry(anyhow::Error),
    /// It will never work: a dead letter at once.
    #[error("{0:#}")]
    Permanent(anyhow::Error),
    /// Somebody else has the job now; nothing may be committed any more.
    #[error("the lease was lost")]
    LeaseLost,
    /// The worker stops; the job is given back as far as it is.
    #[error("the worker stops")]
    Stopped,
}

impl From<StoreError> for JobFailure {
    fn from(error: StoreError) -> Self {
        JobFailure::Retry(error.into())
    }
}

/// A job under way, as its handler sees it.
#[derive(Debug, Clone)]
pub struct Running {
    /// The job.
    pub job: LeasedJob,
    /// Its tenant.
    pub scope: TenantScope,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) stopping: CancellationToken,
}

impl Running {
    /// Begins a transaction of the job's tenant.
    pub async fn begin(&self) -> Result<TenantTx, JobFailure> {
        Ok(self.store.begin(&self.scope).await?)
    }

    /// The same for whatever takes the tenant's chain.
    pub async fn begin_writing(&self) -> Result<TenantTx, JobFailure> {
        Ok(self.store.begin_writing(&self.scope).await?)
    }

    /// Commits a portion together with how far the job is; the next attempt finds that in `job.progress`. Fails when the worker stops:
    /// the portion is committed, and somebody else goes on from there.
    pub async fn commit_progress(&self, mut tx: TenantTx, progress: &serde_json::Value) -> Result<(), JobFailure> {
        match tx.progress_job(&self.job.lease, progress).await? {
            Hold::Held => tx.commit().await?,
            Hold::Lost => return Err(JobFailure::LeaseLost),
        }
        if self.stopping.is_cancelled() {
            return Err(JobFailure::Stopped);
        }
        Ok(())
    }
}

type Handler = Box<dyn Fn(Running) -> BoxFuture<'static, Result<TenantTx, JobFailure>> + Send + Sync>;

/// Handlers by kind.
#[derive(Default)]
pub struct Handlers(BTreeMap<&'static str, Handler>);

impl Handlers {
    /// Adds one. What it returns is the transaction of its last effects: the worker finishes the job in it and commits both.
    /// It may be cut off at any `await`, and run again from its progress.
    #[must_use]
    pub fn with<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Running) -> R + Send + Sync + 'static,
        R: Future<Output = Result<TenantTx, JobFailure>> + Send + 'static,
    {
        self.0.insert(kind, Box::new(move |running| handler(running).boxed()));
        self
    }

    /// The kinds that have one.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    /// Starts an attempt.
    pub(super) fn start(&self, running: Running) -> BoxFuture<'static, Result<TenantTx, JobFailure>> {
        if let Some(handler) = self.0.get(running.job.kind.as_str()) {
            return handler(running);
        }
        let error = anyhow::anyhow!("this program has no handler for {}", running.job.kind);
        futures::future::ready(Err(JobFailure::Retry(error))).boxed()
    }
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Handlers").field(&self.kinds()).finish()
    }
}
