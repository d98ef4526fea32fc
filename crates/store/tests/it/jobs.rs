//! The laws of jobs: one holder at a time, leases that end, dead letters that run again, and tenants that stay apart.

use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::JobState;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use store::{
    jobs::{Claim, Hold, JobFilter, LeasedJob, NewJob, SWEEP, WhichJobs},
    quarantine::By,
};

use super::database::{TestTenant, noon, unique};

const KIND: &str = "test";

fn by(at: DateTime<Utc>) -> By<'static> {
    By { actor: "key:test", at }
}

fn second(n: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(n)
}

async fn enqueue_as(t: &TestTenant, kind: &str, key: Option<&str>, max_attempts: u16) -> Option<i64> {
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    let job = NewJob {
        kind,
        payload: json!({"n": 1}),
        run_at: noon(),
        max_attempts,
        dedupe_key: key,
    };
    let id = tx.enqueue_job(&job, by(noon())).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn enqueue(t: &TestTenant) -> i64 {
    enqueue_as(t, KIND, None, 3).await.unwrap()
}

/// Leases of half a minute.
async fn lease(t: &TestTenant, at: DateTime<Utc>) -> Option<LeasedJob> {
    static TOKEN: AtomicU8 = AtomicU8::new(0);
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    let claim = Claim {
        kinds: &[KIND],
        at,
        until: at + TimeDelta::seconds(30),
        worker: "test",
        token: [TOKEN.fetch_add(1, Ordering::Relaxed); 16],
    };
    let leased = tx.lease_job(&claim).await.unwrap();
    tx.commit().await.unwrap();
    leased
}

async fn state(t: &TestTenant, id: i64) -> JobState {
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    tx.job(id).await.unwrap().unwrap().state
}

async fn bury(t: &TestTenant, at: DateTime<Utc>) -> i64 {
    let job = lease(t, at).await.unwrap();
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert_eq!(tx.bury_job(&job.lease, "no\0way", at).await.unwrap(), Hold::Held);
    tx.commit().await.unwrap();
    job.lease.job_id
}

async fn replay(t: &TestTenant, which: WhichJobs, at: DateTime<Utc>) -> usize {
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    let replayed = tx.replay_jobs(&which, by(at), 500).await.unwrap();
    tx.commit().await.unwrap();
    replayed.replayed
}

#[tokio::test]
async fn of_many_who_ask_at_once_each_job_is_leased_to_one() {
    let t = TestTenant::new().await;
    for _ in 0..20 {
        enqueue(&t).await;
    }
    let all = futures_util::future::join_all((0..40).map(|_| lease(&t, noon()))).await;
    let mut ids: Vec<i64> = all.into_iter().flatten().map(|job| job.lease.job_id).collect();
    while let Some(job) = lease(&t, noon()).await {
        ids.push(job.lease.job_id);
    }
    ids.sort_unstable();
    let leased = ids.len();
    ids.dedup();
    assert_eq!((leased, ids.len()), (20, 20));
}

#[tokio::test]
async fn a_lease_that_ended_is_anybodys_and_the_old_token_changes_nothing() {
    let t = TestTenant::new().await;
    let id = enqueue(&t).await;
    let old = lease(&t, second(0)).await.unwrap();
    assert!(lease(&t, second(29)).await.is_none());
    let new = lease(&t, second(30)).await.unwrap();
    assert_eq!((new.lease.job_id, new.attempt), (id, 2));
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert_eq!(tx.renew_job(&old.lease, second(90)).await.unwrap(), Hold::Lost);
    assert_eq!(tx.progress_job(&old.lease, &json!(1)).await.unwrap(), Hold::Lost);
    assert_eq!(tx.finish_job(&old.lease, second(31)).await.unwrap(), Hold::Lost);
    assert_eq!(tx.fail_job(&old.lease, "x", second(31)).await.unwrap(), Hold::Lost);
    assert_eq!(tx.bury_job(&old.lease, "x", second(31)).await.unwrap(), Hold::Lost);
    assert_eq!(tx.release_job(&old.lease, second(31)).await.unwrap(), Hold::Lost);
    assert_eq!(tx.renew_job(&new.lease, second(90)).await.unwrap(), Hold::Held);
    tx.commit().await.unwrap();
    assert!(lease(&t, second(89)).await.is_none(), "renewed");
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert_eq!(tx.progress_job(&new.lease, &json!({"done": 3})).await.unwrap(), Hold::Held);
    assert_eq!(tx.finish_job(&new.lease, second(80)).await.unwrap(), Hold::Held);
    assert_eq!(tx.finish_job(&new.lease, second(80)).await.unwrap(), Hold::Lost, "once");
    tx.commit().await.unwrap();
    assert_eq!(state(&t, id).await, JobState::Done);
}

#[tokio::test]
async fn what_failed_waits_for_its_time_and_goes_on_where_it_was() {
    let t = TestTenant::new().await;
    enqueue(&t).await;
    let job = lease(&t, second(0)).await.unwrap();
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert_eq!(tx.progress_job(&job.lease, &json!({"done": 3})).await.unwrap(), Hold::Held);
    assert_eq!(tx.fail_job(&job.lease, "later", second(10)).await.unwrap(), Hold::Held);
    tx.commit().await.unwrap();
    assert!(lease(&t, second(9)).await.is_none());
    let again = lease(&t, second(10)).await.unwrap();
    assert_eq!((again.attempt, again.progress), (2, Some(json!({"done": 3}))));
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert_eq!(tx.release_job(&again.lease, second(10)).await.unwrap(), Hold::Held);
    tx.commit().await.unwrap();
    assert_eq!(lease(&t, second(10)).await.unwrap().attempt, 2, "a job given back was not tried");
}

#[tokio::test]
async fn a_job_that_ends_its_workers_is_buried_and_not_leased_again() {
    let t = TestTenant::new().await;
    let id = enqueue(&t).await;
    for n in 0..3 {
        assert!(lease(&t, second(30 * n)).await.is_some());
    }
    assert!(lease(&t, second(90)).await.is_none());
    assert_eq!(state(&t, id).await, JobState::Dead);
}

#[tokio::test]
async fn dead_letters_run_again_and_every_decision_is_in_the_chain() {
    let t = TestTenant::new().await;
    let (one, two) = (enqueue(&t).await, enqueue(&t).await);
    assert_eq!((bury(&t, noon()).await, bury(&t, noon()).await), (one, two));
    assert_eq!(replay(&t, WhichJobs::Kind("other".into()), second(1)).await, 0);
    assert_eq!(replay(&t, WhichJobs::One(two), second(1)).await, 1);
    assert_eq!(replay(&t, WhichJobs::One(two), second(1)).await, 0, "it is no longer dead");
    let again = lease(&t, second(1)).await.unwrap();
    assert_eq!((again.lease.job_id, again.attempt), (two, 1));
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert!(tx.discard_job(one, "not needed", by(second(2))).await.unwrap());
    assert!(!tx.discard_job(one, "again", by(second(2))).await.unwrap());
    assert!(!tx.discard_job(two, "it runs", by(second(2))).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(state(&t, one).await, JobState::Discarded);
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    let events: Vec<(String, String)> = tx
        .events_of("", 0, 100)
        .await
        .unwrap()
        .items
        .into_iter()
        .map(|e| (e.kind, e.data))
        .filter(|(kind, _)| kind.starts_with("job_"))
        .collect();
    assert_eq!(
        events,
        [
            (
                "job_replayed".to_owned(),
                json!({"jobId": two.to_string(), "kind": KIND}).to_string()
            ),
            (
                "job_discarded".to_owned(),
                json!({"jobId": one.to_string(), "kind": KIND, "reason": "not needed"}).to_string()
            ),
        ]
    );
}

#[tokio::test]
async fn of_jobs_with_one_key_one_is_unfinished_at_a_time() {
    let t = TestTenant::new().await;
    let first = enqueue_as(&t, KIND, Some("k"), 3).await.unwrap();
    assert_eq!(enqueue_as(&t, KIND, Some("k"), 3).await, None);
    assert_eq!(bury(&t, noon()).await, first);
    let second_one = enqueue_as(&t, KIND, Some("k"), 3).await.unwrap();
    assert_eq!(replay(&t, WhichJobs::All, noon()).await, 0, "the other does the same");
    assert_eq!(bury(&t, noon()).await, second_one);
    assert_eq!(replay(&t, WhichJobs::All, noon()).await, 1, "one of the two");
    assert_eq!(
        (state(&t, first).await, state(&t, second_one).await),
        (JobState::Queued, JobState::Dead)
    );
}

#[tokio::test]
async fn tenants_with_work_are_found_without_seeing_it_and_suspended_ones_are_left_out() {
    let t = TestTenant::new().await;
    let kind = unique("kind");
    let has = async |at| {
        let found = t.store.tenants_with_work(&[kind.as_str()], at).await.unwrap();
        found.iter().map(|scope| scope.tenant().clone()).collect::<Vec<_>>()
    };
    assert!(has(noon()).await.is_empty());
    enqueue_as(&t, &kind, None, 3).await;
    assert_eq!(has(noon()).await, std::slice::from_ref(&t.tenant));
    assert!(has(second(-1)).await.is_empty(), "not yet due");
    t.owner
        .set_suspended(&t.tenant, store::tenants::Suspension::Suspended, noon())
        .await
        .unwrap();
    assert!(has(noon()).await.is_empty());
    t.owner
        .set_suspended(&t.tenant, store::tenants::Suspension::Lifted, noon())
        .await
        .unwrap();
    let mut app = PgConnection::connect(t.url.as_role(store::APP_ROLE).expose()).await.unwrap();
    let seen: i64 =
        sqlx::query_scalar("select (select count(*) from tenants_with_due_jobs($1, array[$2])) - 1 + (select count(*) from job)")
            .bind(noon())
            .bind(&kind)
            .fetch_one(&mut app)
            .await
            .unwrap();
    assert_eq!(seen, 0, "asking opens no tenant");
}

#[tokio::test]
async fn a_new_tenant_sweeps_once_a_day() {
    let t = TestTenant::new().await;
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    let filter = JobFilter {
        kind: Some(SWEEP.to_owned()),
        state: Some(JobState::Queued),
    };
    let page = tx.jobs(&filter, None, 1).await.unwrap();
    assert_eq!((page.items[0].run_at, page.next), (noon() + TimeDelta::days(1), None));
    tx.enqueue_sweep(None, second(5)).await.unwrap();
    assert_eq!(tx.jobs(&filter, None, 10).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn the_sweep_deletes_finished_jobs_after_a_week_and_keeps_dead_ones() {
    let t = TestTenant::new().await;
    let (dead, done) = (enqueue(&t).await, enqueue(&t).await);
    assert_eq!(bury(&t, noon()).await, dead);
    let job = lease(&t, noon()).await.unwrap();
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    assert_eq!(tx.finish_job(&job.lease, noon()).await.unwrap(), Hold::Held);
    assert!(!tx.sweep(noon() + TimeDelta::days(7) - TimeDelta::seconds(1)).await.unwrap());
    assert!(tx.job(done).await.unwrap().is_some());
    assert!(!tx.sweep(noon() + TimeDelta::days(7)).await.unwrap());
    assert!(tx.job(done).await.unwrap().is_none());
    assert!(tx.job(dead).await.unwrap().is_some());
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let t = TestTenant::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(enqueue(&t).await);
    }
    let filter = JobFilter {
        kind: Some(KIND.to_owned()),
        state: None,
    };
    let (mut seen, mut after) = (Vec::new(), None);
    let mut tx = t.store.begin(&t.scope()).await.unwrap();
    loop {
        let page = tx.jobs(&filter, after, 2).await.unwrap();
        seen.extend(page.items.iter().map(|job| job.job_id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    ids.reverse();
    assert_eq!(seen, ids);
}
