//! Keys of requests: one attempt at a time, kept answers, and what died or expired does not stay in the way.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, PgConnection};
use store::{
    APP_ROLE, TenantScope,
    idempotency::{Attempt, Claim, KeptAnswer},
};

use super::database::{TestTenant, make_tenant, noon};

fn attempt(key: u8, request: u8, at: DateTime<Utc>) -> Attempt {
    Attempt {
        key_hash: [key; 32],
        request_hash: [request; 32],
        at,
        locked_until: at + TimeDelta::seconds(75),
        expires_at: at + TimeDelta::hours(24),
    }
}

fn answer(body: &str) -> KeptAnswer {
    KeptAnswer {
        status: 202,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.into(),
    }
}

async fn claim(db: &TestTenant, scope: &TenantScope, attempt: &Attempt) -> Claim {
    let mut tx = db.store.begin(scope).await.unwrap();
    let claim = tx.claim_request(attempt).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn keep(db: &TestTenant, attempt: &Attempt, body: &str) -> bool {
    let mut tx = db.store.begin(&db.scope()).await.unwrap();
    let kept = tx.keep_answer(attempt, &answer(body)).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

#[tokio::test]
async fn one_attempt_at_a_time_and_then_its_answer() {
    let db = TestTenant::new().await;
    let first = attempt(1, 1, noon());
    assert_eq!(claim(&db, &db.scope(), &first).await, Claim::Ours);
    let later = attempt(1, 1, noon() + TimeDelta::seconds(1));
    assert_eq!(claim(&db, &db.scope(), &later).await, Claim::InFlight);
    let other = attempt(1, 2, noon() + TimeDelta::seconds(1));
    assert_eq!(claim(&db, &db.scope(), &other).await, Claim::OtherRequest);
    assert!(keep(&db, &first, "done").await);
    assert_eq!(claim(&db, &db.scope(), &later).await, Claim::Finished(answer("done")));
    assert_eq!(claim(&db, &db.scope(), &other).await, Claim::OtherRequest);
    let theirs = db.owner.scope(&make_tenant(&db.owner).await);
    assert_eq!(claim(&db, &theirs, &other).await, Claim::Ours, "keys of two tenants never meet");
}

#[tokio::test]
async fn a_dead_attempt_is_taken_over_and_its_late_answer_is_not_kept() {
    let db = TestTenant::new().await;
    let dead = attempt(1, 1, noon());
    assert_eq!(claim(&db, &db.scope(), &dead).await, Claim::Ours);
    let heir = attempt(1, 1, dead.locked_until);
    assert_eq!(
        claim(&db, &db.scope(), &attempt(1, 2, dead.locked_until)).await,
        Claim::OtherRequest
    );
    assert_eq!(claim(&db, &db.scope(), &heir).await, Claim::Ours);
    assert!(!keep(&db, &dead, "late").await);
    assert!(keep(&db, &heir, "done").await);
    assert_eq!(claim(&db, &db.scope(), &heir).await, Claim::Finished(answer("done")));
}

#[tokio::test]
async fn a_released_key_is_free_at_once() {
    let db = TestTenant::new().await;
    let first = attempt(1, 1, noon());
    assert_eq!(claim(&db, &db.scope(), &first).await, Claim::Ours);
    let mut tx = db.store.begin(&db.scope()).await.unwrap();
    tx.release_request(&first).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&db, &db.scope(), &attempt(1, 2, noon())).await, Claim::Ours);
}

#[tokio::test]
async fn an_expired_key_is_as_good_as_new_and_leaves_in_passing() {
    let db = TestTenant::new().await;
    for key in [1, 2] {
        let old = attempt(key, 1, noon());
        assert_eq!(claim(&db, &db.scope(), &old).await, Claim::Ours);
        assert!(keep(&db, &old, "old").await);
    }
    let new = attempt(1, 2, noon() + TimeDelta::hours(24));
    assert_eq!(claim(&db, &db.scope(), &new).await, Claim::Ours);
    assert!(keep(&db, &new, "new").await);
    let mut app = PgConnection::connect(db.url.as_role(APP_ROLE).expose()).await.unwrap();
    let mut tx = app.begin().await.unwrap();
    sqlx::query("select set_config('app.tenant_id', $1, true)")
        .bind(db.tenant.as_str())
        .execute(&mut *tx)
        .await
        .unwrap();
    let left: Vec<Vec<u8>> = sqlx::query_scalar("select body from idempotent_request")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert_eq!(left, [b"new"]);
}
