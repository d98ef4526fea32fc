//! The clock of the installation: tells what the clocks of exceptions have to tell, within a second of its time. Any number of servers may
//! do so: whoever takes a tenant's chain first tells it, the others find nothing left.

mod timers;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::ids::TenantId;
use futures::{Stream, StreamExt, stream::FuturesUnordered};
use store::{Store, TenantScope, bounded};
use tokio::time::{MissedTickBehavior, interval};

use self::timers::{Ask, Timers};
use crate::{clock::Clock, packs::Packs, work::Work};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(250);
/// Tenants whose timers run at a time.
const AT_ONCE: usize = 4;

/// Watches until it is dropped. `changes` names tenants in which something changed, and `None` where that may have been missed.
///
/// Tenants take turns, and one whose chain is held gives its turn up within a moment: it comes again behind all others.
pub async fn run(store: Store, clock: Clock, packs: Arc<Packs>, changes: impl Stream<Item = Option<TenantId>>) {
    let work = Work::new(store.clone(), packs);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changes = std::pin::pin!(changes.fuse());
    let (mut timers, mut ringing) = (Timers::default(), FuturesUnordered::new());
    let (mut waiting, mut known) = (VecDeque::<TenantScope>::new(), HashSet::new());
    loop {
        tokio::select! {
            Some(told) = ringing.next(), if !ringing.is_empty() => {
                known.remove(&told);
                timers.changed(told);
            }
            Some(hint) = changes.next() => match hint {
                Some(tenant) => timers.changed(tenant),
                None => timers.forget(),
            },
            _ = ticks.tick() => {
                if let Err(error) = look(&store, &clock, &mut timers).await {
                    tracing::warn!(%error, "clocks are not watched");
                    timers.forget();
                }
                waiting.extend(timers.due(clock.now()).filter(|tenant| known.insert(tenant.tenant().clone())).cloned());
            }
        }
        while ringing.len() < AT_ONCE
            && let Some(tenant) = waiting.pop_front()
        {
            ringing.push(ring(&work, &clock, tenant));
        }
    }
}

/// Asks the database where it must.
async fn look(store: &Store, clock: &Clock, timers: &mut Timers) -> Result<(), store::StoreError> {
    match timers.ask(clock.now()) {
        Ask::Nothing => {}
        Ask::All => timers.learn_all(bounded(store.next_timers(None)).await?),
        Ask::Of(tenants) => {
            let next = bounded(store.next_timers(Some(&tenants))).await?;
            timers.learn(&tenants, next);
        }
    }
    Ok(())
}

async fn ring(work: &Work, clock: &Clock, tenant: TenantScope) -> TenantId {
    match bounded(work.ring(&tenant, clock.now())).await {
        Ok(Some(_)) => {}
        Ok(None) => tracing::debug!(tenant = %tenant.tenant(), "clocks wait: somebody holds the chain"),
        Err(error) => tracing::warn!(?error, tenant = %tenant.tenant(), "clocks were not told"),
    }
    tenant.tenant().clone()
}
