//! Writes into the chains what callers did beside sending and working exceptions: what they read, and what they were refused.
//!
//! Nobody waits for the database here. A read is queued and written within a moment, in batches; when the queue is full the read is
//! refused, so that none goes unrecorded. Refusals are counted and told at most once a minute per tenant, so that nobody floods a chain.

mod refusals;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{ids::TenantId, reception::Occurred};
use store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot};

pub use self::refusals::Refusal;
use self::refusals::Refusals;
use crate::{clock, lock::lock};

/// Most events that wait to be written.
const MAX_WAITING: usize = 4096;
/// Most events of one transaction.
const MAX_BATCH: usize = 512;
/// Repeated views of an exception by the same actor are one event within this time.
const VIEW_COUNTS: TimeDelta = TimeDelta::hours(1);
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
    exception_id: String,
}

enum Message {
    Event(TenantId, Occurred),
    /// Everything before this is to be written; then it answers.
    Flush(oneshot::Sender<()>),
}

/// Records what callers did.
#[derive(Debug)]
pub struct Recorder {
    queue: mpsc::Sender<Message>,
    views: Mutex<HashMap<View, DateTime<Utc>>>,
    refusals: Arc<Refusals>,
}

impl Recorder {
    /// A recorder over a store.
    pub fn new(store: Store) -> Self {
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        let refusals = Arc::<Refusals>::default();
        #[expect(clippy::disallowed_methods, reason = "ends with the recorder, when its queue is written")]
        tokio::spawn(write(store, waiting, Arc::clone(&refusals)));
        Self {
            queue,
            views: Mutex::default(),
            refusals,
        }
    }

    /// Somebody reads an exception with personal data. To be called before it is shown.
    pub fn viewed(&self, tenant: &TenantId, actor: String, exception_id: &str, at: DateTime<Utc>) -> Result<(), NotRecorded> {
        let view = View {
            tenant: tenant.clone(),
            actor: actor.clone(),
            exception_id: exception_id.to_owned(),
        };
        let mut views = lock(&self.views);
        if views.get(&view).is_some_and(|last| at - *last < VIEW_COUNTS) {
            return Ok(());
        }
        let event = Occurred {
            exception_id: exception_id.to_owned(),
            kind: "viewed",
            actor,
            at,
            data: "{}".to_owned(),
        };
        self.queue
            .try_send(Message::Event(tenant.clone(), event))
            .map_err(|_| NotRecorded)?;
        if views.len() >= MAX_VIEWS {
            views.clear();
        }
        views.insert(view, at);
        Ok(())
    }

    /// Somebody was refused.
    pub fn refused(&self, tenant: &TenantId, refusal: Refusal, by: &str, at: DateTime<Utc>) {
        self.refusals.count(tenant, refusal, by, at);
    }

    /// Writes everything that was recorded until now: before the process ends.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            drop(written.await);
        }
    }
}

/// Writes what comes, until the recorder is gone.
async fn write(store: Store, mut waiting: mpsc::Receiver<Message>, refusals: Arc<Refusals>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut messages = Vec::new();
    loop {
        let mut events: HashMap<TenantId, Vec<Occurred>> = HashMap::new();
        let mut flushes = Vec::new();
        let open = tokio::select! {
            count = waiting.recv_many(&mut messages, MAX_BATCH) => count > 0,
            _ = tick.tick() => true,
        };
        for message in messages.drain(..) {
            match message {
                Message::Event(tenant, event) => events.entry(tenant).or_default().push(event),
                Message::Flush(done) => flushes.push(done),
            }
        }
        let due = if open && flushes.is_empty() {
            refusals.due(clock::now())
        } else {
            refusals.all(clock::now())
        };
        for (tenant, event) in due {
            events.entry(tenant).or_default().push(event);
        }
        for (tenant, events) in events {
            write_batch(&store, &tenant, &events).await;
        }
        for done in flushes {
            // Whoever asked may have gone.
            let _: Result<(), ()> = done.send(());
        }
        if !open {
            return;
        }
    }
}

/// Writes a batch, however long the database is away; the queue fills meanwhile, and reads are refused.
async fn write_batch(store: &Store, tenant: &TenantId, events: &[Occurred]) {
    loop {
        match store.record(tenant, events).await {
            Ok(()) => return,
            Err(error @ StoreError::Bug(_)) => {
                tracing::error!(%error, %tenant, events = events.len(), "events could not be recorded and are lost");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, %tenant, "events wait to be recorded");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_database_the_queue_fills_and_then_nothing_is_shown() {
        let nowhere = "postgres://sentinai_app@127.0.0.1:1/none".parse().expect("an address");
        let recorder = Recorder::new(Store::open_as_is(&nowhere, 1).expect("a store"));
        let tenant: TenantId = "T".parse().expect("an id");
        let view = |id: usize| recorder.viewed(&tenant, "key:a".into(), &format!("E-{id}"), DateTime::UNIX_EPOCH);
        let refused = (0..MAX_WAITING * 2).find(|id| view(*id).is_err()).expect("a full queue");
        assert!(refused >= MAX_WAITING);
        assert_eq!(view(0), Ok(()), "what is recorded already may be read again");
        assert_eq!(view(refused), Err(NotRecorded), "what was refused does not count as recorded");
    }
}
