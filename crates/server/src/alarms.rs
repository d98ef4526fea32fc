//! The clock of the installation: tells what the clocks of exceptions have to tell, within a second of its time. Any number of servers may
//! do so: whoever takes a tenant's chain first tells it, the others find nothing left.

use std::{sync::Arc, time::Duration};

use store::{Store, TenantScope};
use tokio::time::{MissedTickBehavior, interval};

use crate::{clock, packs::Packs, work::Work};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(250);

/// Watches until it is dropped.
pub async fn run(store: Store, packs: Arc<Packs>) {
    let work = Work::new(store.clone(), packs);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.alarmed(clock::now()).await {
            Ok(tenants) => {
                for tenant in &tenants {
                    ring(&work, tenant).await;
                }
            }
            Err(error) => tracing::warn!(%error, "clocks are not watched"),
        }
    }
}

async fn ring(work: &Work, tenant: &TenantScope) {
    if let Err(error) = work.ring(tenant, clock::now()).await {
        tracing::warn!(?error, tenant = %tenant.tenant(), "clocks were not told");
    }
}
