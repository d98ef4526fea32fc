//! A tenant whose chain somebody holds takes neither connections nor time from the others.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::role::Role;
use reqwest::Method;
use serde_json::json;
use server::{
    alarms,
    http::{Auth, Limits},
};
use sqlx::{Connection, PgConnection};
use store::Store;

use super::{
    app::{Answer, TestApp, burnt},
    database::TestTenant,
    work::{claim, does, kinds},
};

/// Longer than anything may take that waits for no held chain, also on a busy machine.
const BOUNDED: Duration = Duration::from_secs(60);

/// Connections that wait for a lock.
const BLOCKED: &str = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";

/// Holds the chains of tenants until it is closed.
async fn hold(apps: &[&TestApp]) -> PgConnection {
    let mut holder = PgConnection::connect(apps[0].url.expose()).await.unwrap();
    let names: Vec<&str> = apps.iter().map(|app| app.tenant.as_str()).collect();
    sqlx::query("begin").execute(&mut holder).await.unwrap();
    let chains = sqlx::query("select 1 from chain_head where tenant_id = any($1) for update").bind(names);
    assert_eq!(chains.fetch_all(&mut holder).await.unwrap().len(), apps.len());
    holder
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_on_a_held_chain_take_one_connection_and_end_in_time() {
    let tenant = TestTenant::alone().await;
    // Three of them write.
    let store = Store::open(&tenant.url, 6).unwrap();
    let app = TestApp::of(TestTenant { store, ..tenant }, Auth::Key, Limits::default()).await;
    let other = app.neighbour().await;
    for app in [&app, &other] {
        assert_eq!(app.send(burnt("H-1", 1.0)).await.status, 202);
    }
    let holder = hold(&[&app]).await;
    let began = Instant::now();
    let waiting = tokio::spawn({
        let app = app.clone();
        async move { futures::future::join_all((0..300).map(|_| does(&app, Role::Operator, "H-1", claim()))).await }
    });
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    while sqlx::query_scalar::<_, i64>(BLOCKED).fetch_one(&mut admin).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    for round in 0..20 {
        assert_eq!(other.send(burnt(&format!("O-{round}"), 1.0)).await.status, 202);
        other.get("/exceptions").await;
        app.get("/exceptions").await;
        let held: i64 = sqlx::query_scalar(BLOCKED).fetch_one(&mut admin).await.unwrap();
        assert!(held <= 1, "{held} connections wait for one chain");
    }
    let answers = waiting.await.unwrap();
    assert!(began.elapsed() < BOUNDED, "{:?}", began.elapsed());
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 503 && answer.headers.contains_key("retry-after"))
    );
    holder.close().await.unwrap();
    assert_eq!(does(&app, Role::Operator, "H-1", claim()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_of_tenants_whose_chains_are_held_delay_no_other() {
    let app = TestApp::alone().await;
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(app.neighbour().await);
    }
    // It has three days.
    let arose = app.clock.now() - TimeDelta::hours(71);
    for app in held.iter().chain([&app]) {
        let milk = json!({"exceptionId": "timed", "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "timestamp": arose, "rawPayload": {"fridge": "1"}});
        assert_eq!(app.send(milk).await.status, 202);
    }
    app.clock.set(arose + TimeDelta::hours(72));
    let holder = hold(&held.iter().collect::<Vec<_>>()).await;
    let changes = futures::stream::pending();
    let alarms = tokio::spawn(alarms::run(app.store.beside(8), app.clock.clock(), Arc::default(), changes));
    let began = Instant::now();
    while !kinds(&app, "timed").await.contains(&"breached".to_owned()) {
        assert!(began.elapsed() < BOUNDED, "the clock was not told");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    eprintln!("told after {:?}", began.elapsed());
    alarms.abort();
    holder.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_done_something_is_told_so_though_the_names_of_members_cannot_be_read() {
    let app = TestApp::alone().await;
    assert_eq!(app.send(burnt("N-1", 1.0)).await.status, 202);
    let mut holder = hold(&[&app]).await;
    let claiming = tokio::spawn({
        let app = app.clone();
        async move {
            Answer::of(
                app.as_role(Role::Operator, Method::POST, "/queues/bakers/next")
                    .send()
                    .await
                    .unwrap(),
            )
            .await
        }
    });
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    while sqlx::query_scalar::<_, i64>(BLOCKED).fetch_one(&mut admin).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    for statement in ["begin", "lock table member in access exclusive mode"] {
        sqlx::query(statement).execute(&mut admin).await.unwrap();
    }
    sqlx::query("rollback").execute(&mut holder).await.unwrap();
    let claimed = claiming.await.unwrap();
    assert_eq!((claimed.status, &claimed.body["exceptionId"]), (200, &json!("N-1")), "{claimed:?}");
}
