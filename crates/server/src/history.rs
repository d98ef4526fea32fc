//! Writing a seeded history, as the owner of the tables: it is in the past, where no request may write. Called by `sentinai seed --history`.
//!
//! One transaction, so a history is there whole or not at all. It holds the tenant's chain: no server tells a clock of the past as if it
//! were late now, and what sources send to this tenant meanwhile waits, or is told to come back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{event::EventKind, ids::TenantId, lived::Lived, pack::Pack};
use seeding::{Figures, HistoryFault, Life, SeedRun, Seeder};
use serde_json::json;
use store::{OwnerStore, StoreError, TenantTx, tenant_event};

/// Steps that are written at once.
const STEPS: usize = 5_000;
/// Ids that are looked up at once.
const IDS: usize = 10_000;

/// What to write.
#[derive(Debug, Clone)]
pub struct Order {
    /// What arises: exceptions of this seed, tenant, count and end.
    pub run: SeedRun,
    /// Over how many days.
    pub days: u16,
    /// Now (UTC), for the event that tells who wrote it.
    pub at: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug)]
pub enum Written {
    /// It is there now.
    New(Box<Figures>),
    /// Its exceptions were all there before; nothing was added.
    Before,
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotWritten {
    #[error(transparent)]
    Fault(#[from] HistoryFault),
    #[error("{stored} of its {all} exceptions are stored already: the same --seed and --as-of, but a larger --count or --history")]
    Partly { stored: i64, all: usize },
    #[error("the database failed, and nothing of the history was written")]
    Failed(#[from] StoreError),
}

/// Writes a history. `progress` is told about each exception that was received.
pub async fn write(
    owner: &OwnerStore,
    tenant: &TenantId,
    pack: &Arc<Pack>,
    order: &Order,
    progress: impl FnMut(),
) -> Result<Written, NotWritten> {
    let seeder = Seeder::new(pack.document()).map_err(HistoryFault::from)?;
    let life = seeder.live(pack, &order.run, order.days).map_err(HistoryFault::from)?;
    let mut tx = owner.begin(&owner.scope(tenant)).await?;
    // From here on nobody else writes for this tenant.
    let mut writing = tx.write().await?;
    let (ids, mut stored) = (life.ids(), 0);
    for ids in ids.chunks(IDS) {
        stored += writing.taken(ids).await?;
    }
    if stored > 0 && usize::try_from(stored) == Ok(ids.len()) {
        return Ok(Written::Before);
    }
    if stored > 0 {
        return Err(NotWritten::Partly { stored, all: ids.len() });
    }
    tx.add_members(&life.members(), order.at).await?;
    let figures = relate(&mut tx, life, progress).await?;
    let told = json!({"seed": order.run.seed, "asOf": order.run.as_of, "days": order.days, "exceptions": figures.exceptions});
    tx.record(&[tenant_event(EventKind::HistorySeeded, owner.actor(), order.at, &told)])
        .await?;
    tx.commit().await?;
    Ok(Written::New(Box::new(figures)))
}

async fn relate(tx: &mut TenantTx, mut life: Life<'_, '_>, mut progress: impl FnMut()) -> Result<Figures, NotWritten> {
    loop {
        let lived = life.by_ref().take(STEPS).collect::<Result<Vec<Lived>, HistoryFault>>()?;
        if lived.is_empty() {
            return Ok(life.figures());
        }
        tx.write().await?.relate(&lived).await?;
        let received = lived.iter().filter(|lived| matches!(lived, Lived::Received { .. }));
        received.for_each(|_| progress());
    }
}
