//! With the database gone: clear answers, nothing pretended, and recovery without restart.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use domain::role::Role;
use reqwest::Method;
use serde_json::json;
use server::http::{Auth, Limits};
use sqlx::{Connection, PgConnection};
use store::{
    OwnerStore, Store,
    cluster::Cluster,
    migrate::{Logins, migrate},
};

use super::{
    app::{Answer, TestApp, burnt, client, serve},
    database::{self, TestTenant, make_tenant},
};

#[tokio::test]
async fn without_a_database_the_process_lives_and_says_what_is_wrong() {
    let url = "postgres://sentinai_app:x@127.0.0.1:1/none".parse().unwrap();
    let base = serve(Store::open_as_is(&url, 2).unwrap(), Auth::Key).await;
    let client = client();
    assert_eq!(client.get(format!("{base}/health")).send().await.unwrap().status(), 200);
    for request in [
        client.get(format!("{base}/health/db")),
        client.get(format!("{base}/v1/tenants/T/exceptions")).header("x-api-key", "snt_x"),
        client.post(format!("{base}/exceptions/T")).header("x-api-key", "snt_x").body("{}"),
    ] {
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
        assert!(answer.detail().contains("nothing is confirmed as stored"), "{}", answer.detail());
    }
}

#[tokio::test]
async fn a_connection_that_breaks_while_a_refused_object_is_kept_keeps_nothing_and_says_so() {
    let app = TestApp::start().await;
    let bad = json!({"sourceSystem": "Oven", "exceptionType": "NO_BREAD", "exceptionId": "N-1", "rawPayload": {}});
    let mut holder = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let mut lock = holder.begin().await.unwrap();
    sqlx::query("insert into quarantine_count (tenant_id, held) values ($1, 0)")
        .bind(app.tenant.as_str())
        .execute(&mut *lock)
        .await
        .unwrap();
    let mine: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *lock).await.unwrap();
    let kill = async {
        let waiting = "select pg_terminate_backend(pid) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))";
        while sqlx::query(waiting).bind(mine).fetch_all(&mut admin).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(app.send(bad.clone()), kill);
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (503, &json!("database-unavailable")),
        "{answer:?}"
    );
    lock.rollback().await.unwrap();
    assert_eq!(app.get("/quarantine").await["total"], 0);
    assert_eq!(app.send(bad).await.status, 422);
    assert_eq!(app.get("/quarantine").await["items"][0]["times"], 1);
}

/// A PostgreSQL of its own, which may be stopped without harm to other tests.
struct OwnDatabase {
    cluster: Cluster,
    _home: tempfile::TempDir,
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        drop(self.cluster.stop());
    }
}

async fn own_database() -> (OwnDatabase, TestTenant) {
    let home = tempfile::tempdir().unwrap();
    let cluster = Cluster::at(&home.path().join("home"));
    let (cluster, url) = tokio::task::spawn_blocking(move || {
        let url = cluster.start().unwrap().url;
        (cluster, url.parse().unwrap())
    })
    .await
    .unwrap();
    migrate(&url, Logins::Derived).await.unwrap();
    let owner = OwnerStore::connect(&url).await.unwrap();
    let (store, tenant) = (Store::open(&url, 4).unwrap(), make_tenant(&owner).await);
    (OwnDatabase { cluster, _home: home }, TestTenant { url, store, owner, tenant })
}

/// All processes of a PostgreSQL, standing still until this is dropped.
struct Still(Vec<String>);

impl Still {
    async fn new(admin: &mut PgConnection) -> Self {
        let own: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(admin).await.unwrap();
        let postmaster = parent(&format!("/proc/{own}")).unwrap();
        let all = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        let children = all.filter(|pid| parent(&format!("/proc/{pid}")).as_ref() == Some(&postmaster));
        let still = Self(std::iter::once(postmaster.clone()).chain(children).collect());
        still.signal("-STOP");
        still
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").arg(signal).args(&self.0).status().unwrap().success());
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

/// The parent of a process, by its folder in /proc.
fn parent(process: &str) -> Option<String> {
    let status = std::fs::read_to_string(Path::new(process).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    Some(line.trim().to_owned())
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_database_that_stands_still_is_told_in_time_and_used_when_it_goes_on() {
    let (_database, tenant) = own_database().await;
    let mut admin = PgConnection::connect(tenant.url.expose()).await.unwrap();
    let limits = Limits {
        request_time: Duration::from_secs(2),
        ..Limits::default()
    };
    let app = TestApp::of(tenant, Auth::Key, limits).await;
    assert_eq!(app.send(burnt("O-1", 1.0)).await.status, 202);
    let still = Still::new(&mut admin).await;
    for round in 0..3 {
        let began = Instant::now();
        let reads = [
            "/exceptions",
            "/exceptions:facets",
            "/exceptions/O-1",
            "/exceptions/O-1/events",
            "/pack",
        ];
        let mut requests: Vec<_> = reads.map(|path| app.as_role(Role::Viewer, Method::GET, path)).into();
        requests.push(app.client.get(format!("{}/health/db", app.base)));
        let post = |body: String| app.as_role(Role::Operator, Method::POST, "/exceptions").body(body);
        let body = serde_json::json!({"exception": burnt(&format!("O-2-{round}"), 1.0)}).to_string();
        requests.push(post(body.clone()));
        requests.push(post(body).header("idempotency-key", format!("still-{round}")));
        for answer in futures::future::join_all(
            requests
                .into_iter()
                .map(async |request| Answer::of(request.send().await.unwrap()).await),
        )
        .await
        {
            assert_eq!(answer.status, 503, "{answer:?}");
            assert!(answer.headers.contains_key("retry-after"));
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        assert_eq!(app.client.get(format!("{}/health", app.base)).send().await.unwrap().status(), 200);
    }
    drop(still);
    let began = Instant::now();
    while app.send(burnt("O-3", 1.0)).await.status != 202 {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not recover");
    }
    for path in ["/exceptions", "/exceptions:facets", "/exceptions/O-3", "/exceptions/O-1/events"] {
        app.get(path).await;
    }
    assert_eq!(
        app.client.get(format!("{}/health/db", app.base)).send().await.unwrap().status(),
        200
    );
}
