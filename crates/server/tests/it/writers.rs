//! Tenants whose chains are held do not take all connections that write.

use serde_json::json;
use server::http::Auth;
use sqlx::{Connection, PgConnection};
use store::{OwnerStore, Store};

use super::{
    app::{burnt, client, serve},
    database::{TestTenant, make_tenant},
};

#[tokio::test]
async fn tenants_whose_chains_are_held_leave_four_connections_to_other_writers() {
    let TestTenant { url, owner, tenant, .. } = TestTenant::alone().await;
    // Five of them write.
    let store = Store::open(&url, 10).unwrap();
    let (base, client) = (serve(store.clone(), Auth::Off).await, client());
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(make_tenant(&owner).await);
    }
    let mut holder = PgConnection::connect(url.expose()).await.unwrap();
    let mut admin = PgConnection::connect(url.expose()).await.unwrap();
    let mut lock = holder.begin().await.unwrap();
    sqlx::query("select 1 from chain_head where tenant_id <> $1 for update")
        .bind(tenant.as_str())
        .execute(&mut *lock)
        .await
        .unwrap();
    let body = json!({"exception": burnt("W-1", 1.0)}).to_string();
    let requests = held.iter().map(|held| {
        let request = client.post(format!("{base}/exceptions/{held}")).body(body.clone());
        async {
            request
                .header("content-type", "application/json")
                .send()
                .await
                .unwrap()
                .status()
                .as_u16()
        }
    });
    let requests = tokio::spawn(futures::future::join_all(requests.collect::<Vec<_>>()));
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut admin).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    let scope = OwnerStore::scope(&owner, &tenant);
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(store.begin(&scope).await.expect("a connection"));
    }
    for other in others {
        other.commit().await.unwrap();
    }
    lock.rollback().await.unwrap();
    assert_eq!(requests.await.unwrap(), [202; 6]);
}
