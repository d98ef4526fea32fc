//! `Idempotency-Key`: a request is carried out once, and every retry gets the same bytes.

use bytes::Bytes;
use domain::{ids::TenantId, role::Role};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use server::http::{Auth, Limits};
use sqlx::{Connection, PgConnection};
use store::Store;

use super::{
    app::{TestApp, burnt, make_keys},
    database::{self, TestTenant, make_tenant, unique},
};

struct Sent {
    status: u16,
    headers: HeaderMap,
    bytes: Bytes,
}

impl Sent {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    fn is_replayed(&self) -> bool {
        self.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
    }
}

async fn sent(request: RequestBuilder) -> Sent {
    let answer = request.send().await.unwrap();
    Sent {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        bytes: answer.bytes().await.unwrap(),
    }
}

fn post(app: &TestApp, key: &str, body: &Value) -> RequestBuilder {
    let request = app.as_role(Role::Operator, Method::POST, "/exceptions");
    request.header("idempotency-key", key).body(body.to_string())
}

/// An exception without an id, so that nothing but the key tells a retry.
fn anonymous() -> Value {
    let mut exception = burnt("", 1.0);
    exception.as_object_mut().unwrap().remove("exceptionId");
    json!({ "exception": exception })
}

async fn total(app: &TestApp) -> Value {
    app.get("/exceptions:facets").await["total"].clone()
}

#[tokio::test]
async fn a_retry_gets_the_same_bytes_and_says_so() {
    let app = TestApp::start().await;
    let key = unique("key");
    let first = sent(post(&app, &format!("\"{key}\""), &anonymous())).await;
    assert_eq!(
        (first.status, first.json()["outcome"].as_str(), first.is_replayed()),
        (202, Some("accepted"), false)
    );
    for key in [format!("\"{key}\""), key] {
        let again = sent(post(&app, &key, &anonymous())).await;
        assert_eq!((again.status, &again.bytes), (202, &first.bytes));
        assert_eq!(again.headers["content-type"], first.headers["content-type"]);
        assert!(again.is_replayed());
    }
    let other = sent(post(&app, &unique("key"), &anonymous())).await;
    assert_ne!(other.json()["exceptionId"], first.json()["exceptionId"]);
    assert_eq!(total(&app).await, 2);
}

#[tokio::test]
async fn one_hundred_at_once_with_one_key_make_one_row_and_then_get_equal_bytes() {
    let app = TestApp::start().await;
    let key = unique("key");
    let answers = futures::future::join_all((0..100).map(|_| sent(post(&app, &key, &anonymous())))).await;
    for answer in &answers {
        let waits = answer.status == 409 && answer.code() == "request-in-flight" && answer.headers["retry-after"] == "1";
        assert!(answer.status == 202 || waits, "{} {:?}", answer.status, answer.bytes);
    }
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.status == 202 && !answer.is_replayed())
            .count(),
        1
    );
    let retries = futures::future::join_all((0..100).map(|_| sent(post(&app, &key, &anonymous())))).await;
    assert!(
        retries
            .iter()
            .all(|retry| retry.status == 202 && retry.is_replayed() && retry.bytes == retries[0].bytes)
    );
    assert_eq!(total(&app).await, 1);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_tenant() {
    let app = TestApp::start().await;
    let key = unique("key");
    assert_eq!(sent(post(&app, &key, &anonymous())).await.status, 202);
    let queried = app.as_role(Role::Operator, Method::POST, "/exceptions?onConflict=revise");
    let short = app.client.post(format!("{}/exceptions/{}", app.base, app.tenant));
    let short = short.header("x-api-key", app.key(Role::Operator)).header("idempotency-key", &key);
    for other in [
        post(&app, &key, &json!({"exception": burnt("K-1", 1.0)})),
        post(&app, &key, &anonymous()).header("content-type", "text/json"),
        queried.header("idempotency-key", &key).body(anonymous().to_string()),
        short.body(anonymous().to_string()),
    ] {
        let refused = sent(other).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "idempotency-key-reused"));
    }
    let theirs = make_tenant(&app.owner).await;
    let operator = &make_keys(&app.owner, &theirs).await[&Role::Operator];
    let url = format!("{}/v1/tenants/{theirs}/exceptions", app.base);
    let request = app.client.post(url).header("x-api-key", operator).header("idempotency-key", &key);
    let answer = sent(request.body(anonymous().to_string())).await;
    assert_eq!((answer.status, answer.is_replayed()), (202, false));
}

#[tokio::test]
async fn attributes_of_an_event_in_headers_are_part_of_the_request() {
    let app = TestApp::start().await;
    let key = unique("key");
    let event = |id: &str| {
        let request = post(&app, &key, &json!({"rawPayload": burnt("", 1.0)["rawPayload"]})).header("ce-specversion", "1.0");
        request
            .header("ce-id", id)
            .header("ce-source", "/oven")
            .header("ce-type", "BURNT_BREAD")
    };
    assert_eq!(sent(event("1")).await.status, 202);
    assert!(sent(event("1")).await.is_replayed());
    assert_eq!(sent(event("2")).await.code(), "idempotency-key-reused");
}

#[tokio::test]
async fn refusals_are_kept_and_keys_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let (key, bad) = (unique("key"), json!({"exception": {"sourceSystem": "Oven"}}));
    let first = sent(post(&app, &key, &bad)).await;
    let again = sent(post(&app, &key, &bad)).await;
    assert_eq!((first.status, again.status, again.is_replayed()), (422, 422, true));
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(again.headers["content-type"], "application/problem+json");
    let long = "x".repeat(256);
    for key in ["", "a b", "\"open", long.as_str()] {
        let refused = sent(post(&app, key, &anonymous())).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "malformed"), "{key}");
    }
    let line = post(&app, &key, &burnt("L-1", 1.0)).header("content-type", "application/x-ndjson");
    assert_eq!(sent(line).await.code(), "idempotency-key-on-stream");
    assert_eq!(total(&app).await, 0);
}

#[tokio::test]
async fn an_answer_that_is_too_large_to_keep_is_given_once() {
    let app = TestApp::start().await;
    let (key, body) = (unique("key"), json!({"exceptions": vec![7; 10_000]}));
    let first = sent(post(&app, &key, &body)).await;
    assert!(
        first.status == 200 && first.bytes.len() > 1 << 20,
        "{} {}",
        first.status,
        first.bytes.len()
    );
    let again = sent(post(&app, &key, &body)).await;
    assert_eq!(
        (again.status, again.code().as_str(), again.is_replayed()),
        (413, "response-not-stored", true)
    );
}

/// Holds the end of the tenant's chain, so that nothing of it is stored.
async fn hold_chain(tenant: &TenantId) -> PgConnection {
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    sqlx::query("begin").execute(&mut admin).await.unwrap();
    let held = sqlx::query("select from chain_head where tenant_id = $1 for update").bind(tenant.as_str());
    held.execute(&mut admin).await.unwrap();
    admin
}

#[tokio::test]
async fn what_failed_for_the_moment_is_carried_out_by_the_retry() {
    let mut db = TestTenant::new().await;
    let mut impatient = db.url.as_role(store::APP_ROLE).expose().to_owned();
    impatient.push_str("?options=-c%20lock_timeout%3D300ms");
    db.store = Store::open(&impatient.parse().unwrap(), 4).unwrap();
    let app = TestApp::of(db, Auth::Key, Limits::default()).await;
    let (key, held) = (unique("key"), hold_chain(&app.tenant).await);
    let failed = sent(post(&app, &key, &anonymous())).await;
    assert_eq!((failed.status, failed.code().as_str()), (503, "database-unavailable"));
    assert!(failed.headers.contains_key("retry-after"));
    drop(held);
    let done = sent(post(&app, &key, &anonymous())).await;
    assert_eq!((done.status, done.is_replayed()), (202, false));
    assert_eq!(total(&app).await, 1);
}

#[tokio::test]
async fn work_goes_on_when_its_caller_has_gone_and_the_retry_gets_its_answer() {
    let app = TestApp::start().await;
    let (key, held) = (unique("key"), hold_chain(&app.tenant).await);
    let impatient = post(&app, &key, &anonymous()).timeout(std::time::Duration::from_millis(500));
    assert!(impatient.send().await.unwrap_err().is_timeout());
    let meanwhile = sent(post(&app, &key, &anonymous())).await;
    assert_eq!((meanwhile.status, meanwhile.code().as_str()), (409, "request-in-flight"));
    drop(held);
    let done = loop {
        let answer = sent(post(&app, &key, &anonymous())).await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert_eq!(
        (done.status, done.is_replayed(), done.json()["outcome"].as_str()),
        (202, true, Some("accepted"))
    );
    assert_eq!(total(&app).await, 1);
}

#[tokio::test]
async fn a_server_that_died_before_it_kept_the_answer_stores_nothing_twice() {
    let app = TestApp::start().await;
    let key = unique("key");
    let batch = json!({"exceptions": [anonymous()["exception"], 7, anonymous()["exception"]]});
    let first = sent(post(&app, &key, &batch)).await;
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let died = "update idempotent_request set status = null, headers = null, body = null, locked_until = created_at where tenant_id = $1";
    let died = sqlx::query(died).bind(app.tenant.as_str()).execute(&mut admin).await.unwrap();
    assert_eq!(died.rows_affected(), 1);
    let again = sent(post(&app, &key, &batch)).await;
    assert_eq!((again.status, again.is_replayed()), (200, false));
    assert_eq!(
        (&first.json()["accepted"], &first.json()["linked"], &again.json()["duplicates"]),
        (&json!(1), &json!(1), &json!(2)),
        "both are one problem"
    );
    for index in [0, 2] {
        assert_eq!(
            first.json()["results"][index]["exceptionId"],
            again.json()["results"][index]["exceptionId"]
        );
    }
    assert_eq!(total(&app).await, 2);
}
