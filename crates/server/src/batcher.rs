//! Group commit: requests of one tenant that arrive while a transaction commits share the next one.
//!
//! Nobody waits for company: an idle tenant's request is stored at once, and under load the batches grow by themselves.
//! Each tenant has a worker and a bounded queue of its own, so that a slow tenant never delays another.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{exception::Received, ids::TenantId};
use store::{Store, StoreError, TenantScope, exceptions::Receipt};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

/// Most exceptions of one transaction, unless a single request brings more.
const MAX_BATCH: usize = 512;
/// Most requests of a tenant that wait; more are told to come back.
const MAX_WAITING: usize = 1024;
/// How long a tenant's worker waits for work before it ends.
const IDLE: Duration = Duration::from_secs(30);
/// How often a transaction that lost against another is tried again.
const MAX_TRIES: u32 = 5;

/// Why a request was not stored.
#[derive(Debug, Clone)]
pub enum NotStored {
    /// Too many requests of this tenant wait already.
    QueueFull,
    /// The store failed; the requests of the batch share the reason.
    Failed(Arc<StoreError>),
}

type Reply = oneshot::Sender<Result<Vec<Receipt>, NotStored>>;

struct Request {
    items: Vec<Received>,
    reply: Reply,
}

/// Stores what requests bring, in batches per tenant.
#[derive(Debug)]
pub struct Batcher {
    store: Store,
    queues: Mutex<HashMap<TenantId, mpsc::Sender<Request>>>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "request with {} exceptions", self.items.len())
    }
}

impl Batcher {
    /// A batcher over a store.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            queues: Mutex::default(),
        }
    }

    /// Stores the items of a request; answers once they are durable. One receipt per item, in order.
    pub async fn store(&self, scope: &TenantScope, items: Vec<Received>) -> Result<Vec<Receipt>, NotStored> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.enqueue(scope, Request { items, reply })?;
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
                tokio::spawn(work(self.store.clone(), scope.clone(), requests));
                Ok(())
            }
        }
    }
}

/// A tenant's worker: takes what waits, stores it, answers, until nothing came for a while.
async fn work(store: Store, scope: TenantScope, mut requests: mpsc::Receiver<Request>) {
    while let Ok(Some(first)) = tokio::time::timeout(IDLE, requests.recv()).await {
        store_batch(&store, &scope, gather(first, &mut requests)).await;
    }
    requests.close();
    // What slipped in before the queue closed.
    while let Some(first) = requests.recv().await {
        store_batch(&store, &scope, gather(first, &mut requests)).await;
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

/// Stores a batch in one transaction. If a statement is refused, each request is tried alone: a bad one never fails its neighbours.
async fn store_batch(store: &Store, scope: &TenantScope, batch: Vec<Request>) {
    let sizes: Vec<usize> = batch.iter().map(|request| request.items.len()).collect();
    let (mut items, mut replies) = (Vec::with_capacity(sizes.iter().sum()), Vec::with_capacity(batch.len()));
    for request in batch {
        items.extend(request.items);
        replies.push(request.reply);
    }
    let stored = transact(store, scope, &items).await;
    let alone = matches!(&stored, Err(StoreError::Bug(_))) && replies.len() > 1;
    match stored {
        Ok(receipts) => {
            let mut receipts = receipts.into_iter();
            for (size, reply) in sizes.into_iter().zip(replies) {
                // A client that has gone gets no answer; its exceptions are stored all the same.
                drop(reply.send(Ok(receipts.by_ref().take(size).collect())));
            }
        }
        Err(_) if alone => {
            let mut items = items.into_iter();
            for (size, reply) in sizes.into_iter().zip(replies) {
                let items: Vec<Received> = items.by_ref().take(size).collect();
                let stored = transact(store, scope, &items).await;
                drop(reply.send(stored.map_err(|error| NotStored::Failed(Arc::new(error)))));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for reply in replies {
                drop(reply.send(Err(NotStored::Failed(Arc::clone(&error)))));
            }
        }
    }
}

async fn transact(store: &Store, scope: &TenantScope, items: &[Received]) -> Result<Vec<Receipt>, StoreError> {
    let mut tries = 1;
    loop {
        match try_transact(store, scope, items).await {
            Err(StoreError::Conflict(_)) if tries < MAX_TRIES => tries += 1,
            done => return done,
        }
    }
}

async fn try_transact(store: &Store, scope: &TenantScope, items: &[Received]) -> Result<Vec<Receipt>, StoreError> {
    let mut tx = store.begin(scope).await?;
    let receipts = tx.receive(items).await?;
    tx.commit().await?;
    Ok(receipts)
}
