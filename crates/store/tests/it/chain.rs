//! The chain recomputes from what is stored, without gaps, also after concurrent writers.

use chrono::TimeDelta;
use domain::{
    chain::{GENESIS, Link},
    event::{EventKind, NewEvent},
};
use sqlx::{Connection, PgConnection, Row};

use super::{
    database::{TestTenant, noon},
    receive::burnt,
};

#[tokio::test]
async fn the_stored_chain_recomputes_without_gaps_after_concurrent_batches() {
    let ours = TestTenant::new().await;
    let send = |writer: u32| {
        let ours = &ours;
        async move {
            for batch in 0..5 {
                let batch: Vec<_> = (0..3).map(|index| burnt(&format!("w{writer}-{batch}-{index}"), 1.0)).collect();
                let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
                tx.receive(&batch).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    };
    futures_util::future::join_all((0..6).map(send)).await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let rows =
        sqlx::query("select seq, exception_id, kind, actor, occurred_at, data::text, hash from event where tenant_id = $1 order by seq")
            .bind(ours.tenant.as_str())
            .fetch_all(&mut admin)
            .await
            .unwrap();
    assert_eq!(rows.len(), 92, "with the making of the tenant and the activation of its pack");
    let mut hash = GENESIS;
    for (index, row) in rows.iter().enumerate() {
        let seq: i64 = row.get(0);
        assert_eq!(seq, i64::try_from(index).unwrap() + 1);
        let link = Link {
            tenant: ours.tenant.as_str(),
            seq,
            exception_id: row.get(1),
            kind: row.get(2),
            actor: row.get(3),
            at: row.get(4),
            data: row.get(5),
        };
        hash = link.hash(&hash);
        assert_eq!(row.get::<Vec<u8>, _>(6), hash, "event {seq}");
    }
}

#[tokio::test]
async fn events_that_waited_to_be_recorded_are_not_before_those_that_were_recorded_meanwhile() {
    let ours = TestTenant::new().await;
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    tx.receive(&[burnt("w", 1.0)]).await.unwrap();
    tx.commit().await.unwrap();
    let viewed = |seconds| NewEvent {
        exception_id: "w".into(),
        kind: EventKind::Viewed,
        actor: "member:ann".into(),
        at: noon() + TimeDelta::seconds(seconds),
        data: "{}".into(),
    };
    ours.store
        .record(&ours.tenant, &[viewed(-60), viewed(60), viewed(30)])
        .await
        .unwrap();
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    let events = tx.events_of("w", 0, 100).await.unwrap().items;
    let after: Vec<_> = events.iter().map(|event| (event.at - noon()).num_seconds()).collect();
    assert_eq!(after, [0, 0, 60, 60]);
}

/// Returns when a transaction that began with the lock of this tenant's chain waits for it.
pub async fn somebody_waits_for_the_chain(ours: &TestTenant) {
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%chain_head%' || $1 || '%'";
    while sqlx::query_scalar::<_, i64>(waiting)
        .bind(ours.tenant.as_str())
        .fetch_one(&mut admin)
        .await
        .unwrap()
        == 0
    {
        tokio::task::yield_now().await;
    }
}
