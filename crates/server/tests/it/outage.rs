//! With the database gone: clear answers, nothing pretended, and recovery without restart.

use serde_json::json;
use server::http::Auth;
use sqlx::{Connection, PgConnection};
use store::Store;

use super::{
    app::{Answer, TestApp, client, serve},
    database,
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
    sqlx::query("insert into quarantine_size (tenant_id, held) values ($1, 0)")
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
