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
