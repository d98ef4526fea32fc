//! Carries a bulk run out in portions: each is committed with its outcomes, so that whoever takes the job over goes on behind them.

use std::sync::Arc;

use anyhow::anyhow;
use domain::pack::Pack;
use serde_json::json;
use store::{TenantTx, bounded};

use super::handlers::{JobFailure, Running};
use crate::{
    bulk::{carry_out, missing_approval, request_approval, requester},
    packs::Packs,
    work::{NotDone, Work},
};

/// Works on a run until nothing of it is left. Each portion is judged by the rules and by the requester's role of its time.
pub async fn bulk(running: Running, packs: Arc<Packs>) -> Result<TenantTx, JobFailure> {
    let work = Work::new(running.store.clone(), Arc::clone(&packs));
    let text = |name: &str| running.job.payload[name].as_str().unwrap_or_default().to_owned();
    let (run_id, domain) = (text("runId"), text("domain"));
    loop {
        let pack = packs.active(&running.store, &running.scope, &domain).await;
        let pack = pack.map_err(|error| JobFailure::Retry(error.into()))?;
        if let Some(last) = bounded(portion(&running, &work, &pack, &run_id)).await? {
            return Ok(last);
        }
    }
}

/// Carries a portion out and commits it. The transaction of what ends the job, where nothing is left or a second person has to agree.
async fn portion(running: &Running, work: &Work, pack: &Pack, run_id: &str) -> Result<Option<TenantTx>, JobFailure> {
    let now = running.clock.now();
    let mut tx = running.begin_writing().await?;
    let run = tx
        .hold_bulk_run(run_id)
        .await?
        .filter(|run| run.state == "RUNNING")
        .ok_or_else(|| JobFailure::Permanent(anyhow!("there is no bulk run {run_id} to carry out")))?;
    if let Some(rule) = missing_approval(&mut tx, &run, pack).await? {
        request_approval(&mut tx, &run, rule, now).await?;
        return Ok(Some(tx));
    }
    let command = serde_json::from_str(&run.command).map_err(|error| JobFailure::Permanent(error.into()))?;
    let by = requester(&mut tx, &run).await?;
    let portion = carry_out(work, &mut tx, &run, (&command, &by, now)).await?;
    if portion == 0 {
        tx.set_bulk_state(run_id, "DONE", None, now).await?;
        return Ok(Some(tx));
    }
    let processed = run.processed + i64::try_from(portion).unwrap_or(0);
    running.commit_progress(tx, &json!({"done": processed, "total": run.total})).await?;
    Ok(None)
}

impl From<NotDone> for JobFailure {
    fn from(failure: NotDone) -> Self {
        match failure {
            NotDone::Failed(error) => error.into(),
            NotDone::NoPack(error) => JobFailure::Retry(error.into()),
            other => JobFailure::Retry(anyhow!("{other:?}")),
        }
    }
}
