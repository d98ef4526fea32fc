//! What long streams and large bodies cost the server in memory. In a process of its own, so that other tests do not count.
#![cfg(target_os = "linux")]

use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use domain::role::Role;
use futures::{StreamExt, stream};
use reqwest::Body;
use serde_json::json;

use super::app::{TestApp, burnt};

/// Lines sent; one in `STORED` is stored, the others are refused early, so that the test lasts seconds.
const LINES: u64 = 200_000;
const STORED: u64 = 100;
const MAX_GROWTH_KIB: u64 = 50 << 10;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Server {
    async fn start(app: &TestApp, args: &[&str]) -> (Self, String) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_sentinai"))
            .arg("serve")
            .args(args)
            .env("DATABASE_URL", app.url.expose())
            .env("SENTINAI_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (server, base) = (Self(child), format!("http://127.0.0.1:{port}"));
        for _ in 0..500 {
            if app.client.get(format!("{base}/health/db")).send().await.is_ok() {
                return (server, base);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the server does not start");
    }

    /// The most memory it ever held.
    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

fn block(from: u64) -> Bytes {
    let note = " ".repeat(600);
    let refused = |number| {
        let object = json!({"sourceSystem": "Oven", "exceptionType": "COLD", "rawPayload": {"number": number % 1000, "note": note}});
        format!("{object}\n")
    };
    let stored = format!("{}\n", burnt(&format!("M-{from}"), 1.0));
    (from + 1..from + STORED).map(refused).chain([stored]).collect::<String>().into()
}

#[tokio::test]
async fn two_hundred_thousand_lines_pass_through_in_little_memory() {
    let app = TestApp::alone().await;
    let (server, base) = Server::start(&app, &[]).await;
    let url = format!("{base}/v1/tenants/{}/exceptions", app.tenant);
    let send = async |lines: u64, from: u64| {
        let blocks =
            stream::iter((from..from + lines).step_by(usize::try_from(STORED).unwrap())).map(|from| Ok::<_, std::io::Error>(block(from)));
        let request = app
            .client
            .post(&url)
            .header("x-api-key", app.key(Role::Operator))
            .header("content-type", "application/x-ndjson");
        let mut answer = request.body(Body::wrap_stream(blocks)).send().await.unwrap().bytes_stream();
        let mut results = 0;
        while let Some(piece) = answer.next().await {
            results += piece.unwrap().iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        }
        assert_eq!(results, lines);
    };
    send(2000, 0).await;
    let before = server.peak_kib();
    let began = std::time::Instant::now();
    send(LINES, 2000).await;
    let grown = server.peak_kib() - before;
    eprintln!("{LINES} lines in {:?}; {before} KiB and {grown} KiB more", began.elapsed());
    assert!(grown < MAX_GROWTH_KIB, "grew by {grown} KiB");
    assert_eq!(app.get("/exceptions:facets").await["total"], (LINES + 2000) / STORED);
}

#[tokio::test]
async fn many_large_bodies_at_once_are_stored_or_told_to_come_back_in_bounded_memory() {
    let app = TestApp::alone().await;
    let (server, base) = Server::start(&app, &["--body-memory", "32"]).await;
    let note = Bytes::from(" ".repeat(7 << 20));
    let send = async |number: usize| {
        let object = json!({"exception": burnt(&format!("B-{number}"), 1.0)}).to_string();
        // White space between two tokens: large for whoever reads it, small for the database.
        let (head, tail) = object.split_at(1);
        let pieces = [Bytes::from(head.to_owned()), note.clone(), Bytes::from(tail.to_owned())];
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let body = Body::wrap_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)));
        let request = app
            .client
            .post(format!("{base}/exceptions/{}", app.tenant))
            .header("x-api-key", app.key(Role::Operator));
        // Half of them say how much comes.
        let request = if number.is_multiple_of(2) {
            request.header("content-length", length)
        } else {
            request
        };
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(send(0).await, 202);
    let before = server.peak_kib();
    let began = std::time::Instant::now();
    let answers = futures::future::join_all((1..=60).map(send)).await;
    let grown = server.peak_kib() - before;
    let stored = answers.iter().filter(|status| **status == 202).count();
    eprintln!("{stored} of 60 stored in {:?}; {before} KiB and {grown} KiB more", began.elapsed());
    assert!(answers.iter().all(|status| [202, 503].contains(status)), "{answers:?}");
    assert!(stored > 0, "{answers:?}");
    // Bodies of 420 MiB in 32 MiB, each in a buffer that doubles as it grows, what 60 connections read ahead, and what the
    // allocator keeps for each thread.
    assert!(grown < 160 << 10, "grew by {grown} KiB");
    assert_eq!(app.get("/exceptions:facets").await["total"], stored + 1);
    assert_eq!(send(61).await, 202);
}

#[tokio::test]
async fn bodies_of_many_small_values_are_carried_out_one_after_the_other() {
    let app = TestApp::alone().await;
    let (server, base) = Server::start(&app, &["--body-memory", "32"]).await;
    let numbers = vec![1; 400_000];
    let send = async |number: usize| {
        let mut exception = burnt(&format!("N-{number}"), 1.0);
        exception["rawPayload"]["numbers"] = json!(numbers);
        let request = app
            .client
            .post(format!("{base}/exceptions/{}", app.tenant))
            .header("x-api-key", app.key(Role::Operator));
        request
            .json(&json!({ "exception": exception }))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(send(0).await, 202);
    let one = server.peak_kib();
    let answers = futures::future::join_all((1..=10).map(send)).await;
    let ten = server.peak_kib();
    eprintln!("one: {one} KiB, ten: {ten} KiB, {answers:?}");
    assert!(
        answers.iter().all(|status| [202, 503].contains(status)) && answers.contains(&202),
        "{answers:?}"
    );
    assert!(ten < 2 * one, "one took {one} KiB and ten {ten} KiB");
}

#[tokio::test]
async fn an_export_of_large_rows_takes_little_memory() {
    let app = TestApp::alone().await;
    let mut large = burnt("X", 1.0);
    large["rawPayload"]["note"] = json!("x".repeat(1 << 20));
    for number in 0..32 {
        large["exceptionId"] = json!(format!("X-{number:02}"));
        assert_eq!(app.send(large.clone()).await.status, 202);
    }
    let (server, base) = Server::start(&app, &[]).await;
    let export = |query: &str| {
        let url = format!("{base}/v1/tenants/{}/exceptions:export?{query}", app.tenant);
        app.client.get(url).header("x-api-key", app.key(Role::Viewer)).send()
    };
    assert_eq!(export("q=nothing").await.unwrap().status(), 200);
    let before = server.peak_kib();
    let mut file = export("").await.unwrap().bytes_stream();
    let (mut bytes, mut lines) = (0, 0);
    while let Some(piece) = file.next().await {
        let piece = piece.unwrap();
        bytes += piece.len();
        lines += piece.iter().map(|byte| usize::from(*byte == b'\n')).sum::<usize>();
    }
    let growth = server.peak_kib() - before;
    eprintln!("{bytes} bytes with {growth} KiB");
    assert!(lines == 32 && bytes > 32 << 20, "{lines} lines, {bytes} bytes");
    assert!(growth < 32 << 10, "{growth} KiB");
}
