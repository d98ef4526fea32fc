//! What browsers may do: whose pages act with the session cookie, which headers tell them so, and which addresses are pages.

use std::net::SocketAddr;

use domain::role::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::{
    clock::ManualClock,
    http::{AppState, Auth, Limits, LiveFeed, Site, router},
};

use super::{
    app::{Answer, TestApp, burnt},
    database::{TestTenant, noon},
};

const DESK: &str = "https://desk.example";

/// A server that is reached in another way.
async fn published(site: Site) -> TestApp {
    let tenant = TestTenant::new().await;
    let state = AppState::new(
        tenant.store.clone(),
        ManualClock::at(noon()).clock(),
        LiveFeed::default(),
        Auth::Key,
    )
    .with_site(site);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let mut app = TestApp::of(tenant, Auth::Key, Limits::default()).await;
    app.base = base;
    app
}

fn log_in(app: &TestApp, role: Role) -> RequestBuilder {
    let login = json!({"tenantId": app.tenant, "key": app.key(role)});
    app.client.post(format!("{}/v1/session", app.base)).json(&login)
}

/// Name and value of the cookie that a login sets, and all that is said of it.
async fn cookie(login: RequestBuilder) -> (String, String) {
    let answer = Answer::of(login.send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let set = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    (set.split(';').next().unwrap().to_owned(), set)
}

/// A request below the tenant's address with a cookie.
fn with(app: &TestApp, cookie: &str, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}/v1/tenants/{}{path}", app.base, app.tenant);
    app.client.request(method, url).header("cookie", cookie)
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = Answer::of(request.send().await.unwrap()).await;
    (answer.status, answer.body["code"].clone())
}

fn body(id: &str) -> Value {
    json!({"exception": burnt(id, 1.0)})
}

#[tokio::test]
async fn only_our_own_pages_change_something_with_the_cookie() {
    let app = TestApp::start().await;
    let (cookie, _) = cookie(log_in(&app, Role::Operator)).await;
    let post = || with(&app, &cookie, Method::POST, "/exceptions");
    let own = &app.base;
    assert_eq!(answer(post().header("origin", own).json(&body("A"))).await.0, 202);
    let own_port = own.rsplit_once(':').unwrap().1;
    for origin in [
        "null",
        "",
        "https://evil.example",
        "http://127.0.0.1",
        &format!("http://localhost:{own_port}"),
        &format!("http://127.0.0.1:{own_port}.evil.example"),
        &format!("{own}, {own}"),
    ] {
        let refused = answer(post().header("origin", origin).json(&body("B"))).await;
        assert_eq!(refused, (403, json!("cross-origin")), "{origin}");
    }
    let unnamed = Answer::of(post().json(&body("B")).send().await.unwrap()).await;
    assert_eq!(unnamed.status, 403);
    assert!(unnamed.detail().contains("Origin"), "{}", unnamed.detail());
    let twice = post().header("origin", own).header("origin", "https://evil.example");
    assert_eq!(answer(twice.json(&body("B"))).await.0, 403);
    // Logging out changes something too; reading does not.
    let log_out = app.client.delete(format!("{own}/v1/session")).header("cookie", &cookie);
    assert_eq!(answer(log_out).await.0, 403);
    assert_eq!(answer(with(&app, &cookie, Method::GET, "/exceptions")).await.0, 200);
    // A key is nothing that a browser adds by itself.
    let key = app.as_role(Role::Operator, Method::POST, "/exceptions");
    assert_eq!(answer(key.header("origin", "https://evil.example").json(&body("C"))).await.0, 202);
    assert_eq!(app.get("/exceptions:count").await["count"], 2);
}

#[tokio::test]
async fn with_the_cookie_a_body_says_that_it_is_json() {
    let app = TestApp::start().await;
    let (cookie, _) = cookie(log_in(&app, Role::Supervisor)).await;
    let post = |path: &str| with(&app, &cookie, Method::POST, path).header("origin", &app.base);
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let request = post("/exceptions").header("content-type", kind).body(body("A").to_string());
        assert_eq!(answer(request).await, (415, json!("unsupported-media-type")), "{kind}");
    }
    let untyped = post("/exceptions").body(body("A").to_string());
    assert_eq!(answer(untyped).await.0, 415);
    for (number, kind) in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"]
        .iter()
        .enumerate()
    {
        let request = post("/exceptions").header("content-type", *kind);
        assert_eq!(
            answer(request.body(body(&format!("J-{number}")).to_string())).await.0,
            202,
            "{kind}"
        );
    }
    // Without a body there is nothing to say.
    assert_ne!(answer(post("/queues/bakers/next")).await.0, 415);
    // Programs with a key go on as before.
    let key = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-type", "text/plain");
    assert_eq!(answer(key.body(body("T").to_string())).await.0, 202);
}

#[tokio::test]
async fn a_login_of_another_sites_page_is_refused() {
    let app = TestApp::start().await;
    let foreign = log_in(&app, Role::Viewer).header("origin", "https://evil.example");
    assert_eq!(answer(foreign).await, (403, json!("cross-origin")));
    assert_eq!(answer(log_in(&app, Role::Viewer).header("origin", &app.base)).await.0, 200);
}

#[tokio::test]
async fn behind_tls_the_cookie_is_secure_and_bound_to_its_host() {
    let site = Site {
        public_url: Some(DESK.parse().unwrap()),
        ..Site::default()
    };
    let app = published(site).await;
    let (secure, said) = cookie(log_in(&app, Role::Operator).header("origin", DESK)).await;
    assert!(secure.starts_with("__Host-sentinai_session="), "{said}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(said.split("; ").any(|said| said == attribute), "{said}");
    }
    assert!(!said.contains("Domain"), "{said}");
    let post = |cookie: &str| with(&app, cookie, Method::POST, "/exceptions").header("origin", DESK);
    assert_eq!(answer(post(&secure).json(&body("A"))).await.0, 202);
    // What a sibling host may have set is no session.
    let planted = secure.replace("__Host-", "");
    assert_eq!(answer(post(&planted).json(&body("B"))).await, (401, json!("missing-credential")));
    let log_out = app.client.delete(format!("{}/v1/session", app.base));
    let gone = log_out.header("cookie", &secure).header("origin", DESK).send().await.unwrap();
    let said = gone.headers()["set-cookie"].to_str().unwrap();
    assert!(said.starts_with("__Host-sentinai_session=;") && said.contains("Secure"), "{said}");
    let plain = published(Site::default()).await;
    let (_, said) = cookie(log_in(&plain, Role::Operator)).await;
    assert!(said.starts_with("sentinai_session=") && !said.contains("Secure"), "{said}");
}

#[tokio::test]
async fn forwarded_headers_count_from_a_trusted_proxy_only() {
    for (network, (status, secure)) in [("127.0.0.0/8", (202, true)), ("10.0.0.0/8", (403, false))] {
        let site = Site {
            trusted_proxies: vec![network.parse().unwrap()],
            ..Site::default()
        };
        let app = published(site).await;
        let forwarded = |request: RequestBuilder| {
            request
                .header("x-forwarded-host", "desk.example")
                .header("x-forwarded-proto", "https")
        };
        let (cookie, said) = cookie(forwarded(log_in(&app, Role::Operator))).await;
        assert_eq!(said.contains("Secure"), secure, "{network}");
        let post = with(&app, &cookie, Method::POST, "/exceptions").header("origin", DESK);
        assert_eq!(answer(forwarded(post).json(&body("A"))).await.0, status, "{network}");
    }
}

#[tokio::test]
async fn without_authentication_no_foreign_page_gets_an_answer() {
    let app = TestApp::with(Auth::Off).await;
    let url = format!("{}/v1/tenants/{}/exceptions", app.base, app.tenant);
    for origin in ["https://evil.example", "null"] {
        for method in [Method::GET, Method::POST] {
            let request = app.client.request(method.clone(), &url).header("origin", origin).json(&body("A"));
            assert_eq!(answer(request).await, (403, json!("cross-origin")), "{method} {origin}");
        }
    }
    assert_eq!(answer(app.client.post(&url).json(&body("A"))).await.0, 202);
    assert_eq!(
        answer(app.client.post(&url).header("origin", &app.base).json(&body("B"))).await.0,
        202
    );
}

#[tokio::test]
async fn a_new_login_ends_the_session_that_the_browser_had() {
    let app = TestApp::start().await;
    let (first, _) = cookie(log_in(&app, Role::Operator)).await;
    let again = log_in(&app, Role::Viewer).header("cookie", &first).header("origin", &app.base);
    let (second, _) = cookie(again).await;
    assert_eq!(
        answer(with(&app, &first, Method::GET, "/exceptions")).await,
        (401, json!("session-ended"))
    );
    assert_eq!(answer(with(&app, &second, Method::GET, "/exceptions")).await.0, 200);
    // One that fails ends nothing.
    let wrong = json!({"tenantId": app.tenant, "key": "snt_wrong"});
    let url = format!("{}/v1/session", app.base);
    let failed = app
        .client
        .post(url)
        .json(&wrong)
        .header("cookie", &second)
        .header("origin", &app.base);
    assert_eq!(answer(failed).await.0, 401);
    assert_eq!(answer(with(&app, &second, Method::GET, "/exceptions")).await.0, 200);
}

#[tokio::test]
async fn the_scheme_of_a_key_is_written_in_any_case() {
    let app = TestApp::start().await;
    let url = format!("{}/v1/tenants/{}/exceptions", app.base, app.tenant);
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR "] {
        let request = app.client.get(&url);
        let key = format!("{scheme} {}", app.key(Role::Viewer));
        assert_eq!(answer(request.header("authorization", key)).await.0, 200, "{scheme}");
    }
    for other in ["Basic", "Bearers", "Bearer"] {
        let request = app
            .client
            .get(&url)
            .header("authorization", format!("{other}{}", app.key(Role::Viewer)));
        assert_eq!(answer(request).await.0, 401, "{other}");
    }
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let app = TestApp::start().await;
    let below = |path: &str| format!("/v1/tenants/{}{path}", app.tenant);
    let paths = [
        "/",
        "/desk",
        "/docs",
        "/docs.html",
        "/index.html",
        "/icon.svg",
        "/theme.js",
        "/openapi.json",
        "/metrics",
        "/health",
        "/v1/session",
    ];
    let paths = paths.map(str::to_owned).into_iter().chain([
        below("/exceptions"),
        below("/exceptions:count"),
        below("/exceptions:export?format=csv"),
        below("/exceptions/none"),
        below("/live"),
        below("/nowhere"),
        "/v1/tenants/NO/exceptions".to_owned(),
    ]);
    for path in paths {
        for method in [Method::GET, Method::PUT] {
            let request = app.client.request(method.clone(), format!("{}{path}", app.base));
            let answer = request.header("x-api-key", app.key(Role::Viewer)).send().await.unwrap();
            let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
            let policy = header("content-security-policy");
            assert!(
                policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
                "{method} {path}"
            );
            assert_eq!(header("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(header("x-frame-options"), "DENY", "{method} {path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{method} {path}");
            let is_json = header("content-type").contains("json") || header("content-type").contains("csv");
            assert!(!is_json || header("cache-control") == "no-store", "{method} {path}");
            assert!(!header("cache-control").is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn only_addresses_of_pages_answer_html() {
    let app = TestApp::start().await;
    let pages: Vec<String> = serde_json::from_str(include_str!("../../../../ui/pages.json")).unwrap();
    for path in pages.iter().map(String::as_str).chain(["/desk/exceptions/a%2Fb%3F", "/docs"]) {
        let path = path.replace(['{', '}'], "");
        let page = app.client.get(format!("{}{path}", app.base)).send().await.unwrap();
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
    }
    let elsewhere = [
        "/metrics",
        "/readyzz",
        "/livez/",
        "/desk.html",
        "/index.html",
        "/docs.html",
        "/desk/",
        "/desk/exceptions",
        "/desk/none/of/ours",
        "/v1",
        "/v1/",
        "/v2/tenants",
        "/assets/none.js",
        "/favicon.ico",
        "/exceptions",
        "/.env",
        "//",
        "/desk/exceptions/a/b",
        "/Desk",
    ];
    for path in elsewhere {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let answer = app
                .client
                .request(method.clone(), format!("{}{path}", app.base))
                .send()
                .await
                .unwrap();
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["content-type"]),
                (404, &reqwest::header::HeaderValue::from_static("application/problem+json")),
                "{method} {path}"
            );
        }
    }
    let wrong = app.client.post(format!("{}/desk", app.base)).send().await.unwrap();
    assert_eq!(
        (wrong.status().as_u16(), &wrong.headers()["allow"]),
        (405, &"GET,HEAD".parse().unwrap())
    );
}
