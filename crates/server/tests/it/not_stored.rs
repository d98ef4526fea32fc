//! Items that the database refuses: their neighbours are stored, whoever sent them, and they themselves are kept.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::app::{TestApp, burnt};

/// A server whose database takes no exception with an id that begins with `bad`.
async fn picky() -> TestApp {
    let app = TestApp::alone().await;
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    let rule = "alter table exception add constraint picky check (exception_id not like 'bad%')";
    sqlx::query(rule).execute(&mut admin).await.unwrap();
    app
}

async fn stored(app: &TestApp) -> Vec<String> {
    let list = app.get("/exceptions?limit=100").await;
    let ids = list["items"].as_array().unwrap().iter();
    let mut ids: Vec<String> = ids.map(|item| item["exceptionId"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_item_that_the_database_refuses_never_fails_its_neighbours() {
    let app = picky().await;
    let ids = ["a", "bad-1", "b", "c", "d", "bad-2", "e"];
    let items: Vec<Value> = ids.iter().map(|id| burnt(id, 1.0)).collect();
    let answer = app.post(json!({"exceptions": items}).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        (&answer.body["accepted"], &answer.body["rejected"]),
        (&json!(5), &json!(2)),
        "{}",
        answer.body
    );
    assert_eq!(stored(&app).await, ["a", "b", "c", "d", "e"]);
    let held = app.get("/quarantine").await;
    assert_eq!(held["total"], 2, "{held}");
    for item in held["items"].as_array().unwrap() {
        assert!(item.to_string().contains("not-stored"), "{held}");
    }
}

#[tokio::test]
async fn a_stream_goes_on_after_a_line_that_the_database_refuses() {
    let app = picky().await;
    let lines: Vec<String> = ["a", "bad", "b"].iter().map(|id| burnt(id, 1.0).to_string()).collect();
    let request = app.as_role(Role::Operator, Method::POST, "/exceptions");
    let request = request.header("content-type", "application/x-ndjson").body(lines.join("\n"));
    let answer = request.send().await.unwrap().text().await.unwrap();
    let outcomes: Vec<Value> = answer
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["accepted", "rejected", "accepted"], "{answer}");
    assert_eq!(stored(&app).await, ["a", "b"]);
}

#[tokio::test]
async fn requests_at_the_same_moment_are_stored_beside_one_that_the_database_refuses() {
    let app = picky().await;
    let ids: Vec<String> = (0..40)
        .map(|n| if n % 10 == 3 { format!("bad-{n}") } else { format!("good-{n:02}") })
        .collect();
    let answers = futures::future::join_all(ids.iter().map(|id| app.send(burnt(id, 1.0)))).await;
    for (id, answer) in ids.iter().zip(answers) {
        let expected = if id.starts_with("bad") { 500 } else { 202 };
        assert_eq!(answer.status, expected, "{id}: {}", answer.body);
    }
    assert_eq!(stored(&app).await.len(), 36);
    assert_eq!(app.get("/quarantine").await["total"], 4, "what is refused is kept");
}
