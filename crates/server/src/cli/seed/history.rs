//! The history that `--history` asks for: what it needs is looked at before anything is sent, and it is written after.

use std::{sync::Arc, time::Instant};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use domain::{clock::hours, ids::TenantId, pack::Pack};
use seeding::{Figures, SeedRun};
use store::OwnerStore;

use super::{
    args::{MOST_IN_HISTORY, Order},
    progress::Progress,
};
use crate::{
    cli::{
        api::{
            report::{grouped, say},
            target::Target,
        },
        database::owner_store,
    },
    clock,
    config::Installation,
    history::{self, NotWritten, Written},
};

/// What to do where the database cannot be reached.
const HINT: &str = "a history is written into the database, not through the API: run this where the managed database is, \
    or give its administrator's address with DATABASE_URL; without --history a key is enough";

/// A history that can be written.
pub struct History {
    owner: OwnerStore,
    days: u16,
    packs: Vec<(TenantId, Arc<Pack>)>,
}

/// Looks whether the history that is asked for can be written: none is asked for, it can, or why it cannot.
pub async fn prepare(installation: &Installation, order: &Order, targets: &[Target]) -> anyhow::Result<Option<History>> {
    let Some(days) = order.history else {
        return Ok(None);
    };
    let count = order.in_history(days);
    if count > MOST_IN_HISTORY {
        bail!(
            "--count {} in each of the weeks of --history {days} are {} exceptions; a history has at most {}",
            order.count,
            grouped(count),
            grouped(MOST_IN_HISTORY)
        );
    }
    if order.as_of > clock::now() {
        bail!("--as-of {} is in the future: a history ends before now", order.as_of_text());
    }
    let owner = owner_store(installation).await.context(HINT)?;
    let mut packs = Vec::new();
    for target in targets {
        packs.push((target.tenant.clone(), pack(&owner, &target.tenant).await?));
    }
    Ok(Some(History { owner, days, packs }))
}

/// The pack that a tenant uses.
async fn pack(owner: &OwnerStore, tenant: &TenantId) -> anyhow::Result<Arc<Pack>> {
    let known = owner.tenants().await?.into_iter().find(|known| known.tenant_id == tenant.as_str());
    let Some(known) = known else {
        bail!("there is no tenant {tenant} in this database; is it that of the server? See: sentinai tenant list");
    };
    let mut tx = owner.begin(&owner.scope(tenant)).await?;
    let version = tx.active_pack(&known.domain).await?;
    tx.commit().await?;
    let Some(version) = version else {
        bail!("no pack is active for {tenant}: sentinai pack list, then sentinai pack activate DOMAIN VERSION --tenant {tenant}");
    };
    let document = owner.pack_document(&known.domain, &version).await?.unwrap_or_default();
    let pack = Pack::parse(&document).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the pack {} {version} cannot be used: {}", known.domain, faults.join("; "))
    })?;
    Ok(Arc::new(pack))
}

impl History {
    /// Writes it for all tenants.
    pub async fn write(&self, order: &Order) -> anyhow::Result<()> {
        for (tenant, pack) in &self.packs {
            let count = order.in_history(self.days);
            let ordered = history::Order {
                run: SeedRun {
                    tenant: tenant.to_string(),
                    seed: order.seed,
                    as_of: order.as_of,
                    count,
                },
                days: self.days,
                at: clock::now(),
            };
            let mut progress = Progress::new("of the history written", count).in_tenths();
            let started = Instant::now();
            let written = history::write(&self.owner, tenant, pack, &ordered, || progress.advance()).await;
            drop(progress);
            match written.map_err(|error| told(tenant, error))? {
                Written::New(figures) => say(&summary(tenant, self.days, &figures, started.elapsed().as_secs_f64())),
                Written::Before => say(&format!(
                    "[OK] {tenant}: the {} exceptions of this history are stored already, nothing was added",
                    grouped(count)
                )),
            }
        }
        Ok(())
    }
}

fn told(tenant: &TenantId, error: NotWritten) -> anyhow::Error {
    let fix = match &error {
        NotWritten::Partly { .. } => "choose another --seed",
        NotWritten::Fault(_) => "check its pack with: sentinai pack lint FILE",
        NotWritten::Failed(_) => "the log of the database says more",
    };
    anyhow::Error::new(error).context(format!("there is no history of {tenant}: {fix}"))
}

/// What the history came to.
fn summary(tenant: &TenantId, days: u16, figures: &Figures, seconds: f64) -> String {
    let Figures {
        exceptions,
        resolved,
        open,
        in_progress,
        waiting,
        pending,
        escalated,
        overdue,
        breached,
        ..
    } = *figures;
    let rate = f64::from(exceptions) / seconds.max(0.001);
    let late = 100.0 * f64::from(figures.resolved_late) / f64::from(resolved.max(1));
    let median = hours(figures.median_to_resolve.unwrap_or(TimeDelta::zero()));
    let first = format!(
        "[OK] {tenant}: {} exceptions and {} events of {days} days in {seconds:.2} s ({rate:.0} per second)",
        grouped(exceptions),
        grouped(figures.events)
    );
    [
        first,
        format!("  resolved {resolved}, open {open}, in progress {in_progress}, waiting {waiting}, pending approval {pending}"),
        format!("  of those not resolved escalated {escalated}, overdue {overdue}"),
        format!("  breached {breached}: {late:.1} % of those resolved were late; median time to resolve {median}"),
        format!(
            "  approved {}, refused {}; recurred {}, parts of another {}; comments {}",
            figures.granted, figures.refused, figures.recurred, figures.parts, figures.comments
        ),
    ]
    .join("\n")
}
