//! Writes into the chains what callers did beside sending and working exceptions: what they read, and what they were refused.
//!
//! Nobody waits for the database here. A read is queued and written within a moment, in batches; when the queue is full the read is
//! refused, so that none goes unrecorded. Refusals are counted and told at most once a minute per tenant, so that nobody floods a chain.
//! A few transactions run at a time, each of another tenant: one whose chain is held does not hold up the others.

mod refusals;
mod waiting;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    event::{EventKind, NewEvent},
    ids::TenantId,
};
use serde::Serialize;
use serde_json::json;
use store::{Store, StoreError, bounded, tenant_event};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::refusals::Refusal;
use self::{refusals::Refusals, waiting::Waiting};
use crate::{clock::Clock, lock::lock};

/// Most transactions at a time, and so most connections that held chains can take.
const MAX_WRITES: usize = 4;
/// Repeated views of one object by the same actor are one event within this time.
const OBJECT_COUNTS: TimeDelta = TimeDelta::hours(1);
/// The same of lists of a kind.
const LIST_COUNTS: TimeDelta = TimeDelta::minutes(1);
/// Most views that are remembered; a forgotten one is recorded again.
const MAX_VIEWS: usize = 20_000;
/// How often counted refusals are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How long a batch that could not be written waits to be tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotRecorded;

#[derive(Debug, PartialEq, Eq, Hash)]
struct View {
    tenant: TenantId,
    actor: String,
    subject: Subject,
}

/// What somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An exception, by id.
    Exception(String),
    /// A quarantined object, by id.
    Quarantined(String),
    /// Lists of a kind, searches and counts included.
    List(List),
}

/// A kind of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// Exceptions.
    Exceptions,
    /// Requests for a second person.
    Approvals,
    /// Bulk runs.
    Bulk,
    /// Quarantined objects.
    Quarantine,
    /// The chain.
    Audit,
}

impl Subject {
    /// How long views of it are one event.
    fn counts(&self) -> TimeDelta {
        match self {
            Subject::Exception(_) | Subject::Quarantined(_) => OBJECT_COUNTS,
            Subject::List(_) => LIST_COUNTS,
        }
    }

    fn event(&self, actor: &str, at: DateTime<Utc>, fields: &BTreeMap<String, u64>) -> NewEvent {
        let data = match self {
            Subject::Exception(_) => json!({}),
            Subject::Quarantined(id) => json!({"quarantineId": id}),
            Subject::List(list) => json!({"list": list, "fields": fields}),
        };
        let mut event = tenant_event(EventKind::Viewed, actor, at, &data);
        if let Subject::Exception(id) = self {
            id.clone_into(&mut event.exception_id);
        }
        event
    }
}

/// Records what callers did.
#[derive(Debug)]
pub struct Recorder {
    views: Mutex<HashMap<View, DateTime<Utc>>>,
    shared: Arc<Shared>,
    clock: Clock,
    /// Lets the task end that writes, once everything is written.
    _ended: DropGuard,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    refusals: Refusals,
    /// There is something to write.
    news: Notify,
    /// Everything is written.
    written: Notify,
}

impl Recorder {
    /// A recorder over a store.
    pub fn new(store: Store, clock: Clock) -> Self {
        let shared = Arc::<Shared>::default();
        let ended = CancellationToken::new();
        #[expect(clippy::disallowed_methods, reason = "ends with the recorder, when everything is written")]
        tokio::spawn(write(store, clock.clone(), Arc::clone(&shared), ended.clone()));
        Self {
            views: Mutex::default(),
            shared,
            clock,
            _ended: ended.drop_guard(),
        }
    }

    /// Somebody reads personal data: which fields, and of how many rows. To be called before it is shown.
    pub fn viewed(
        &self,
        tenant: &TenantId,
        actor: String,
        (subject, fields): (Subject, &BTreeMap<String, u64>),
        at: DateTime<Utc>,
    ) -> Result<(), NotRecorded> {
        let view = View {
            tenant: tenant.clone(),
            actor,
            subject,
        };
        let mut views = lock(&self.views);
        if views.get(&view).is_some_and(|last| at - *last < view.subject.counts()) {
            return Ok(());
        }
        let event = view.subject.event(&view.actor, at, fields);
        lock(&self.shared.waiting).push(tenant, event)?;
        self.shared.news.notify_one();
        if views.len() >= MAX_VIEWS {
            views.clear();
        }
        views.insert(view, at);
        Ok(())
    }

    /// Somebody was refused.
    pub fn refused(&self, tenant: &TenantId, refusal: Refusal, by: &str, at: DateTime<Utc>) {
        self.shared.refusals.count(tenant, refusal, by, at);
    }

    /// Writes everything that was recorded until now: before the process ends.
    pub async fn flush(&self) {
        self.shared.tell(self.shared.refusals.all(self.clock.now()));
        loop {
            let written = self.shared.written.notified();
            if lock(&self.shared.waiting).is_empty() {
                return;
            }
            written.await;
        }
    }
}

impl Shared {
    fn tell(&self, refusals: Vec<(TenantId, NewEvent)>) {
        let mut waiting = lock(&self.waiting);
        for (tenant, event) in refusals {
            waiting.add(&tenant, event);
        }
        self.news.notify_one();
    }
}

/// Writes what comes, until the recorder is gone.
async fn write(store: Store, clock: Clock, shared: Arc<Shared>, ended: CancellationToken) {
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut writes = JoinSet::new();
    let mut ending = false;
    loop {
        tokio::select! {
            () = shared.news.notified() => {}
            _ = tick.tick() => shared.tell(shared.refusals.due(clock.now())),
            Some(done) = writes.join_next() => if let Ok((tenant, unwritten)) = done {
                lock(&shared.waiting).done(tenant, unwritten);
            },
            () = ended.cancelled(), if !ending => {
                ending = true;
                shared.tell(shared.refusals.all(clock.now()));
            }
        }
        while writes.len() < MAX_WRITES
            && let Some((tenant, batch)) = lock(&shared.waiting).take()
        {
            writes.spawn(write_batch(store.clone(), tenant, batch));
        }
        if lock(&shared.waiting).is_empty() {
            shared.written.notify_waiters();
            if ending {
                return;
            }
        }
    }
}

/// Writes a batch, and gives back what is to be tried again. The queue fills meanwhile; when it is full, reads are refused.
async fn write_batch(store: Store, tenant: TenantId, batch: Vec<NewEvent>) -> (TenantId, Vec<NewEvent>) {
    match bounded(store.record(&tenant, &batch)).await {
        Ok(()) => (tenant, Vec::new()),
        Err(error @ StoreError::Bug(_)) => {
            tracing::error!(%error, %tenant, events = batch.len(), "events could not be recorded and are lost");
            (tenant, Vec::new())
        }
        Err(error) => {
            tracing::warn!(%error, %tenant, "events wait to be recorded");
            sleep(RETRY).await;
            (tenant, batch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{waiting::MAX_OF_TENANT, *};

    #[tokio::test]
    async fn without_a_database_the_queue_fills_and_then_nothing_is_shown() {
        let nowhere = "postgres://sentinai_app@127.0.0.1:1/none".parse().expect("an address");
        let recorder = Recorder::new(Store::open_as_is(&nowhere, 1).expect("a store"), Clock::default());
        let tenant: TenantId = "T".parse().expect("an id");
        let view = |id: usize| {
            let seen = (Subject::Exception(format!("E-{id}")), &BTreeMap::new());
            recorder.viewed(&tenant, "key:a".into(), seen, DateTime::UNIX_EPOCH)
        };
        let refused = (0..MAX_OF_TENANT * 2).find(|id| view(*id).is_err()).expect("a full queue");
        assert!(refused >= MAX_OF_TENANT);
        assert_eq!(view(0), Ok(()), "what is recorded already may be read again");
        assert_eq!(view(refused), Err(NotRecorded), "what was refused does not count as recorded");
    }
}
