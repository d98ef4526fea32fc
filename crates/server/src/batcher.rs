//! Group commit: requests of one tenant that arrive while a transaction commits share the next one.
//!
//! Nobody waits for company: an idle tenant's request is stored at once, and under load the batches grow by themselves.
//! Each tenant has a worker and a bounded queue of its own, so that a slow tenant never delays another. A worker has a connection only while
//! it stores a batch, and all workers together leave some to other writers. None waits for the disk: it goes on with the next batch while
//! one flush makes those of all tenants durable, and only then are their requests answered.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    ids::TenantId,
    reception::{Arriving, Refusal},
};
use store::{Life, Store, StoreError, TenantScope, bounded, exceptions::Received};
use tokio::sync::{
    Semaphore,
    mpsc::{self, error::TrySendError},
    oneshot, watch,
};

/// Most exceptions of one transaction, unless a single request brings more.
const MAX_BATCH: usize = 512;
/// Most requests of a tenant that wait; more are told to come back.
const MAX_WAITING: usize = 1024;
/// Connections that write which are left to others than the workers, if there are more.
const LEFT_TO_OTHERS: usize = 4;
/// Most batches that wait for the disk.
const MAX_FLUSHED: usize = 64;
/// How long new search terms gather before they are sorted in.
const SETTLE_PAUSE: Duration = Duration::from_secs(1);
/// How long a tenant's worker waits for work before it ends.
const IDLE: Duration = Duration::from_secs(30);
/// Most tries of a transaction that lost against another or found the chain locked.
const MAX_TRIES: u32 = 5;

/// Why a request was not stored.
#[derive(Debug, Clone)]
pub enum NotStored {
    /// Too many requests of this tenant wait already.
    QueueFull,
    /// The store failed; the requests of the batch share the reason.
    Failed(Arc<StoreError>),
}

type Reply = oneshot::Sender<Result<Vec<Received>, NotStored>>;

/// Memory that items take, given back when it is dropped.
pub type Memory = Arc<dyn Any + Send + Sync>;

struct Request {
    items: Vec<Arriving>,
    reply: Reply,
    /// Theirs, whether or not the client waits for the answer.
    memory: Option<Memory>,
}

/// A batch that is committed but not yet durable.
struct Stored {
    life: Life,
    answers: Vec<(Reply, Vec<Received>)>,
}

impl Stored {
    /// Tells the requests of the batch what a flush did for it.
    fn answer(self, flushed: &Result<Life, Arc<StoreError>>) {
        let lost = match flushed {
            Ok(life) if *life == self.life => None,
            // The database ended after the commit; nobody knows whether the batch came back with it.
            Ok(_) => Some(Arc::new(StoreError::Interrupted)),
            Err(error) => Some(Arc::clone(error)),
        };
        for (reply, receipts) in self.answers {
            let answer = match &lost {
                None => Ok(receipts),
                Some(error) => Err(NotStored::Failed(Arc::clone(error))),
            };
            // A client that has gone gets no answer; its exceptions are stored all the same.
            drop(reply.send(answer));
        }
    }
}

/// Stores what requests bring, in batches per tenant.
#[derive(Debug)]
pub struct Batcher {
    queues: Mutex<HashMap<TenantId, mpsc::Sender<Request>>>,
    writer: Writer,
}

/// State shared by the workers of all tenants.
#[derive(Debug, Clone)]
struct Writer {
    store: Store,
    /// One for each transaction that may be open at a time.
    turns: Arc<Semaphore>,
    flushes: mpsc::Sender<Stored>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "request with {} exceptions", self.items.len())
    }
}

impl Batcher {
    /// A batcher over a store.
    pub fn new(store: Store) -> Self {
        let (flushes, stored) = mpsc::channel(MAX_FLUSHED);
        #[expect(clippy::disallowed_methods, reason = "ends with the batcher and its workers")]
        tokio::spawn(flush(store.clone(), stored));
        let turns = store.writers().saturating_sub(LEFT_TO_OTHERS).max(1);
        let turns = Arc::new(Semaphore::new(turns));
        Self {
            queues: Mutex::default(),
            writer: Writer { store, turns, flushes },
        }
    }

    /// Stores the items of a request; answers once they are durable. One receipt per item, in order.
    /// Their memory counts as taken until then, also where nobody waits for the answer any more.
    pub async fn store(&self, scope: &TenantScope, items: Vec<Arriving>, memory: Option<Memory>) -> Result<Vec<Received>, NotStored> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.enqueue(scope, Request { items, reply, memory })?;
        // A worker that vanished without answering was ended with the process.
        answer.await.unwrap_or(Err(NotStored::QueueFull))
    }

    fn enqueue(&self, scope: &TenantScope, request: Request) -> Result<(), NotStored> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = match queues.get(scope.tenant()) {
            Some(queue) => queue.try_send(request),
            None => Err(TrySendError::Closed(request)),
        };
        match sent {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(NotStored::QueueFull),
            // There is no worker yet, or it was idle and ended.
            Err(TrySendError::Closed(request)) => {
                let (queue, requests) = mpsc::channel(MAX_WAITING);
                // An empty queue takes one request.
                drop(queue.try_send(request));
                queues.retain(|_, queue| !queue.is_closed());
                queues.insert(scope.tenant().clone(), queue);
                #[expect(clippy::disallowed_methods, reason = "ends when idle, or with the batcher")]
                tokio::spawn(work(self.writer.clone(), scope.clone(), requests));
                Ok(())
            }
        }
    }
}

/// A tenant's worker: takes what waits, stores it and hands it on to be flushed, until nothing came for a while.
async fn work(writer: Writer, scope: TenantScope, mut requests: mpsc::Receiver<Request>) {
    while let Ok(Some(first)) = tokio::time::timeout(IDLE, requests.recv()).await {
        writer.store_batch(&scope, gather(first, &mut requests)).await;
    }
    requests.close();
    // What slipped in before the queue closed.
    while let Some(first) = requests.recv().await {
        writer.store_batch(&scope, gather(first, &mut requests)).await;
    }
}

fn gather(first: Request, requests: &mut mpsc::Receiver<Request>) -> Vec<Request> {
    let mut size = first.items.len();
    let mut batch = vec![first];
    while size < MAX_BATCH {
        let Ok(next) = requests.try_recv() else { break };
        size += next.items.len();
        batch.push(next);
    }
    batch
}

impl Writer {
    /// Stores a batch in one transaction, or what can be stored of it.
    async fn store_batch(&self, scope: &TenantScope, batch: Vec<Request>) {
        let sizes: Vec<usize> = batch.iter().map(|request| request.items.len()).collect();
        let (mut items, mut replies) = (Vec::with_capacity(sizes.iter().sum()), Vec::with_capacity(batch.len()));
        let mut memory = Vec::with_capacity(batch.len());
        for request in batch {
            items.extend(request.items);
            replies.push(request.reply);
            memory.extend(request.memory);
        }
        let stored = match self.transact(scope, &items).await {
            Ok((life, receipts)) => Ok((Some(life), receipts)),
            Err(StoreError::Bug(_)) => self.salvage(scope, &items).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok((life, receipts)) => {
                let mut receipts = receipts.into_iter();
                let answers = sizes.into_iter().zip(replies);
                let answers = answers.map(|(size, reply)| (reply, receipts.by_ref().take(size).collect()));
                let answers: Vec<(Reply, Vec<Received>)> = answers.collect();
                match life {
                    // Waits where the disk cannot follow.
                    Some(life) => drop(self.flushes.send(Stored { life, answers }).await),
                    None => answers.into_iter().for_each(|(reply, receipts)| drop(reply.send(Ok(receipts)))),
                }
            }
            Err(error) => fail(replies, error),
        }
    }

    /// Stores what the database takes of items of which it refuses some, in ever smaller transactions: a bad item never fails its neighbours,
    /// whoever sent them. The life of the database is `None` where nothing is stored.
    async fn salvage(&self, scope: &TenantScope, items: &[Arriving]) -> Result<(Option<Life>, Vec<Received>), StoreError> {
        let (mut life, mut receipts) = (None, Vec::with_capacity(items.len()));
        // The next ones are last.
        let mut parts = vec![items];
        while let Some(part) = parts.pop() {
            // All of them are known to be refused together.
            let tried = match part.len() {
                len if len == items.len() && len > 1 => None,
                _ => Some(self.transact(scope, part).await),
            };
            match tried {
                Some(Ok((of, stored))) => {
                    if life.replace(of).is_some_and(|before| before != of) {
                        return Err(StoreError::Interrupted);
                    }
                    receipts.extend(stored);
                }
                Some(Err(StoreError::Bug(why))) if part.len() == 1 => {
                    tracing::error!(tenant = %scope.tenant(), %why, "the database refuses an exception");
                    receipts.push(Err(Refusal::NotStorable));
                }
                None | Some(Err(StoreError::Bug(_))) => {
                    let (first, rest) = part.split_at(part.len() / 2);
                    parts.extend([rest, first]);
                }
                Some(Err(error)) => return Err(error),
            }
        }
        Ok((life, receipts))
    }

    async fn transact(&self, scope: &TenantScope, items: &[Arriving]) -> Result<(Life, Vec<Received>), StoreError> {
        let mut tries = 1;
        loop {
            match bounded(self.try_transact(scope, items)).await {
                // Those of other tenants take turns meanwhile.
                Err(error) if tries < MAX_TRIES && (matches!(error, StoreError::Conflict(_)) || error.is_locked()) => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_transact(&self, scope: &TenantScope, items: &[Arriving]) -> Result<(Life, Vec<Received>), StoreError> {
        // Nobody closes it.
        let _turn = self.turns.acquire().await;
        let (life, mut tx) = self.store.begin_unflushed(scope).await?;
        let receipts = tx.receive(items).await?;
        tx.commit().await?;
        Ok((life, receipts))
    }
}

/// Makes batches of all tenants durable, as many at a time as have come, and answers their requests.
async fn flush(store: Store, mut stored: mpsc::Receiver<Stored>) {
    let (news, new_terms) = watch::channel(());
    #[expect(clippy::disallowed_methods, reason = "ends with this task, which holds the other end")]
    tokio::spawn(settle_terms(store.clone(), new_terms));
    let mut batches = Vec::new();
    while stored.recv_many(&mut batches, MAX_FLUSHED).await > 0 {
        let flushed = store.flush().await;
        news.send_replace(());
        let flushed = flushed.map_err(Arc::new);
        for batch in batches.drain(..) {
            batch.answer(&flushed);
        }
    }
}

/// Sorts the search terms of new exceptions in, while more may come.
async fn settle_terms(store: Store, mut new_terms: watch::Receiver<()>) {
    while new_terms.changed().await.is_ok() {
        if let Err(error) = bounded(store.settle_terms()).await {
            tracing::warn!(%error, "search terms wait to be sorted in");
        }
        tokio::time::sleep(SETTLE_PAUSE).await;
    }
}

fn fail(replies: impl IntoIterator<Item = Reply>, error: StoreError) {
    let error = Arc::new(error);
    for reply in replies {
        drop(reply.send(Err(NotStored::Failed(Arc::clone(&error)))));
    }
}
