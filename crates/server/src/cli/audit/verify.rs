//! `sentinai audit verify`: recomputes chains and says where they are wrong.

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use domain::{chain::Point, ids::TenantId};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use store::{OwnerStore, audit::Verdict};

use super::{
    super::database::owner_store,
    VerifyArgs, file,
    line::HeadView,
    state::{self, StateReport},
};
use crate::{anchors, cli::api::report::say, clock, config::Installation};

/// What is said about one chain.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChainReport {
    tenant: String,
    ok: bool,
    /// Events found sound, from the first on.
    events: i64,
    /// The last of them.
    head: HeadView,
    first_invalid: Option<i64>,
    problem: Option<String>,
    events_per_second: u64,
    /// Stored exceptions beside their events, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateReport>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    chains: Vec<ChainReport>,
}

/// Verifies.
pub async fn run(args: VerifyArgs, installation: &Installation) -> anyhow::Result<ExitCode> {
    ensure!(
        args.anchor.is_none() || args.tenant.is_some() || args.file.is_some(),
        "an anchor belongs to one chain; name it with --tenant or --file"
    );
    let chains = match &args.file {
        Some(path) => {
            let began = Instant::now();
            let found = file::verify(path, args.anchor)?;
            vec![ChainReport::of(found.tenant, &found.verdict, found.wrong, began.elapsed())]
        }
        None => stored(&args, installation).await?,
    };
    let report = Report {
        ok: chains.iter().all(|chain| chain.ok),
        chains,
    };
    if args.json {
        say(&serde_json::to_string(&report)?);
    } else {
        for chain in &report.chains {
            say(&chain.sentence());
            let state = chain.state.iter().flat_map(|state| state.sentences(&chain.tenant));
            state.for_each(|line| say(&line));
        }
    }
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn stored(args: &VerifyArgs, installation: &Installation) -> anyhow::Result<Vec<ChainReport>> {
    let store = owner_store(installation).await?;
    let all = store.tenants().await?;
    let wanted = |id: &str| args.tenant.as_ref().is_none_or(|tenant| tenant.as_str() == id);
    let tenants: Vec<TenantId> = all
        .into_iter()
        .filter(|tenant| wanted(&tenant.tenant_id))
        .map(|tenant| tenant.tenant_id.parse())
        .collect::<Result<_, _>>()?;
    if let (Some(tenant), true) = (&args.tenant, tenants.is_empty()) {
        bail!("there is no tenant {tenant}; `sentinai tenant list` shows those there are");
    }
    let mut anchors = given_anchors(args)?;
    let mut chains = Vec::new();
    for tenant in tenants {
        let own = anchors.remove(&tenant).unwrap_or_default();
        chains.push(chain(&store, tenant, own, args).await?);
    }
    chains.extend(anchors.keys().map(ChainReport::gone));
    Ok(chains)
}

/// The anchors that chains are held to, by tenant.
fn given_anchors(args: &VerifyArgs) -> anyhow::Result<BTreeMap<TenantId, Vec<Point>>> {
    let mut anchors = BTreeMap::new();
    if let Some(path) = &args.anchors {
        anchors = anchors::read(path)?;
    }
    if let Some(tenant) = &args.tenant {
        anchors.retain(|named, _| named == tenant);
        anchors.entry(tenant.clone()).or_default().extend(args.anchor);
    }
    Ok(anchors)
}

async fn chain(store: &OwnerStore, tenant: TenantId, anchors: Vec<Point>, args: &VerifyArgs) -> anyhow::Result<ChainReport> {
    let began = Instant::now();
    let mut tx = store.begin_reading(&store.scope(&tenant)).await?;
    let length = tx.chain_end().await?.map_or(0, |end| end.seq);
    let bar = std::io::stderr()
        .is_terminal()
        .then(|| ProgressBar::new(u64::try_from(length).unwrap_or(0)));
    if let Some(bar) = &bar
        && let Ok(style) = ProgressStyle::with_template("  {msg} {bar:40} {human_pos} of {human_len}, {per_sec}, {eta} left")
    {
        bar.set_style(style);
        bar.set_message(tenant.to_string());
    }
    let progress = |events| {
        if let Some(bar) = &bar {
            bar.set_position(u64::try_from(events).unwrap_or(0));
        }
    };
    let verdict = tx.verify_chain(anchors, progress).await?;
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let wrong = verdict
        .broken
        .as_ref()
        .map(|broken| format!("event {}: {}", broken.seq, broken.problem));
    let mut report = ChainReport::of(tenant.to_string(), &verdict, wrong, began.elapsed());
    if args.state {
        let state = state::compare(store, &mut tx).await?;
        report.ok &= state.altered == 0;
        report.state = Some(state);
    }
    tx.commit().await?;
    if args.record {
        let mut tx = store.begin(&store.scope(&tenant)).await?;
        tx.record(&[verdict.event(store.actor(), clock::now())])
            .await
            .with_context(|| format!("the verification of {tenant} cannot be recorded"))?;
        tx.commit().await?;
    }
    Ok(report)
}

impl ChainReport {
    fn of(tenant: String, verdict: &Verdict, wrong: Option<String>, took: Duration) -> Self {
        let events = u128::try_from(verdict.events).unwrap_or(0);
        let rate = events * 1_000_000 / took.as_micros().max(1);
        Self {
            tenant,
            ok: wrong.is_none(),
            events: verdict.events,
            head: verdict.end.into(),
            first_invalid: verdict.broken.as_ref().map(|broken| broken.seq),
            problem: wrong,
            events_per_second: u64::try_from(rate).unwrap_or(u64::MAX),
            state: None,
        }
    }

    /// A chain that has anchors and no tenant.
    fn gone(tenant: &TenantId) -> Self {
        let verdict = Verdict {
            events: 0,
            end: Point::START,
            broken: None,
        };
        let wrong = "there are anchors of this tenant, and the tenant is gone".to_owned();
        Self::of(tenant.to_string(), &verdict, Some(wrong), Duration::ZERO)
    }

    fn sentence(&self) -> String {
        let Self {
            tenant,
            events,
            head,
            events_per_second,
            ..
        } = self;
        match &self.problem {
            None => format!(
                "[OK] {tenant}: {events} events are sound, head {}:{} ({events_per_second} events/s)",
                head.seq, head.hash
            ),
            Some(problem) => format!("[BROKEN] {tenant}: {problem}. {events} events before it are sound"),
        }
    }
}
