//! The desk's login.

use domain::role::Role;
use reqwest::Method;
use serde_json::json;
use server::http::Auth;

use super::app::{Answer, TestApp};

async fn log_in(app: &TestApp, tenant: &str, key: &str) -> Answer {
    Answer::of(
        app.client
            .post(format!("{}/v1/session", app.base))
            .json(&json!({"tenantId": tenant, "key": key}))
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn with_cookie(app: &TestApp, method: Method, path: &str, cookie: &str) -> Answer {
    Answer::of(
        app.client
            .request(method, format!("{}{path}", app.base))
            .header("cookie", cookie)
            .header("origin", &app.base)
            .send()
            .await
            .unwrap(),
    )
    .await
}

#[tokio::test]
async fn a_key_becomes_a_cookie_that_scripts_cannot_read_and_that_ends_at_logout() {
    let app = TestApp::start().await;
    let answer = log_in(&app, app.tenant.as_str(), app.key(Role::Supervisor)).await;
    assert_eq!((answer.status, &answer.body["role"]), (200, &json!("supervisor")));
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(app.key(Role::Supervisor)));
    let cookie = cookie.split(';').next().unwrap();
    let path = format!("/v1/tenants/{}/exceptions", app.tenant);
    assert_eq!(with_cookie(&app, Method::GET, &path, cookie).await.status, 200);
    assert_eq!(
        with_cookie(&app, Method::GET, "/v1/session", cookie).await.body["authenticated"],
        true
    );
    assert_eq!(with_cookie(&app, Method::DELETE, "/v1/session", cookie).await.status, 204);
    let ended = with_cookie(&app, Method::GET, &path, cookie).await;
    assert_eq!((ended.status, &ended.body["code"]), (401, &json!("session-ended")));
    assert_eq!(
        with_cookie(&app, Method::GET, "/v1/session", cookie).await.body["authenticated"],
        false
    );
}

#[tokio::test]
async fn wrong_keys_and_strange_tenants_are_told_alike() {
    let app = TestApp::start().await;
    let strangers = app.strangers_key().await;
    for (tenant, key) in [
        (app.tenant.as_str(), "nonsense"),
        (app.tenant.as_str(), &strangers),
        ("NO_SUCH", app.key(Role::Admin)),
        ("", ""),
    ] {
        let answer = log_in(&app, tenant, key).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (401, &json!("invalid-credential")),
            "{tenant}"
        );
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn another_sites_page_cannot_act_with_our_cookie() {
    let app = TestApp::start().await;
    let login = log_in(&app, app.tenant.as_str(), app.key(Role::Operator)).await;
    let cookie = login.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let url = format!("{}/v1/tenants/{}/exceptions", app.base, app.tenant);
    let request = app
        .client
        .post(url)
        .header("cookie", cookie)
        .header("sec-fetch-site", "cross-site")
        .body("{}");
    assert_eq!(Answer::of(request.send().await.unwrap()).await.body["code"], "cross-origin");
}

#[tokio::test]
async fn without_authentication_the_tenant_is_enough_but_only_for_local_names() {
    let app = TestApp::with(Auth::Off).await;
    assert_eq!(log_in(&app, app.tenant.as_str(), "").await.status, 200);
    let url = format!("{}/v1/tenants/{}/exceptions", app.base, app.tenant);
    assert_eq!(app.client.get(&url).send().await.unwrap().status(), 200);
    let rebound = app.client.get(&url).header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
    assert_eq!(log_in(&app, "NO_SUCH", "").await.status, 404);
}
