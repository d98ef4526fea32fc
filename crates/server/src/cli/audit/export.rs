//! `sentinai audit export`: a tenant's chain as lines, of one moment and in constant memory.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use anyhow::{Context, bail, ensure};
use domain::chain::GENESIS;
use store::TenantTx;

use super::{
    super::database::owner_store,
    ExportArgs,
    line::{Line, Summary},
};
use crate::{clock, config::Installation};

/// Events that are read at a time.
const PAGE: i64 = 5_000;

/// Exports.
pub async fn run(args: &ExportArgs, installation: &Installation) -> anyhow::Result<()> {
    let store = owner_store(installation).await?;
    let mut tx = store.begin_reading(&store.scope(&args.tenant)).await?;
    let Some(head) = tx.chain_end().await? else {
        bail!("there is no tenant {}; `sentinai tenant list` shows those there are", args.tenant);
    };
    ensure!(
        args.from <= head.seq,
        "the chain of {} ends at event {}; give --from a number up to it",
        args.tenant,
        head.seq
    );
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(BufWriter::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        )),
        None => Box::new(BufWriter::new(std::io::stdout())),
    };
    let events = lines(&mut tx, args, &mut out).await?;
    let summary = Summary {
        tenant: args.tenant.to_string(),
        events,
        head: head.into(),
        exported_at: clock::now(),
    };
    writeln!(out, "{}", serde_json::to_string(&summary)?)?;
    out.flush().context("the export could not be written to its end")?;
    eprintln!("{events} events of {} are exported. Head: {head}", args.tenant);
    Ok(())
}

async fn lines(tx: &mut TenantTx, args: &ExportArgs, out: &mut impl Write) -> anyhow::Result<i64> {
    let before = match args.from {
        1 => None,
        from => tx.chain_events(from - 2, 1).await?.pop(),
    };
    let mut previous = before.map_or_else(|| GENESIS.to_vec(), |event| event.event.hash);
    let (mut behind, mut events) = (args.from - 1, 0);
    loop {
        let page = tx.chain_events(behind, PAGE).await?;
        let Some(last) = page.last() else { return Ok(events) };
        behind = last.event.seq;
        for event in page {
            let line = Line::of(&event, args.tenant.as_str(), &previous);
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
            previous = event.event.hash;
            events += 1;
        }
    }
}
