//! Probes: what says that the process lives, and what says that it can serve.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use domain::role::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::{
    clock::{Clock, ManualClock},
    http::{AppState, Auth, LiveFeed, router},
    pulse::Pulse,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::Store;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    app::{Answer, TestApp, burnt, client},
    database::{self, TestTenant, noon, unique},
};

fn clock() -> Clock {
    ManualClock::at(noon()).clock()
}

async fn served(state: AppState) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(state)).await });
    base
}

async fn probe(base: &str, path: &str) -> (u16, Value) {
    let answer = Answer::of(client().get(format!("{base}{path}")).send().await.unwrap()).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn a_server_is_ready_once_its_workers_are() {
    let store = Store::open(&database::url().await, 4).unwrap();
    let pulse = Pulse::default();
    let base = served(AppState::new(store.clone(), clock(), LiveFeed::default(), Auth::Key).with_workers(pulse.clone())).await;
    let (status, problem) = probe(&base, "/readyz").await;
    assert_eq!((status, &problem["code"]), (503, &json!("not-ready")));
    assert!(problem["detail"].as_str().unwrap().starts_with("workers: "), "{problem}");
    pulse.beat();
    // An answer is used for a second.
    let asking = async { while probe(&base, "/readyz").await != (200, json!({"status": "ok"})) {} };
    timeout(Duration::from_secs(60), asking).await.expect("ready");
    // One without workers needs none.
    let base = served(AppState::new(store, clock(), LiveFeed::default(), Auth::Key)).await;
    for path in ["/livez", "/readyz", "/health", "/health/db"] {
        assert_eq!(probe(&base, path).await, (200, json!({"status": "ok"})), "{path}");
    }
}

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test]
async fn health_has_an_address_of_its_own_that_callers_cannot_fill() {
    let tenant = TestTenant::new().await;
    let free = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [callers, watchers] = free.map(|listener| listener.local_addr().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinai"));
    command
        .args(["serve", "--max-connections", "1", "--workers", "0"])
        .arg("--listen")
        .arg(callers.to_string());
    command.arg("--admin-listen").arg(watchers.to_string());
    command.env("DATABASE_URL", tenant.url.expose()).stdout(Stdio::null());
    let _running = Running(command.spawn().unwrap());
    let mut only = async {
        loop {
            if let Ok(stream) = TcpStream::connect(callers).await {
                return stream;
            }
        }
    }
    .await;
    // It keeps the one connection that callers have.
    only.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(only.read(&mut [0; 64]).await.unwrap() > 0);
    let watched = format!("http://{watchers}");
    assert_eq!(probe(&watched, "/readyz").await, (200, json!({"status": "ok"})));
    let (status, problem) = probe(&watched, &format!("/v1/tenants/{}/exceptions", tenant.tenant)).await;
    assert_eq!((status, &problem["code"]), (404, &json!("not-found")), "nothing else is there");
    drop(only);
}

#[tokio::test]
async fn without_its_database_a_server_lives_and_is_not_ready() {
    let nowhere = "postgres://u:p@127.0.0.1:9/none".parse().unwrap();
    let base = served(AppState::new(
        Store::open(&nowhere, 2).unwrap(),
        clock(),
        LiveFeed::default(),
        Auth::Key,
    ))
    .await;
    for path in ["/livez", "/health"] {
        assert_eq!(probe(&base, path).await.0, 200, "{path}");
    }
    let (status, problem) = probe(&base, "/readyz").await;
    assert_eq!(status, 503);
    assert!(
        problem["detail"].as_str().is_some_and(|detail| detail.contains("database")),
        "{problem}"
    );
    assert_eq!(probe(&base, "/health/db").await.0, StatusCode::SERVICE_UNAVAILABLE.as_u16());
}

#[tokio::test]
async fn a_server_whose_database_was_migrated_further_says_so_and_serves_nothing() {
    let app = TestApp::alone().await;
    assert_eq!(app.send(burnt("N-1", 1.0)).await.status, 202);
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    let newer =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'newer', true, '', 0)";
    sqlx::query(newer).execute(&mut admin).await.unwrap();
    // An answer is used for a second.
    let refused = async {
        loop {
            let answer = app.send(burnt("N-1", 1.0)).await;
            if answer.status != 202 {
                return answer;
            }
        }
    };
    let refused = timeout(Duration::from_secs(60), refused).await.expect("refused");
    let not_ready = async {
        loop {
            let (status, ready) = probe(&app.base, "/readyz").await;
            if status != 200 {
                return (status, ready);
            }
        }
    };
    let (status, ready) = timeout(Duration::from_secs(60), not_ready).await.expect("not ready");
    for (status, problem) in [(status, &ready), (refused.status, &refused.body)] {
        assert_eq!((status, &problem["code"]), (503, &json!("not-ready")), "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("version 9999, newer than this binary's"), "{detail}");
    }
    assert_eq!(
        app.as_role(Role::Viewer, Method::GET, "/exceptions").send().await.unwrap().status(),
        503
    );
}

#[tokio::test]
async fn a_server_that_cannot_take_anything_in_is_not_ready_though_it_reads() {
    let tenant = TestTenant::new().await;
    // Of two connections one writes.
    let store = Store::open(&tenant.url, 2).unwrap();
    let base = served(AppState::new(store.clone(), clock(), LiveFeed::default(), Auth::Key)).await;
    let only = store.begin(&tenant.scope()).await.unwrap();
    let (status, problem) = probe(&base, "/readyz").await;
    assert_eq!((status, &problem["code"]), (503, &json!("not-ready")));
    assert!(problem["detail"].as_str().unwrap().starts_with("intake: "), "{problem}");
    assert_eq!(probe(&base, "/health/db").await.0, 200);
    drop(only);
    let asking = async { while probe(&base, "/readyz").await != (200, json!({"status": "ok"})) {} };
    timeout(Duration::from_secs(60), asking).await.expect("ready");
}

#[tokio::test]
async fn a_database_without_our_schema_is_not_ready() {
    let url = database::url().await;
    let name = unique("empty").to_lowercase();
    let mut admin = PgConnection::connect(url.expose()).await.unwrap();
    let create = format!("create database {name}");
    sqlx::query(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    let (server, _) = url.expose().rsplit_once('/').unwrap();
    let empty = format!("{server}/{name}").parse().unwrap();
    let base = served(AppState::new(
        Store::open(&empty, 2).unwrap(),
        clock(),
        LiveFeed::default(),
        Auth::Key,
    ))
    .await;
    let (status, problem) = probe(&base, "/readyz").await;
    assert_eq!(status, 503);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("schema: ") && detail.contains("sentinai migrate"), "{detail}");
    let drop = format!("drop database {name} with (force)");
    sqlx::query(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
}
