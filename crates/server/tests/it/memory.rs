//! What a long stream costs the server in memory. In a process of its own, so that other tests do not count.
#![cfg(target_os = "linux")]

use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use domain::role::Role;
use futures::{StreamExt, stream};
use reqwest::Body;
use serde_json::json;

use super::{
    app::{TestApp, burnt},
    database,
};

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
    async fn start(app: &TestApp) -> (Self, String) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_sentinai"))
            .arg("serve")
            .env("DATABASE_URL", database::url().await.expose())
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
    let app = TestApp::start().await;
    let (server, base) = Server::start(&app).await;
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
    assert_eq!(app.get("/exceptions/facets").await["total"], (LINES + 2000) / STORED);
}
