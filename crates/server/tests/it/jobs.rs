//! Workers over a real database: what they do at once, in turn, again, and when they are told to stop or are lost.

mod api;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::job::JobState;
use serde_json::json;
use server::{
    clock::Clock,
    worker::{Handlers, JobFailure, Pace, Running, run},
};
use store::{
    TenantTx,
    jobs::{Job, NewJob},
    quarantine::By,
};
use tokio::sync::{Notify, oneshot};

use super::database::{TestTenant, noon, unique};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A kind no other test has, so that their workers leave its jobs alone.
fn kind() -> &'static str {
    unique("kind").leak()
}

fn pace() -> Pace {
    Pace {
        poll: Duration::from_millis(50),
        ..Pace::of(4)
    }
}

async fn enqueue(t: &TestTenant, kind: &str, count: usize, max_attempts: u16) -> Vec<i64> {
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    let job = NewJob {
        kind,
        payload: json!({}),
        run_at: noon() - chrono::TimeDelta::days(3650),
        max_attempts,
        dedupe_key: None,
    };
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(tx.enqueue_job(&job, By { actor: "test", at: noon() }).await.unwrap().unwrap());
    }
    tx.commit().await.unwrap();
    ids
}

async fn job(t: &TestTenant, id: i64) -> Job {
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    tx.job(id).await.unwrap().unwrap()
}

/// Waits until a job is in a state.
async fn until(t: &TestTenant, id: i64, state: JobState) -> Job {
    let there = async {
        loop {
            let job = job(t, id).await;
            if job.state == state {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, there).await.expect("in time")
}

/// A worker that runs until told to stop.
struct TestWorker {
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

impl TestWorker {
    fn start(t: &TestTenant, handlers: Handlers, pace: Pace) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let store = t.store.beside(10);
        let ended = tokio::spawn(run(store, Clock::default(), handlers, pace, async move { drop(stopped.await) }));
        Self { stop, ended }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.ended).await.expect("in time").unwrap();
    }
}

async fn done(running: Running) -> Result<TenantTx, JobFailure> {
    running.begin().await
}

#[tokio::test]
async fn two_workers_do_each_job_once() {
    let (t, kind) = (TestTenant::new().await, kind());
    let ids = enqueue(&t, kind, 40, 3).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handlers = || {
        let seen = Arc::clone(&seen);
        Handlers::default().with(kind, move |running| {
            seen.lock().unwrap().push(running.job.lease.job_id);
            done(running)
        })
    };
    let workers = [TestWorker::start(&t, handlers(), pace()), TestWorker::start(&t, handlers(), pace())];
    for &id in &ids {
        until(&t, id, JobState::Done).await;
    }
    for worker in workers {
        worker.stop().await;
    }
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn work_is_found_by_looking_where_no_hint_comes_and_by_the_hint_at_once() {
    let (t, silent, hinted) = (TestTenant::new().await, kind(), kind());
    let worker = TestWorker::start(&t, Handlers::default().with(silent, done), pace());
    let first = enqueue(&t, silent, 1, 3).await[0];
    until(&t, first, JobState::Done).await;
    // Without a hint: the row comes by other means than the statement that notifies.
    let mut owner = <sqlx::PgConnection as sqlx::Connection>::connect(t.url.expose()).await.unwrap();
    let id: i64 = sqlx::query_scalar(
        "insert into job (tenant_id, kind, payload, state, run_at, max_attempts, created_at, created_by)
         values ($1, $2, '{}', 'QUEUED', $3, 3, $3, 'test') returning job_id",
    )
    .bind(t.tenant.as_str())
    .bind(silent)
    .bind(noon() - chrono::TimeDelta::days(1))
    .fetch_one(&mut owner)
    .await
    .unwrap();
    until(&t, id, JobState::Done).await;
    worker.stop().await;
    // By the hint: nobody looks for an hour. The first look is at the start, so it is over once the first job is done.
    let hour = Pace {
        poll: Duration::from_secs(3600),
        ..pace()
    };
    let before = enqueue(&t, hinted, 1, 3).await[0];
    let worker = TestWorker::start(&t, Handlers::default().with(hinted, done), hour);
    until(&t, before, JobState::Done).await;
    let mut listening: bool = false;
    while !listening {
        listening = sqlx::query_scalar(
            "select exists (select from pg_stat_activity where datname = current_database() and query ilike 'listen \"sentinai_jobs\"%')",
        )
        .fetch_one(&mut owner)
        .await
        .unwrap();
    }
    let id = enqueue(&t, hinted, 1, 3).await[0];
    until(&t, id, JobState::Done).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_fails_or_panics_is_tried_again_and_buried_in_the_end() {
    let (t, failing, panicking, hopeless) = (TestTenant::new().await, kind(), kind(), kind());
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let handlers = Handlers::default()
        .with(failing, move |running| {
            let nth = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                if nth == 0 {
                    return Err(JobFailure::Retry(anyhow::anyhow!("not yet")));
                }
                done(running).await
            }
        })
        .with(panicking, |_| async { panic!("out of flour") })
        .with(hopeless, |_| async { Err(JobFailure::Permanent(anyhow::anyhow!("no oven"))) });
    let (a, b, c) = (
        enqueue(&t, failing, 1, 3).await[0],
        enqueue(&t, panicking, 1, 2).await[0],
        enqueue(&t, hopeless, 1, 9).await[0],
    );
    let worker = TestWorker::start(&t, handlers, pace());
    let (a, b, c) = (
        until(&t, a, JobState::Done).await,
        until(&t, b, JobState::Dead).await,
        until(&t, c, JobState::Dead).await,
    );
    worker.stop().await;
    assert_eq!((a.attempts, a.last_error.as_deref()), (2, Some("not yet")));
    assert_eq!(
        (b.attempts, b.last_error.as_deref()),
        (2, Some("the handler panicked: out of flour"))
    );
    assert_eq!((c.attempts, c.last_error.as_deref()), (1, Some("no oven")));
    assert_eq!(tries.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_tenant_with_a_thousand_jobs_does_not_delay_one_with_one() {
    let (busy, kind) = (TestTenant::new().await, kind());
    let quiet = TestTenant::new().await;
    enqueue(&busy, kind, 1000, 3).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    let handlers = Handlers::default().with(kind, move |running| {
        seen.lock().unwrap().push(running.scope.tenant().clone());
        done(running)
    });
    let worker = TestWorker::start(&busy, handlers, pace());
    while order.lock().unwrap().len() < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let before = order.lock().unwrap().len();
    let id = enqueue(&quiet, kind, 1, 3).await[0];
    until(&quiet, id, JobState::Done).await;
    worker.stop().await;
    let order = order.lock().unwrap();
    let place = order.iter().position(|tenant| *tenant == quiet.tenant).unwrap();
    assert!(place < 500, "the one job came {place}th, enqueued after {before}");
}

#[tokio::test]
async fn no_more_than_its_share_of_a_worker_is_one_tenants() {
    let (t, kind) = (TestTenant::new().await, kind());
    let ids = enqueue(&t, kind, 12, 3).await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (n, m) = (Arc::clone(&now), Arc::clone(&most));
    let handlers = Handlers::default().with(kind, move |running| {
        let (n, m) = (Arc::clone(&n), Arc::clone(&m));
        async move {
            m.fetch_max(n.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            n.fetch_sub(1, Ordering::SeqCst);
            done(running).await
        }
    });
    let worker = TestWorker::start(&t, handlers, pace());
    for id in ids {
        until(&t, id, JobState::Done).await;
    }
    worker.stop().await;
    assert_eq!(most.load(Ordering::SeqCst), 2, "of four places");
}

#[tokio::test]
async fn a_worker_that_stops_finishes_what_it_can_and_gives_the_rest_back() {
    let (t, quick, endless) = (TestTenant::new().await, kind(), kind());
    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    let handlers = Handlers::default()
        .with(quick, move |running| {
            let waits = Arc::clone(&waits);
            async move {
                waits.notified().await;
                done(running).await
            }
        })
        .with(endless, |_| std::future::pending());
    let (a, b) = (enqueue(&t, quick, 1, 3).await[0], enqueue(&t, endless, 1, 3).await[0]);
    let pace = Pace {
        grace: Duration::from_millis(500),
        ..pace()
    };
    let worker = TestWorker::start(&t, handlers, pace);
    until(&t, a, JobState::Running).await;
    until(&t, b, JobState::Running).await;
    let stopping = tokio::spawn(worker.stop());
    go.notify_one();
    stopping.await.unwrap();
    assert_eq!(job(&t, a).await.state, JobState::Done);
    let given_back = job(&t, b).await;
    assert_eq!((given_back.state, given_back.attempts), (JobState::Queued, 0));
}

#[tokio::test]
async fn a_job_that_takes_longer_than_its_lease_is_kept_by_its_heartbeat() {
    let (t, kind) = (TestTenant::new().await, kind());
    let handlers = || {
        Handlers::default().with(kind, |running| async {
            tokio::time::sleep(Duration::from_secs(4)).await;
            done(running).await
        })
    };
    let pace = Pace {
        lease: Duration::from_secs(3),
        ..pace()
    };
    let id = enqueue(&t, kind, 1, 9).await[0];
    let workers = [
        TestWorker::start(&t, handlers(), pace.clone()),
        TestWorker::start(&t, handlers(), pace),
    ];
    let done = until(&t, id, JobState::Done).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(done.attempts, 1);
}
