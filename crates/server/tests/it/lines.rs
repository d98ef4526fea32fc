//! NDJSON: results come while lines are sent, in order, and each one told is stored.

use std::time::Duration;

use bytes::Bytes;
use domain::role::Role;
use futures::StreamExt;
use reqwest::{Body, Client, Method, RequestBuilder};
use serde_json::{Value, json};
use server::http::Auth;
use store::Store;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    app::{Answer, TestApp, burnt, serve},
    encodings::{gzip, zstd},
};

const NDJSON: &str = "application/x-ndjson";

fn request(app: &TestApp) -> RequestBuilder {
    app.as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-type", NDJSON)
}

fn results(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn send(app: &TestApp, body: impl Into<Body>) -> Vec<Value> {
    let response = request(app).body(body).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &NDJSON.parse().unwrap())
    );
    results(&response.text().await.unwrap())
}

fn line(id: impl std::fmt::Display) -> String {
    format!("{}\n", burnt(&id.to_string(), 1.0))
}

/// A request whose lines are sent one by one, and its answer as it comes.
struct Open {
    lines: mpsc::Sender<Result<Bytes, std::io::Error>>,
    answer: futures::stream::BoxStream<'static, reqwest::Result<Bytes>>,
    begun: String,
}

impl Open {
    async fn start(request: RequestBuilder) -> Self {
        let (lines, sent) = mpsc::channel(1);
        let answer = request.body(Body::wrap_stream(ReceiverStream::new(sent))).send().await.unwrap();
        Self {
            lines,
            answer: answer.bytes_stream().boxed(),
            begun: String::new(),
        }
    }

    async fn send(&self, line: String) -> bool {
        self.lines.send(Ok(line.into())).await.is_ok()
    }

    /// The next result; none at the end of the answer.
    async fn next(&mut self) -> Option<Value> {
        while !self.begun.contains('\n') {
            let piece = self.answer.next().await?.ok()?;
            self.begun.push_str(std::str::from_utf8(&piece).unwrap());
        }
        let (line, rest) = self.begun.split_once('\n').unwrap();
        let value = serde_json::from_str(line).unwrap();
        self.begun = rest.into();
        Some(value)
    }
}

#[tokio::test]
async fn every_line_has_its_result_in_order() {
    let app = TestApp::start().await;
    let mut body = format!("{}\r\n\n{{\"exception\": {}}}\n", burnt("L-1", 5000.0), burnt("L-1", 5000.0)).into_bytes();
    body.extend(b"{\"exceptionId\":\n\xff\n7\n");
    body.extend(format!("\"{}\"\n", "x".repeat(1 << 20)).bytes());
    body.extend(
        format!(
            "{}\n",
            json!({"exception": {"sourceSystem": "Oven", "exceptionType": "COLD", "rawPayload": {}}})
        )
        .bytes(),
    );
    body.extend(burnt("L-1", 1.0).to_string().bytes());
    let results = send(&app, body).await;
    let told: Vec<String> = results
        .iter()
        .map(|result| {
            format!(
                "{} {} {}",
                result["line"],
                result["outcome"].as_str().unwrap(),
                result["errors"][0]["code"].as_str().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "1 accepted -",
            "3 duplicate -",
            "4 rejected not-json",
            "5 rejected unreadable",
            "6 rejected not-an-object",
            "7 rejected unreadable",
            "8 rejected unknown-type",
            "9 rejected differs"
        ]
    );
    insta::assert_json_snapshot!([&results[0], &results[5], &results[7]]);
    assert_eq!(results[6]["errors"][0]["pointer"], "/exception/exceptionType");
    assert_eq!(app.get("/exceptions:facets").await["total"], 1);
    assert_eq!(send(&app, "\n\n").await, [] as [Value; 0]);
}

#[tokio::test]
async fn results_come_while_lines_are_still_sent() {
    let app = TestApp::start().await;
    let mut open = Open::start(request(&app).header("accept-encoding", "gzip")).await;
    for number in 1..=3 {
        open.send(line(number)).await;
        let result = open.next().await.unwrap();
        assert_eq!((&result["line"], &result["outcome"]), (&json!(number), &json!("accepted")));
        assert_eq!(app.get("/exceptions:facets").await["total"], number);
    }
    let Open { lines, mut answer, .. } = open;
    drop(lines);
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn compressed_lines_are_read_and_a_body_that_breaks_off_says_where() {
    let app = TestApp::start().await;
    let body: String = (1..=1200).map(line).collect();
    for packed in [gzip(&[body.as_bytes()]).await, zstd(body.as_bytes()).await]
        .into_iter()
        .zip(["gzip", "zstd"])
    {
        let (packed, encoding) = packed;
        let text = request(&app)
            .header("content-encoding", encoding)
            .body(packed)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let numbers: Vec<u64> = results(&text).iter().map(|result| result["line"].as_u64().unwrap()).collect();
        assert!(numbers.iter().copied().eq(1..=1200));
    }
    assert_eq!(app.get("/exceptions:facets").await["total"], 1200);
    let cut = gzip(&[body.as_bytes()]).await;
    let text = request(&app).header("content-encoding", "gzip").body(cut[..cut.len() - 6].to_vec());
    let results = results(&text.send().await.unwrap().text().await.unwrap());
    let (last, stored) = results.split_last().unwrap();
    assert_eq!((&last["outcome"], &last["status"]), (&json!("failed"), &json!(400)));
    assert_eq!(last["line"].as_u64().unwrap(), stored.len() as u64 + 1);
}

#[tokio::test]
async fn what_refuses_every_line_is_told_as_the_status() {
    let app = TestApp::start().await;
    let brotli = request(&app).header("content-encoding", "br").body("{}").send().await.unwrap();
    assert_eq!(Answer::of(brotli).await.status, 415);
    let viewer = app
        .as_role(Role::Viewer, Method::POST, "/exceptions")
        .header("content-type", NDJSON);
    assert_eq!(Answer::of(viewer.body("{}").send().await.unwrap()).await.status, 403);
}

#[tokio::test]
async fn a_sender_that_goes_away_loses_nothing_it_was_told() {
    let app = TestApp::start().await;
    let mut open = Open::start(request(&app)).await;
    let mut told = 0;
    for number in 1..=2000 {
        open.send(line(number)).await;
        if number % 500 == 0 {
            while told + 400 < number {
                assert_eq!(open.next().await.unwrap()["outcome"], "accepted");
                told += 1;
            }
        }
    }
    drop(open);
    assert!(told > 1500);
    assert!(app.get("/exceptions:facets").await["total"].as_u64().unwrap() >= told);
}

/// Stands between the server and its database until told to stop.
async fn gateway(target: String) -> (u16, mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, mut stopped) = mpsc::channel::<()>(1);
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (mut inner, mut outer) = (accepted.unwrap().0, TcpStream::connect(&target).await.unwrap());
                    connections.spawn(async move { copy_bidirectional(&mut inner, &mut outer).await });
                }
                _ = stopped.recv() => break,
            }
        }
    });
    (port, stop)
}

#[tokio::test]
async fn without_its_database_a_stream_ends_with_the_line_to_go_on_from() {
    let app = TestApp::start().await;
    let direct = super::database::url().await.expose().to_owned();
    let (credentials, place) = direct.rsplit_once('@').unwrap();
    let (address, database) = place.split_once('/').unwrap();
    let (port, stop) = gateway(address.to_owned()).await;
    let through = format!("{credentials}@127.0.0.1:{port}/{database}").parse().unwrap();
    let base = serve(Store::open(&through, 4).unwrap(), Auth::Key).await;
    let url = format!("{base}/v1/tenants/{}/exceptions", app.tenant);
    let client = Client::builder().no_proxy().build().unwrap();
    let mut open = Open::start(
        client
            .post(url)
            .header("x-api-key", app.key(Role::Operator))
            .header("content-type", NDJSON),
    )
    .await;
    for number in 1..=3 {
        open.send(line(number)).await;
        assert_eq!(open.next().await.unwrap()["outcome"], "accepted");
    }
    stop.send(()).await.unwrap();
    open.send(line(4)).await;
    let last = open.next().await.unwrap();
    assert_eq!(
        (&last["line"], &last["outcome"], &last["status"]),
        (&json!(4), &json!("failed"), &json!(503))
    );
    let detail = last["detail"].as_str().unwrap();
    assert!(
        detail.ends_with("All lines up to 3 have their result; send the rest again"),
        "{detail}"
    );
    assert!(tokio::time::timeout(Duration::from_secs(5), open.next()).await.unwrap().is_none());
    assert_eq!(app.get("/exceptions:facets").await["total"], 3);
}

/// Sends a whole body before it reads anything of the answer, as many clients do.
async fn send_then_read(app: &TestApp, query: &str, body: &[u8]) -> String {
    let address = app.base.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/tenants/{}/exceptions{query} HTTP/1.1\r\nHost: {address}\r\nX-API-KEY: {}\r\nContent-Type: {NDJSON}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        app.tenant,
        app.key(Role::Operator),
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(body).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The lines of an answer in chunks.
fn lines_of(answer: &str) -> Vec<Value> {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut text = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        text.push_str(&after[..size]);
        rest = &after[size + 2..];
        if size == 0 {
            break;
        }
    }
    results(&text)
}

#[tokio::test]
async fn a_client_that_reads_only_after_it_has_sent_everything_gets_the_rejected_lines() {
    let app = TestApp::start().await;
    let mut cold = burnt("C-1", 1.0);
    cold["exceptionType"] = json!("COLD");
    // Most lines are refused early, so that the test lasts seconds; what is answered in all is more than any socket holds.
    let line_of = |number: u32| match number % 1000 {
        1 => line(number),
        2 => format!("{cold}\n"),
        3 => "\n".to_owned(),
        _ => format!("no JSON {number}\n"),
    };
    let body: String = (1..=200_000).map(line_of).collect();
    let patience = Duration::from_secs(120);
    let answer = tokio::time::timeout(patience, send_then_read(&app, "?results=rejected", body.as_bytes())).await;
    let lines = lines_of(&answer.expect("it waits for a reader"));
    let (summary, told) = lines.split_last().unwrap();
    let told_count = told.len() as u64;
    assert_eq!(
        summary,
        &json!({
            "outcome": "summary", "lines": 199_800, "accepted": 200, "linked": 0, "duplicates": 0, "rejected": 199_600,
            "omitted": 199_600 - told_count
        })
    );
    assert!(told.iter().all(|line| line["outcome"] == "rejected"));
    assert_eq!(
        (&told[0]["line"], &told[0]["errors"][0]["code"]),
        (&json!(2), &json!("unknown-type"))
    );
    assert!(told[0]["quarantineId"].is_string());
    assert!(
        told_count > 1000 && serde_json::to_string(told).unwrap().len() < 2 << 20,
        "{told_count}"
    );
    assert_eq!(app.get("/exceptions/facets").await["total"], 200);
}

#[tokio::test]
async fn a_stream_answered_with_its_rejected_lines_says_how_it_ended() {
    let app = TestApp::start().await;
    let all = results(&send_to(&app, "?results=rejected", format!("{}7\n{}", line(1), line(1)), None).await);
    assert_eq!(
        (&all[0]["line"], &all[1]),
        (
            &json!(2),
            &json!({"outcome": "summary", "lines": 3, "accepted": 1, "linked": 0, "duplicates": 1, "rejected": 1, "omitted": 0})
        )
    );
    let cut = gzip(&[b"7\n"]).await;
    let broken = results(&send_to(&app, "?results=rejected", cut[..cut.len() - 6].to_vec(), Some("gzip")).await);
    let outcomes: Vec<&Value> = broken.iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["rejected", "summary", "failed"]);
    assert_eq!((&broken[2]["status"], &broken[2]["code"]), (&json!(400), &json!("malformed")));
    for wrong in ["results=", "results=some", "onConflict="] {
        let request = app
            .as_role(Role::Operator, Method::POST, &format!("/exceptions?{wrong}"))
            .header("content-type", NDJSON);
        assert_eq!(Answer::of(request.body("{}").send().await.unwrap()).await.status, 400, "{wrong}");
    }
    let whole = app.as_role(Role::Operator, Method::POST, "/exceptions?results=rejected");
    let whole = Answer::of(whole.json(&json!({"exception": burnt("W", 1.0)})).send().await.unwrap()).await;
    assert_eq!(whole.status, 400);
    assert!(whole.detail().contains("is for lines"), "{}", whole.detail());
}

async fn send_to(app: &TestApp, query: &str, body: impl Into<Body>, encoding: Option<&str>) -> String {
    let mut request = app
        .as_role(Role::Operator, Method::POST, &format!("/exceptions{query}"))
        .header("content-type", NDJSON);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    request.body(body).send().await.unwrap().text().await.unwrap()
}
