//! What a server allows: time for a body, memory for all bodies, and clear words where that is used up.

use std::time::{Duration, Instant};

use domain::role::Role;
use reqwest::{Body, Method};
use serde_json::json;
use server::http::Limits;
use sqlx::{Connection, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::app::{Answer, TestApp, burnt};

/// Begins to send a body of so many bytes and sends none of them.
async fn begin(app: &TestApp, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(app.base.strip_prefix("http://").unwrap()).await.unwrap();
    let head = format!(
        "POST /exceptions/{} HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{{",
        app.tenant,
        app.key(Role::Operator)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up() {
    let app = TestApp::within(Limits {
        body_time: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let mut stream = begin(&app, 100).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"body-timeout\""),
        "{answer}"
    );
}

/// Sends the beginning of a body of 8 MiB, and no more.
async fn send_part(app: &TestApp, bytes: usize) -> TcpStream {
    let mut stream = begin(app, 8 << 20).await;
    stream.write_all(&vec![b' '; bytes]).await.unwrap();
    stream
}

/// Sends exceptions until one is refused.
async fn refused(app: &TestApp) -> Answer {
    loop {
        let answer = app.send(burnt("M-1", 1.0)).await;
        if answer.status != 202 {
            return answer;
        }
    }
}

fn small_memory(mebibytes: u32) -> Limits {
    Limits {
        body_memory: mebibytes << 20,
        ..Limits::default()
    }
}

#[tokio::test]
async fn bodies_wait_for_memory_and_are_told_to_come_back() {
    let app = TestApp::within(small_memory(8)).await;
    let all = send_part(&app, 5 << 20).await;
    // Until the first holds the memory, others find room.
    let refused = refused(&app).await;
    assert_eq!((refused.status, &refused.body["code"]), (503, &json!("overloaded")));
    assert!(refused.headers.contains_key("retry-after"));
    assert!(
        refused.detail().contains("as many bodies as its memory allows"),
        "{}",
        refused.detail()
    );
    let line = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-type", "application/x-ndjson");
    assert_eq!(
        line.body(burnt("M-2", 1.0).to_string()).send().await.unwrap().status(),
        200,
        "lines need none of it"
    );
    drop(all);
    let accepted = app.send(burnt("M-3", 1.0)).await;
    assert_eq!(accepted.status, 202);
}

#[tokio::test]
async fn whoever_only_announces_bodies_takes_no_memory_from_others() {
    let app = TestApp::within(small_memory(8)).await;
    let mut announced = Vec::new();
    for _ in 0..64 {
        announced.push(begin(&app, 8 << 20).await);
    }
    for number in 0..5 {
        let answer = app.send(burnt(&format!("A-{number}"), 1.0)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }
}

#[tokio::test]
async fn a_tenant_that_fills_its_share_of_the_memory_leaves_the_others_theirs() {
    let app = TestApp::within(small_memory(32)).await;
    let other = app.neighbour().await;
    let _held = [
        send_part(&app, 5 << 20).await,
        send_part(&app, 5 << 20).await,
        send_part(&app, 5 << 20).await,
    ];
    assert_eq!(refused(&app).await.body["code"], "overloaded");
    for number in 0..5 {
        assert_eq!(other.send(burnt(&format!("S-{number}"), 1.0)).await.status, 202);
    }
}

#[tokio::test]
async fn what_waits_to_be_stored_counts_though_its_sender_has_gone() {
    let app = TestApp::within(small_memory(8)).await;
    let mut holder = PgConnection::connect(app.url.expose()).await.unwrap();
    let mut lock = holder.begin().await.unwrap();
    sqlx::query("select 1 from chain_head where tenant_id = $1 for update")
        .bind(app.tenant.as_str())
        .execute(&mut *lock)
        .await
        .unwrap();
    let mut large = burnt("G-1", 1.0);
    large["rawPayload"]["note"] = json!("x".repeat(5 << 20));
    let large = json!({ "exception": large }).to_string();
    // It does not say how large it is, so it holds the memory for the largest.
    let large = Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>(large)]));
    let gone = app.as_role(Role::Operator, Method::POST, "/exceptions").body(large);
    // Given up by its sender once it waits for the chain.
    let gone = tokio::spawn(gone.send());
    let waits = "select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))";
    let mine: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *lock).await.unwrap();
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    while sqlx::query(waits).bind(mine).fetch_all(&mut admin).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.is_err());
    let other = app.send(burnt("G-2", 1.0)).await;
    assert_eq!((other.status, &other.body["code"]), (503, &json!("overloaded")), "{other:?}");
    lock.rollback().await.unwrap();
    while app.send(burnt("G-3", 1.0)).await.status != 202 {}
    app.get("/exceptions/G-1").await;
}

#[tokio::test]
async fn logins_and_commands_are_small() {
    let app = TestApp::start().await;
    let large = "x".repeat(64 << 10);
    let login = app.client.post(format!("{}/v1/session", app.base));
    let login = login.json(&json!({"tenantId": app.tenant, "key": large})).send().await.unwrap();
    assert_eq!(Answer::of(login).await.status, 413);
    assert_eq!(app.send(burnt("C-1", 1.0)).await.status, 202);
    let comment = app.as_role(Role::Operator, Method::POST, "/exceptions/C-1/commands");
    let refused = Answer::of(comment.json(&json!({"command": "comment", "text": large})).send().await.unwrap()).await;
    assert_eq!((refused.status, &refused.body["code"]), (413, &json!("too-large")));
    assert!(refused.detail().contains("65536 bytes"), "{}", refused.detail());
}

#[tokio::test]
async fn a_body_with_too_many_values_is_refused_and_commas_in_texts_are_none() {
    let app = TestApp::start().await;
    let mut exception = burnt("V-1", 1.0);
    exception["rawPayload"]["note"] = json!(",".repeat(2_000_000));
    assert_eq!(app.send(exception.clone()).await.status, 202);
    exception["rawPayload"]["note"] = json!(vec![1; 1_000_000]);
    let refused = app.send(exception).await;
    assert_eq!((refused.status, &refused.body["code"]), (413, &json!("too-large")));
    assert!(refused.detail().contains("1000000 JSON values"), "{}", refused.detail());
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_in_time() {
    let app = TestApp::within(Limits {
        request_time: Duration::from_millis(400),
        ..Limits::default()
    })
    .await;
    let began = Instant::now();
    let endless = futures::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some((Ok::<_, std::io::Error>(" "), ()))
    });
    let request = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .body(Body::wrap_stream(endless));
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("request-timeout")));
    assert!(answer.headers.contains_key("retry-after"));
    assert!(began.elapsed() < Duration::from_secs(60));
}
