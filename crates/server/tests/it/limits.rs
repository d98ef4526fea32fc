//! What a server allows: time for a body, memory for all bodies, and clear words where that is used up.

use std::time::{Duration, Instant};

use domain::role::Role;
use reqwest::{Body, Method};
use serde_json::json;
use server::http::Limits;
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

#[tokio::test]
async fn bodies_wait_for_memory_and_are_told_to_come_back() {
    let app = TestApp::within(Limits {
        body_memory: 8 << 20,
        ..Limits::default()
    })
    .await;
    let all = begin(&app, 8 << 20).await;
    // Until the first holds the memory, others find room.
    let refused = loop {
        let answer = app.send(burnt("M-1", 1.0)).await;
        if answer.status != 202 {
            break answer;
        }
    };
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
