//! The clock of the installation: tells what the clocks of exceptions have to tell, within a second of its time. Any number of servers may
//! do so: whoever takes a tenant's chain first tells it, the others find nothing left.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::ids::TenantId;
use futures::{StreamExt, stream::FuturesUnordered};
use store::{Store, TenantScope, bounded};
use tokio::time::{MissedTickBehavior, interval};

use crate::{clock::Clock, packs::Packs, work::Work};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(250);
/// Tenants whose timers run at a time.
const AT_ONCE: usize = 4;

/// Watches until it is dropped.
///
/// Tenants take turns, and one whose chain is held gives its turn up within a moment: it comes again behind all others.
pub async fn run(store: Store, clock: Clock, packs: Arc<Packs>) {
    let work = Work::new(store.clone(), packs);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut ringing, mut waiting, mut known) = (FuturesUnordered::new(), VecDeque::<TenantScope>::new(), HashSet::new());
    loop {
        tokio::select! {
            Some(told) = ringing.next(), if !ringing.is_empty() => {
                known.remove(&told);
            }
            _ = ticks.tick() => match bounded(store.alarmed(clock.now())).await {
                Ok(tenants) => waiting.extend(tenants.into_iter().filter(|tenant| known.insert(tenant.tenant().clone()))),
                Err(error) => tracing::warn!(%error, "clocks are not watched"),
            },
        }
        while ringing.len() < AT_ONCE
            && let Some(tenant) = waiting.pop_front()
        {
            ringing.push(ring(&work, &clock, tenant));
        }
    }
}

async fn ring(work: &Work, clock: &Clock, tenant: TenantScope) -> TenantId {
    match bounded(work.ring(&tenant, clock.now())).await {
        Ok(Some(_)) => {}
        Ok(None) => tracing::debug!(tenant = %tenant.tenant(), "clocks wait: somebody holds the chain"),
        Err(error) => tracing::warn!(?error, tenant = %tenant.tenant(), "clocks were not told"),
    }
    tenant.tenant().clone()
}
