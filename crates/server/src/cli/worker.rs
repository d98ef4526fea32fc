//! `sentinai worker`: does jobs and nothing else. Any number may run beside `sentinai serve`.

use clap::{Args, value_parser};

use super::{
    database::app_store,
    serve::{explain, until_signal},
};
use crate::{
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
}

/// Works until a signal.
pub async fn run(args: &WorkerArgs, installation: &Installation) -> anyhow::Result<()> {
    let store = app_store(installation, connections(args.workers))?;
    store.check().await.map_err(explain)?;
    println!("SentinAI works on jobs, {} at once", args.workers);
    worker::run(
        store.clone(),
        Clock::default(),
        worker::handlers(),
        Pace::of(args.workers.into()),
        until_signal(),
    )
    .await;
    store.close().await;
    Ok(())
}

/// Most connections for so many jobs at once: a handler's and the heartbeat's.
pub fn connections(workers: u16) -> u32 {
    u32::from(workers) * 2 + OWN_CONNECTIONS
}
