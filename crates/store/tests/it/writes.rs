//! Rows that writing reads: few, whatever the database knows about its tables and however large they have become meanwhile.

use std::time::Duration;

use domain::{
    exception::{Arrival, OnConflict, Sender},
    intake::RawException,
    pack::Pack,
    reception::{Arriving, Clearing, Outcome},
    triage::clears,
};
use serde_json::{json, value::to_raw_value};
use sqlx::{Connection, PgConnection};
use store::Store;

use super::{
    database::{BAKERY, TestTenant, noon},
    filled::fill,
    receive::{burnt, burnt_in},
};

/// Most rows that one round of [`work`] may read, in all tables of the tenant. Most of them are counters, some hundreds however many
/// exceptions there are.
const MOST: i64 = 500;

/// Word that the problem of [`burnt`] with the same id is gone.
fn gone(id: &str) -> Arriving {
    let pack = Pack::parse(BAKERY).expect("a whole pack");
    let object = json!({"exceptionId": id, "sourceSystem": "Oven", "state": "cleared"});
    let raw = RawException::parse(&to_raw_value(&object).unwrap()).expect("well-formed");
    let by = clears(&raw, &pack).expect("named by its id");
    let arrival = Arrival {
        at: noon(),
        sender: Sender::Source(["Oven".into()].into()),
        on_conflict: OnConflict::Refuse,
    };
    let pack = pack.into();
    Arriving::Clearing(Box::new(Clearing { by, raw, pack, arrival }))
}

/// One round of all that writing does often: new, repeated, recurring, cleared, looked at for a change, due, and next.
async fn work(store: &Store, ours: &TestTenant, round: &str) {
    let id = format!("round-{round}");
    let batches = [
        vec![burnt(&id, 1.0), burnt_in(&format!("{id}-again"), "O-often", 1.0)],
        vec![burnt(&id, 1.0)],
        vec![gone(&id)],
    ];
    let mut outcomes = Vec::new();
    for batch in batches {
        let (_, mut tx) = store.begin_unflushed(&ours.scope()).await.unwrap();
        outcomes.extend(
            tx.receive(&batch)
                .await
                .unwrap()
                .into_iter()
                .map(|receipt| receipt.unwrap().outcome),
        );
        tx.commit().await.unwrap();
    }
    assert!(
        matches!(
            outcomes[..],
            [Outcome::Accepted, _, Outcome::Duplicate, Outcome::Cleared { resolved: 1, .. }]
        ),
        "{outcomes:?}"
    );
    let mut tx = store.begin(&ours.scope()).await.unwrap();
    let mut writing = tx.write().await.unwrap();
    assert_eq!(writing.current(&[id, "E-1".into()]).await.unwrap().len(), 2);
    writing.alarmed(noon(), 5).await.unwrap();
    writing.next_in("bakers", noon()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn number(admin: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(admin).await.unwrap()
}

/// Rows that were read in the tables of tenants by sessions that have ended.
async fn rows_read(admin: &mut PgConnection) -> i64 {
    let read = "select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables
                where relname in ('exception', 'event', 'facet_count', 'due_hour_count', 'recurrence', 'chain_head')";
    number(admin, read).await
}

/// Rows that a store reads for a round of work. A session tells what it read when it ends.
async fn rows_of_a_round(admin: &mut PgConnection, ours: &TestTenant, store: Store, round: &str) -> i64 {
    const SESSIONS: &str = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'sentinai'";
    let before = rows_read(admin).await;
    work(&store, ours, round).await;
    let open = number(admin, SESSIONS).await;
    store.close().await;
    drop(store);
    // One that writes, one that flushes.
    while number(admin, SESSIONS).await > open - 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    rows_read(admin).await - before
}

#[tokio::test]
async fn writing_reads_few_rows_whatever_the_statistics_and_the_size() {
    let ours = TestTenant::alone().await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let no_statistics = "alter table exception set (autovacuum_enabled = false); alter table event set (autovacuum_enabled = false);
         alter table facet_count set (autovacuum_enabled = false)";
    sqlx::raw_sql(no_statistics).execute(&mut admin).await.unwrap();
    fill(&ours, 1..=1).await;
    let mut empty = Vec::new();
    for number in 0..3 {
        // Its plans are made now, while there is nothing, and are used when there is much.
        let store = Store::open(&ours.url, 1).unwrap();
        work(&store, &ours, &format!("empty-{number}")).await;
        empty.push(store);
    }
    // One problem that was folded many times.
    let folded = "update exception set fingerprint = (select fingerprint from exception where exception_id = 'round-empty-0-again'),
                      resolution = 'FOLDED', resolved_at = received_at where exception_id like 'E-%' and status = 'RESOLVED' and resolution is null";
    let stages = [(2..=10, "select 1"), (11..=100_000, "select 1"), (100_001..=100_001, "analyze")];
    for ((rows, then), empty) in stages.into_iter().zip(empty) {
        let stage = format!("{}-{then}", rows.end());
        fill(&ours, rows).await;
        sqlx::raw_sql(folded).execute(&mut admin).await.unwrap();
        sqlx::raw_sql(then).execute(&mut admin).await.unwrap();
        let new = Store::open(&ours.url, 1).unwrap();
        let new = rows_of_a_round(&mut admin, &ours, new, &format!("new-{stage}")).await;
        let old = rows_of_a_round(&mut admin, &ours, empty, &format!("old-{stage}")).await;
        println!("{stage}: {new} rows, {old} with plans of an empty database");
        assert!(
            new <= MOST && old <= 2 * MOST,
            "{stage}: {new} rows, {old} with plans of an empty database"
        );
    }
}
