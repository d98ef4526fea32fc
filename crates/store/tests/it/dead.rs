//! Connections that died while nobody used them, as all do when the database is restarted.

use sqlx::{Connection, PgConnection};
use store::Store;

use super::{database::TestTenant, receive::burnt};

const CONNECTIONS: u32 = 6;

/// Opens all connections of a store.
async fn open_all(store: &Store, ours: &TestTenant) {
    let scope = ours.scope();
    let each = (0..CONNECTIONS / 2).map(|_| async { (store.begin(&scope).await.unwrap(), store.begin_reading(&scope).await.unwrap()) });
    for (writing, reading) in futures_util::future::join_all(each).await {
        writing.commit().await.unwrap();
        reading.commit().await.unwrap();
    }
}

/// Ends all of them from the other side, and the session that flushes.
async fn end_all(admin: &mut PgConnection) {
    let end = "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity
               where datname = current_database() and application_name = 'sentinai'";
    let ended: i64 = sqlx::query_scalar(end).fetch_one(admin).await.unwrap();
    assert!(ended >= i64::from(CONNECTIONS), "{ended}");
}

#[tokio::test]
async fn dead_connections_are_replaced_and_nobody_notices() {
    let ours = TestTenant::alone().await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let store = Store::open(&ours.url, CONNECTIONS).unwrap();
    open_all(&store, &ours).await;
    end_all(&mut admin).await;
    let mut tx = store.begin_reading(&ours.scope()).await.expect("a live connection to read with");
    assert!(tx.exception("nothing").await.unwrap().is_none());
    tx.commit().await.unwrap();

    open_all(&store, &ours).await;
    end_all(&mut admin).await;
    store
        .identify(&[0; 32], super::database::noon())
        .await
        .expect("a live connection to ask on");

    open_all(&store, &ours).await;
    end_all(&mut admin).await;
    // The session that flushes is believed for a second; without it a life begins that this transaction is not part of.
    let (_, mut tx) = store.begin_unflushed(&ours.scope()).await.expect("a live connection to write with");
    tx.receive(&[burnt("kept", 1.0)]).await.unwrap();
    tx.commit().await.unwrap();
}
