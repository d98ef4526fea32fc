//! `sentinai worker`: does jobs and nothing else. Any number may run beside `sentinai serve`.

use clap::{Args, value_parser};
use tokio::task::JoinSet;

use super::{
    database::app_store,
    serve::{explain, until_signal},
};
use crate::{
    anchors::{self, AnchorArgs},
    clock::Clock,
    config::Installation,
    worker::{self, Pace},
};

/// Connections beside those of running jobs: one hears of new jobs, others take and keep them.
pub const OWN_CONNECTIONS: u32 = 2;

/// Arguments of `sentinai worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Jobs at once, at most half of them of one tenant
    #[arg(long, env = "SENTINAI_WORKERS", default_value = "4", value_name = "N", value_parser = value_parser!(u16).range(1..=64))]
    pub workers: u16,

    #[command(flatten)]
    pub anchors: AnchorArgs,
}

/// Works until a signal.
pub async fn run(args: &WorkerArgs, installation: &Installation) -> anyhow::Result<()> {
    let store = app_store(installation, connections(args.workers))?;
    store.check().await.map_err(explain)?;
    println!("SentinAI works on jobs, {} at once", args.workers);
    let clock = Clock::default();
    let mut anchoring = JoinSet::new();
    anchoring.spawn(anchors::run(store.clone(), clock.clone(), args.anchors.clone()));
    worker::run(
        store.clone(),
        clock,
        worker::handlers(),
        Pace::of(args.workers.into()),
        until_signal(),
    )
    .await;
    anchoring.shutdown().await;
    store.close().await;
    Ok(())
}

/// Most connections for so many jobs at once: a handler's and the heartbeat's.
pub fn connections(workers: u16) -> u32 {
    u32::from(workers) * 2 + OWN_CONNECTIONS
}
