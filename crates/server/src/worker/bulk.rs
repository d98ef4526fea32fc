//! Carries a bulk run out in portions: each is committed with its outcomes, so that whoever takes the job over goes on behind them.

use std::sync::Arc;

use anyhow::anyhow;
use domain::{
    role::Role,
    work::{Actor, Command},
};
use serde_json::json;
use store::{TenantTx, bulk::BulkRun};

use super::handlers::{JobFailure, Running};
use crate::{
    bulk::carry_out,
    packs::Packs,
    work::{NotDone, Work},
};

/// Works on a run until nothing of it is left.
pub async fn bulk(running: Running, packs: Arc<Packs>) -> Result<TenantTx, JobFailure> {
    let work = Work::new(running.store.clone(), packs);
    let run_id = running.job.payload["runId"].as_str().unwrap_or_default().to_owned();
    loop {
        let mut tx = running.begin().await?;
        let run = tx
            .hold_bulk_run(&run_id)
            .await?
            .filter(|run| run.state == "RUNNING")
            .ok_or_else(|| JobFailure::Permanent(anyhow!("there is no bulk run {run_id} to carry out")))?;
        let (command, by) = order(&run)?;
        let portion = carry_out(&work, &mut tx, &run, (&command, &by, running.clock.now())).await?;
        if portion == 0 {
            tx.set_bulk_state(&run_id, "DONE", None, running.clock.now()).await?;
            return Ok(tx);
        }
        let settled = run.processed + i64::try_from(portion).unwrap_or(0);
        running.commit_progress(tx, &json!({"done": settled, "total": run.total})).await?;
    }
}

fn order(run: &BulkRun) -> Result<(Command, Actor), JobFailure> {
    let command = serde_json::from_str(&run.command).map_err(|error| JobFailure::Permanent(error.into()))?;
    let by = Actor {
        name: run.created_by.clone(),
        role: run.role.parse::<Role>().map_err(|error| JobFailure::Permanent(error.into()))?,
    };
    Ok((command, by))
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
