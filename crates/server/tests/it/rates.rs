//! Rates per tenant: who has one is told where it stands, who has none is not bothered.

use std::num::NonZeroU32;

use domain::{rate::Rate, role::Role};
use reqwest::{Method, Response};

use super::app::{Answer, TestApp, burnt, make_keys};
use super::database::make_tenant;

fn rate(per_second: u32, burst: u32) -> Option<Rate> {
    Some(Rate {
        per_second: NonZeroU32::new(per_second)?,
        burst: NonZeroU32::new(burst)?,
    })
}

async fn limited(rate: Option<Rate>) -> TestApp {
    let app = TestApp::start().await;
    assert!(app.owner.set_rate(&app.tenant, rate, super::database::noon()).await.unwrap());
    app
}

async fn list(app: &TestApp) -> Response {
    app.as_role(Role::Viewer, Method::GET, "/exceptions").send().await.unwrap()
}

#[tokio::test]
async fn beyond_its_rate_a_tenant_is_told_when_to_come_back() {
    let app = limited(rate(1, 3)).await;
    let first = Answer::of(list(&app).await).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.headers["ratelimit-policy"], "\"default\";q=3;w=3");
    assert_eq!(first.headers["ratelimit"], "\"default\";r=2;t=1");
    let answers = futures::future::join_all((0..20).map(|_| async { Answer::of(list(&app).await).await })).await;
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty());
    for answer in refused {
        assert_eq!(
            (&answer.body["code"], answer.headers["retry-after"].to_str().unwrap()),
            (&"rate-limited".into(), "1")
        );
        assert_eq!(answer.headers["ratelimit"], "\"default\";r=0;t=3");
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=3;w=3");
        assert!(answer.detail().contains("1 requests a second"), "{}", answer.detail());
    }
    let unknown = app.client.get(format!("{}/health", app.base)).send().await.unwrap();
    assert_eq!((unknown.status().as_u16(), unknown.headers().get("ratelimit")), (200, None));
    let other = make_tenant(&app.owner).await;
    let key = &make_keys(&app.owner, &other).await[&Role::Viewer];
    let url = format!("{}/v1/tenants/{other}/exceptions", app.base);
    let other = app.client.get(url).header("x-api-key", key).send().await.unwrap();
    assert_eq!((other.status().as_u16(), other.headers().get("ratelimit")), (200, None));
}

#[tokio::test]
async fn a_rate_takes_effect_and_ends_in_a_running_server() {
    let app = TestApp::start().await;
    assert!(list(&app).await.headers().get("ratelimit").is_none());
    for (rate, policy) in [
        (rate(50, 100), Some("\"default\";q=100;w=2")),
        (rate(50, 50), Some("\"default\";q=50;w=1")),
        (None, None),
    ] {
        assert!(app.owner.set_rate(&app.tenant, rate, super::database::noon()).await.unwrap());
        let told = |answer: &Response| {
            answer
                .headers()
                .get("ratelimit-policy")
                .map(|policy| policy.to_str().unwrap().to_owned())
        };
        app.until(Role::Viewer, "/exceptions", |answer| told(answer).as_deref() == policy)
            .await;
    }
}

#[tokio::test]
async fn a_stream_counts_once_and_refusals_count_too() {
    let app = limited(rate(1, 3)).await;
    let lines: Vec<String> = (0..50).map(|number| burnt(&format!("R-{number}"), 1.0).to_string()).collect();
    let request = app.as_role(Role::Operator, Method::POST, "/exceptions");
    let answer = request
        .header("content-type", "application/x-ndjson")
        .body(lines.join("\n"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["ratelimit"], "\"default\";r=2;t=1");
    assert_eq!(answer.text().await.unwrap().matches("\"accepted\"").count(), 50);
    let forbidden = app.as_role(Role::Viewer, Method::POST, "/exceptions").send().await.unwrap();
    assert_eq!(forbidden.status(), 403);
    assert!(forbidden.headers().contains_key("ratelimit"));
}

/// Asks many times at once until a rate refuses it; returns the number of answers before.
async fn until_too_often(ask: impl AsyncFn() -> Response) -> usize {
    let mut answered = 0;
    for _ in 0..100 {
        let answers = futures::future::join_all((0..40).map(|_| async { Answer::of(ask().await).await })).await;
        let refused = answers.iter().find(|answer| answer.status == 429);
        answered += answers.iter().filter(|answer| answer.status != 429).count();
        if let Some(refused) = refused {
            assert_eq!(refused.body["code"], "rate-limited");
            assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
            return answered;
        }
    }
    panic!("never too often: {answered} were answered");
}

#[tokio::test]
async fn exports_and_logins_of_a_key_have_a_rate_and_fill_no_audit_trail() {
    let app = TestApp::start().await;
    app.send(burnt("R-1", 1.0)).await;
    let nothing = async || {
        app.as_role(Role::Viewer, Method::GET, "/exceptions:export?source=None")
            .send()
            .await
            .unwrap()
    };
    assert!(until_too_often(nothing).await >= 60);
    // Another key has exports of its own; those of nothing are no events, and a long filter is kept in part.
    let long = format!("/exceptions:export?source=Oven{}", format!("&source={}", "x".repeat(50)).repeat(60));
    let export = app.as_role(Role::Operator, Method::GET, &long).send().await.unwrap();
    assert_eq!(export.status(), 200);
    let exported: Vec<i32> = sqlx::query_scalar("select length(data::text) from event where tenant_id = $1 and kind = 'exported'")
        .bind(app.tenant.as_str())
        .fetch_all(&mut super::work::admin().await)
        .await
        .unwrap();
    assert!(exported.len() == 1 && exported[0] < 2_200, "{exported:?}");
    let login = |key: String| {
        app.client
            .post(format!("{}/v1/session", app.base))
            .json(&serde_json::json!({"tenantId": app.tenant, "key": key}))
    };
    let right = async || login(app.key(Role::Viewer).to_owned()).send().await.unwrap();
    assert!(until_too_often(right).await >= 60);
    let wrong = async || login("snt_wrong".to_owned()).send().await.unwrap();
    assert!(until_too_often(wrong).await >= 60);
    // Who guesses keeps nobody out.
    assert_eq!(login(app.key(Role::Admin).to_owned()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_request_counts_once_however_much_of_it_asks_for_its_caller() {
    let app = limited(rate(1, 10)).await;
    let queries = [
        "/exceptions",
        "/exceptions?field.loss=1",
        "/exceptions:count?field.loss=1&field.oven=O-1",
    ];
    for (query, left) in queries.into_iter().zip([9, 8, 7]) {
        let answer = app.as_role(Role::Viewer, Method::GET, query).send().await.unwrap();
        let told = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(told.contains(&format!("r={left};")), "{query}: {told}");
    }
}
