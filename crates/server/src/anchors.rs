//! Anchors: ends of chains, written to a file again and again, so that a chain that is shortened or written anew is noticed later.
//!
//! `serve` and `worker` write them with `--anchor-file`, `sentinai audit verify --anchors` holds chains to them. A line is appended for each
//! chain that went on since the last one; nothing in the file is ever changed. It proves something where those who can change the database
//! cannot change the file.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use domain::{
    chain::{Point, hash_of},
    ids::TenantId,
};
use serde::{Deserialize, Serialize};
use store::{Store, bounded};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;

const HOUR: Duration = Duration::from_secs(3600);

/// Where and how often anchors are written.
#[derive(Debug, Clone, Args)]
pub struct AnchorArgs {
    /// File to which the ends of all chains are appended, at the start and then every --anchor-hours; `sentinai audit verify --anchors`
    /// holds the chains to it
    #[arg(long, env = "SENTINAI_ANCHOR_FILE", value_name = "FILE")]
    pub anchor_file: Option<PathBuf>,

    /// Hours between two anchors
    #[arg(long, env = "SENTINAI_ANCHOR_HOURS", default_value = "24", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=8760))]
    pub anchor_hours: u16,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    tenant: String,
    seq: i64,
    hash: String,
    at: DateTime<Utc>,
}

/// Appends to the file for ever; does nothing where there is none.
pub async fn run(store: Store, clock: Clock, args: AnchorArgs) {
    let Some(path) = args.anchor_file else { return };
    let mut ticks = interval(HOUR * u32::from(args.anchor_hours));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut written = BTreeMap::new();
    loop {
        ticks.tick().await;
        if let Err(error) = append(&store, &path, &mut written, clock.now()).await {
            tracing::error!("anchors were not written to {}: {error:#}", path.display());
        }
    }
}

/// Appends the end of each chain that went on since it was `written`.
pub async fn append(store: &Store, path: &Path, written: &mut BTreeMap<TenantId, Point>, at: DateTime<Utc>) -> anyhow::Result<()> {
    let mut ends = bounded(store.chain_ends()).await?;
    ends.retain(|(tenant, end)| end.seq > 0 && written.get(tenant) != Some(end));
    let mut text = String::new();
    for (tenant, end) in &ends {
        let line = Line {
            tenant: tenant.to_string(),
            seq: end.seq,
            hash: hex::encode(end.hash),
            at,
        };
        text += &serde_json::to_string(&line)?;
        text.push('\n');
    }
    // One write, so that several servers may share a file.
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .context("it cannot be opened")?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    written.extend(ends);
    Ok(())
}

/// The anchors of a file, by tenant.
pub fn read(path: &Path) -> anyhow::Result<BTreeMap<TenantId, Vec<Point>>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut anchors: BTreeMap<TenantId, Vec<Point>> = BTreeMap::new();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let wrong = || format!("line {} of {} is no anchor", index + 1, path.display());
        let line: Line = serde_json::from_str(&line?).with_context(wrong)?;
        let hash = hash_of(&line.hash).with_context(wrong)?;
        let tenant = line.tenant.parse().with_context(wrong)?;
        anchors.entry(tenant).or_default().push(Point { seq: line.seq, hash });
    }
    Ok(anchors)
}
