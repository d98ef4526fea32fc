//! Compressed request bodies: read like any other, and no way around the limit.

use async_compression::tokio::write::{GzipEncoder, ZstdEncoder};
use domain::role::Role;
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::app::{Answer, TestApp, burnt};

/// Compresses, part by part.
pub async fn gzip(parts: &[&[u8]]) -> Vec<u8> {
    let mut whole = Vec::new();
    for part in parts {
        let mut encoder = GzipEncoder::new(Vec::new());
        encoder.write_all(part).await.unwrap();
        encoder.shutdown().await.unwrap();
        whole.extend(encoder.into_inner());
    }
    whole
}

pub async fn zstd(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZstdEncoder::new(Vec::new());
    encoder.write_all(plain).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

async fn send(app: &TestApp, encoding: &str, body: Vec<u8>) -> Answer {
    let request = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-encoding", encoding);
    Answer::of(request.body(body).send().await.unwrap()).await
}

#[tokio::test]
async fn gzip_and_zstd_are_read_like_plain_bodies() {
    let app = TestApp::start().await;
    let body = json!({"exception": burnt("E-1", 1.0)}).to_string();
    let (first, second) = body.as_bytes().split_at(20);
    assert_eq!(send(&app, "gzip", gzip(&[first, second]).await).await.body["outcome"], "accepted");
    assert_eq!(
        send(&app, "X-GZIP", gzip(&[body.as_bytes()]).await).await.body["outcome"],
        "duplicate"
    );
    assert_eq!(send(&app, "zstd", zstd(body.as_bytes()).await).await.body["outcome"], "duplicate");
    assert_eq!(send(&app, "identity", body.into_bytes()).await.body["outcome"], "duplicate");
}

#[tokio::test]
async fn other_and_stacked_encodings_are_refused_by_name() {
    let app = TestApp::start().await;
    for encoding in ["br", "gzip, gzip", "gzip, zstd", "deflate"] {
        let answer = send(&app, encoding, b"{}".to_vec()).await;
        assert_eq!(
            (answer.status, &answer.headers["accept-encoding"]),
            (415, &"gzip, zstd".parse().unwrap())
        );
        assert!(
            answer
                .detail()
                .contains(&format!("{encoding} is not supported; send gzip, zstd or none")),
            "{}",
            answer.detail()
        );
    }
}

#[tokio::test]
async fn what_is_not_compressed_or_cut_short_is_malformed() {
    let app = TestApp::start().await;
    let body = json!({"exception": burnt("E-1", 1.0)}).to_string();
    let (gzipped, zstded) = (gzip(&[body.as_bytes()]).await, zstd(body.as_bytes()).await);
    for (encoding, sent) in [
        ("gzip", body.as_bytes()),
        ("zstd", body.as_bytes()),
        ("gzip", &gzipped[..gzipped.len() - 6]),
        ("zstd", &zstded[..zstded.len() - 2]),
    ] {
        let answer = send(&app, encoding, sent.to_vec()).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.detail().contains("not encoded as Content-Encoding says"),
            "{}",
            answer.detail()
        );
    }
    assert_eq!(app.get("/exceptions:facets").await["total"], 0);
}

#[tokio::test]
async fn a_bomb_is_too_large_however_small_it_was_sent() {
    let app = TestApp::start().await;
    let zeros = vec![b' '; 100 << 20];
    let (gzipped, zstded) = (gzip(&[&zeros]).await, zstd(&zeros).await);
    assert!(gzipped.len() < 1 << 20 && zstded.len() < 1 << 20);
    drop(zeros);
    for (encoding, bomb) in [("gzip", gzipped), ("zstd", zstded)] {
        let answer = send(&app, encoding, bomb).await;
        assert_eq!(answer.status, 413, "{encoding}");
        assert!(answer.detail().contains("8388608 bytes"), "{}", answer.detail());
    }
}

#[tokio::test]
async fn only_answers_that_are_worth_it_are_compressed() {
    let app = TestApp::start().await;
    for index in 0..10 {
        assert_eq!(app.send(burnt(&format!("Z-{index}"), 1.0)).await.status, 202);
    }
    for (path, encoding) in [("/exceptions", Some("gzip")), ("/exceptions:count", None)] {
        let request = app.as_role(Role::Viewer, Method::GET, path).header("accept-encoding", "gzip");
        let answer = request.send().await.unwrap();
        let named = answer.headers().get("content-encoding").map(|name| name.to_str().unwrap());
        assert_eq!(named, encoding, "{path}");
    }
}
