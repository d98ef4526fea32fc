//! The worker: takes jobs of all tenants in turn and has their handlers do them. Any number of them may run, in `serve` and beside it.
//!
//! It knows neither `http` nor `cli`; `cli` starts it. NOTIFY is a hint to look at once, looking every second is the truth.

mod attempt;
mod bulk;
mod handlers;
mod sweep;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::ids::TenantId;
use store::{
    Store, StoreError, TenantScope, bounded,
    bulk::BULK,
    jobs::{Claim, LeasedJob, SWEEP},
};
use tokio::{sync::Notify, task::JoinSet, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use self::attempt::Attempts;
pub use self::handlers::{Handlers, JobFailure, Running};
use crate::{clock::Clock, packs::Packs, pulse::Pulse, secrets};

/// How long the loss of a connection is waited out before listening again.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// How long giving back may take when the time to finish is over.
const GIVE_BACK: Duration = Duration::from_secs(5);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Most jobs at once.
    pub at_once: usize,
    /// Most jobs of one tenant at once.
    pub per_tenant: usize,
    /// How long a job is kept without a sign of life.
    pub lease: Duration,
    /// How often it looks for work without a hint.
    pub poll: Duration,
    /// How long running jobs may go on after the signal to stop; the rest is given back.
    pub grace: Duration,
    /// Felt whenever it has looked for work.
    pub pulse: Pulse,
}

impl Pace {
    /// So many jobs at once, half of them of one tenant.
    pub fn of(at_once: usize) -> Self {
        Self {
            at_once,
            per_tenant: at_once.div_ceil(2),
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            grace: Duration::from_secs(10),
            pulse: Pulse::default(),
        }
    }
}

/// The handlers of this program.
pub fn handlers() -> Handlers {
    let packs: Arc<Packs> = Arc::default();
    Handlers::default()
        .with(SWEEP, sweep::sweep)
        .with(BULK, move |running| bulk::bulk(running, Arc::clone(&packs)))
}

/// Takes jobs until `stop`, then lets those that run finish within the grace time and gives the rest back.
pub async fn run(store: Store, clock: Clock, handlers: Handlers, pace: Pace, stop: impl Future<Output = ()>) {
    let hint = Notify::new();
    let worker = Worker {
        name: format!("{}-{}", std::process::id(), hex::encode(secrets::bytes::<4>())),
        kinds: handlers.kinds(),
        attempts: Attempts {
            handlers: Arc::new(handlers),
            lease: pace.lease,
            cut_off: CancellationToken::new(),
        },
        stopping: CancellationToken::new(),
        ready: VecDeque::new(),
        busy: HashMap::new(),
        running: JoinSet::new(),
        store: store.clone(),
        clock,
        pace,
    };
    tokio::select! {
        () = worker.work(&hint, stop) => {}
        () = listen(&store, &hint) => {}
    }
}

/// Passes hints on, for ever.
async fn listen(store: &Store, hint: &Notify) {
    loop {
        match store.listen_for_work().await {
            Ok(mut listener) => {
                while listener.next().await.is_ok() {
                    hint.notify_one();
                }
            }
            Err(error) => tracing::warn!("cannot hear of new jobs, looking for them instead: {error}"),
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

struct Worker {
    store: Store,
    clock: Clock,
    name: String,
    kinds: Vec<&'static str>,
    attempts: Attempts,
    stopping: CancellationToken,
    pace: Pace,
    /// Tenants that had work when we looked, each once: whoever was served goes to the end.
    ready: VecDeque<TenantScope>,
    /// How many jobs of a tenant run here.
    busy: HashMap<TenantId, usize>,
    running: JoinSet<TenantId>,
}

impl Worker {
    async fn work(mut self, hint: &Notify, stop: impl Future<Output = ()>) {
        let mut looks = tokio::time::interval(self.pace.poll);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(stop);
        loop {
            let look = tokio::select! {
                () = &mut stop => break,
                Some(ended) = self.running.join_next() => { self.ended(ended); false }
                () = hint.notified() => true,
                _ = looks.tick() => true,
            };
            match bounded(self.fill(look)).await {
                Ok(()) => self.pace.pulse.beat(),
                Err(error) => {
                    // What was ready is asked for again with the next look.
                    self.ready.clear();
                    tracing::warn!("cannot take jobs: {error}");
                }
            }
        }
        self.drain().await;
    }

    fn ended(&mut self, ended: Result<TenantId, tokio::task::JoinError>) {
        // An attempt catches the panics of its handler, so it always tells whose it was.
        if let Ok(tenant) = ended
            && let Some(busy) = self.busy.get_mut(&tenant)
        {
            *busy -= 1;
            if *busy == 0 {
                self.busy.remove(&tenant);
            }
        }
    }

    /// Takes jobs, one of each tenant in turn, while there is room.
    async fn fill(&mut self, look: bool) -> Result<(), StoreError> {
        if look {
            self.look().await?;
        }
        let mut passed_over = 0;
        while self.running.len() < self.pace.at_once && passed_over < self.ready.len() {
            let Some(scope) = self.ready.pop_front() else { break };
            if self.busy.get(scope.tenant()).is_some_and(|&busy| busy >= self.pace.per_tenant) {
                self.ready.push_back(scope);
                passed_over += 1;
            } else if let Some(job) = self.lease(&scope).await? {
                self.start(scope.clone(), job);
                self.ready.push_back(scope);
                passed_over = 0;
            }
        }
        Ok(())
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        for scope in self.store.tenants_with_work(&self.kinds, self.clock.now()).await? {
            if !self.ready.contains(&scope) {
                self.ready.push_back(scope);
            }
        }
        Ok(())
    }

    async fn lease(&self, scope: &TenantScope) -> Result<Option<LeasedJob>, StoreError> {
        let now = self.clock.now();
        let claim = Claim {
            kinds: &self.kinds,
            at: now,
            until: now + self.pace.lease,
            worker: &self.name,
            token: secrets::bytes(),
        };
        let mut tx = self.store.begin(scope).await?;
        let job = tx.lease_job(&claim).await?;
        tx.commit().await?;
        Ok(job)
    }

    fn start(&mut self, scope: TenantScope, job: LeasedJob) {
        let tenant = scope.tenant().clone();
        *self.busy.entry(tenant.clone()).or_default() += 1;
        let attempts = self.attempts.clone();
        let running = Running {
            job,
            scope,
            store: self.store.clone(),
            clock: self.clock.clone(),
            stopping: self.stopping.clone(),
        };
        self.running.spawn(async move {
            attempts.run(running).await;
            tenant
        });
    }

    async fn drain(mut self) {
        self.stopping.cancel();
        let all = async |running: &mut JoinSet<TenantId>| while running.join_next().await.is_some() {};
        if tokio::time::timeout(self.pace.grace, all(&mut self.running)).await.is_err() {
            tracing::warn!("{} jobs were still running and are given back", self.running.len());
            self.attempts.cut_off.cancel();
            drop(tokio::time::timeout(GIVE_BACK, all(&mut self.running)).await);
        }
    }
}
