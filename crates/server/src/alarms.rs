//! The clock of the installation: tells what the clocks of exceptions have to tell, within a second of its time. Any number of servers may
//! do so: whoever takes a tenant's chain first tells it, the others find nothing left.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::ids::TenantId;
use futures::{StreamExt, stream::FuturesUnordered};
use store::{Store, TenantScope, bounded};
use tokio::time::{MissedTickBehavior, interval};

use crate::{clock::Clock, packs::Packs, work::Work};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(250);
/// Tenants whose clocks are told at once. One whose chain is held for long delays no other.
const AT_ONCE: usize = 4;

/// Watches until it is dropped.
pub async fn run(store: Store, clock: Clock, packs: Arc<Packs>) {
    let work = Work::new(store.clone(), packs);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut ringing, mut busy) = (FuturesUnordered::new(), HashSet::new());
    loop {
        tokio::select! {
            Some(told) = ringing.next(), if !ringing.is_empty() => {
                busy.remove(&told);
            }
            _ = ticks.tick() => match bounded(store.alarmed(clock.now())).await {
                Ok(tenants) => {
                    for tenant in tenants {
                        if busy.len() < AT_ONCE && busy.insert(tenant.tenant().clone()) {
                            ringing.push(ring(&work, &clock, tenant));
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "clocks are not watched"),
            },
        }
    }
}

async fn ring(work: &Work, clock: &Clock, tenant: TenantScope) -> TenantId {
    if let Err(error) = bounded(work.ring(&tenant, clock.now())).await {
        tracing::warn!(?error, tenant = %tenant.tenant(), "clocks were not told");
    }
    tenant.tenant().clone()
}
