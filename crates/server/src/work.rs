//! Work on stored exceptions: one decision at a time, each in a transaction of its own that holds the tenant's chain.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ids::ExceptionId,
    pack::Pack,
    work::{Actor, Case, Command, Decision, Refused, decide, tick},
};
use store::{
    Store, StoreError, TenantScope, TenantTx,
    exceptions::{Current, ExceptionDetail, Writing},
};

use crate::{
    packs::{NoPack, Packs},
    skew::Skew,
};

/// Most exceptions whose clocks are told about in one transaction.
const MOST_ALARMS: u32 = 500;
/// When clocks are looked at again whose pack cannot be read.
const UNREADABLE_PACK: TimeDelta = TimeDelta::minutes(15);
/// How often a transaction that lost against another is tried again.
const MAX_TRIES: u32 = 5;

/// Why a command was not carried out.
#[derive(Debug)]
pub enum NotDone {
    /// There is no such exception.
    NotFound,
    /// It has changed since the caller looked.
    Stale {
        /// Its version now.
        version: i64,
    },
    /// The domain refused.
    Refused(Refused),
    /// There is no pack to decide by.
    NoPack(NoPack),
    /// The store failed.
    Failed(StoreError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        NotDone::Failed(error)
    }
}

impl From<NoPack> for NotDone {
    fn from(error: NoPack) -> Self {
        NotDone::NoPack(error)
    }
}

/// A command that was carried out.
#[derive(Debug)]
pub struct Done {
    pub decision: Decision,
    /// The exception afterwards.
    pub detail: ExceptionDetail,
}

/// Carries commands out.
#[derive(Debug, Clone)]
pub struct Work {
    store: Store,
    packs: Arc<Packs>,
    skew: Arc<Skew>,
}

/// A command on one exception.
#[derive(Debug, Clone, Copy)]
pub struct Order<'o> {
    pub exception_id: &'o str,
    pub command: &'o Command,
    pub by: &'o Actor,
    /// The versions one of which the caller saw, where they say so.
    pub seen: Option<&'o [i64]>,
    /// Now (UTC).
    pub at: DateTime<Utc>,
}

impl Work {
    /// Over a store.
    pub fn new(store: Store, packs: Arc<Packs>) -> Self {
        Self {
            store,
            packs,
            skew: Arc::default(),
        }
    }

    /// Begins a transaction of a tenant, to work on its exceptions.
    pub async fn begin(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        self.store.begin_writing(scope).await
    }

    /// Carries out a command.
    pub async fn carry_out(&self, scope: &TenantScope, order: Order<'_>) -> Result<Done, NotDone> {
        let mut tries = 1;
        loop {
            match self.try_to(scope, order).await {
                Err(NotDone::Failed(StoreError::Conflict(_))) if tries < MAX_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_to(&self, scope: &TenantScope, order: Order<'_>) -> Result<Done, NotDone> {
        let mut tx = self.store.begin_writing(scope).await?;
        let mut writing = tx.write().await?;
        let current = writing
            .current(&[order.exception_id.to_owned()])
            .await?
            .pop()
            .ok_or(NotDone::NotFound)?;
        if let Some(seen) = order.seen
            && !seen.contains(&current.standing.version)
        {
            return Err(NotDone::Stale {
                version: current.standing.version,
            });
        }
        let decision = self.decide(&mut writing, &current, order).await?;
        writing.record(std::slice::from_ref(&decision)).await?;
        done(tx, decision).await
    }

    /// Decides about one of the exceptions that were read.
    pub async fn decide(&self, writing: &mut Writing<'_>, current: &Current, order: Order<'_>) -> Result<Decision, NotDone> {
        self.skew.report(current.last_event_at, order.at);
        let pack = self.pack(current).await?;
        let mut case = case(current, &pack);
        // What is no id is nobody's: the database is not asked with what it cannot read.
        if let Command::Link { parent } = order.command
            && parent.parse::<ExceptionId>().is_ok()
        {
            case.parent_is_part = writing.kin(parent).await?.map(|(is_part, _)| is_part);
            case.has_parts = writing.kin(order.exception_id).await?.is_some_and(|(_, has_parts)| has_parts);
        }
        decide(&case, order.command, order.by, order.at).map_err(NotDone::Refused)
    }

    /// Claims the most urgent exception of a queue that nobody has.
    pub async fn next(&self, scope: &TenantScope, queue: &str, by: &Actor, at: DateTime<Utc>) -> Result<Option<Done>, NotDone> {
        let mut tx = self.store.begin_writing(scope).await?;
        let mut writing = tx.write().await?;
        let Some(current) = writing.next_in(queue, at).await? else {
            return Ok(None);
        };
        let order = Order {
            exception_id: &current.standing.exception_id,
            command: &Command::Claim,
            by,
            seen: None,
            at,
        };
        let decision = self.decide(&mut writing, &current, order).await?;
        writing.record(std::slice::from_ref(&decision)).await?;
        done(tx, decision).await.map(Some)
    }

    /// Tells what clocks of a tenant have to tell; how many there were, at most [`MOST_ALARMS`]. None where somebody holds its chain.
    pub async fn ring(&self, scope: &TenantScope, at: DateTime<Utc>) -> Result<Option<usize>, NotDone> {
        let mut tx = self.store.begin(scope).await?;
        // The chain may be held for long, and others have clocks as well.
        let Some(mut writing) = tx.write_soon().await? else {
            return Ok(None);
        };
        let current = writing.alarmed(at, MOST_ALARMS).await?;
        let mut decisions = Vec::with_capacity(current.len());
        let mut unreadable = Vec::new();
        for current in &current {
            self.skew.report(current.last_event_at, at);
            match self.pack(current).await {
                Ok(pack) => decisions.extend(tick(&case(current, &pack), at)),
                Err(NotDone::NoPack(NoPack::Unusable(domain, version, why))) => {
                    tracing::error!(%domain, %version, %why, "clocks wait: their pack cannot be read");
                    unreadable.push(current.standing.exception_id.clone());
                }
                Err(failed) => return Err(failed),
            }
        }
        if !unreadable.is_empty() {
            writing.postpone(&unreadable, at + UNREADABLE_PACK).await?;
        }
        writing.record(&decisions).await?;
        tx.commit().await?;
        Ok(Some(decisions.len()))
    }

    async fn pack(&self, current: &Current) -> Result<Arc<Pack>, NotDone> {
        Ok(self
            .packs
            .version(&self.store, &current.domain, current.standing.worked_under())
            .await?)
    }
}

/// Commits what was decided. The exception is read before: who has done something must not be told that the database is too busy to show it.
async fn done(mut tx: TenantTx, decision: Decision) -> Result<Done, NotDone> {
    let detail = tx.exception(&decision.now.exception_id).await?.ok_or(NotDone::NotFound)?;
    tx.commit().await?;
    Ok(Done { decision, detail })
}

fn case<'c>(current: &'c Current, pack: &'c Pack) -> Case<'c> {
    Case {
        standing: current.standing.clone(),
        pack,
        parent_is_part: None,
        has_parts: false,
        last_event_at: current.last_event_at,
    }
}
