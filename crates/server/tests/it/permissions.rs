//! Every operation of the OpenAPI document, tried without a key, with a wrong one, with another tenant's and with the weakest role.
//! A new operation is covered the moment it exists.

use domain::role::Role;
use futures::StreamExt;
use reqwest::{Method, RequestBuilder};
use store::tenants::Suspension;

use super::app::{Answer, TestApp};

/// Operations open to anybody: whoever watches, and whoever is about to log in.
const OPEN: [&str; 7] = [
    "GET /livez",
    "GET /readyz",
    "GET /health",
    "GET /health/db",
    "GET /v1/session",
    "POST /v1/session",
    "DELETE /v1/session",
];

/// Operations that need more than a viewer: they change something, or tell of everybody.
const OPERATOR: [&str; 18] = [
    "POST /v1/tenants/{tenant}/exceptions",
    "POST /exceptions/{tenant}",
    "POST /v1/tenants/{tenant}/quarantine/replay",
    "POST /v1/tenants/{tenant}/quarantine/{quarantineId}/replay",
    "POST /v1/tenants/{tenant}/quarantine/discard",
    "POST /v1/tenants/{tenant}/quarantine/{quarantineId}/discard",
    "GET /v1/tenants/{tenant}/audit/events",
    "GET /v1/tenants/{tenant}/audit/head",
    "POST /v1/tenants/{tenant}/audit/verify",
    "POST /v1/tenants/{tenant}/exceptions/{exceptionId}/commands",
    "POST /v1/tenants/{tenant}/queues/{queue}/next",
    "POST /v1/tenants/{tenant}/exceptions:bulk",
    "POST /v1/tenants/{tenant}/bulk/{runId}/commit",
    "POST /v1/tenants/{tenant}/bulk/{runId}/grant",
    "POST /v1/tenants/{tenant}/bulk/{runId}/discard",
    "POST /v1/tenants/{tenant}/jobs/replay",
    "POST /v1/tenants/{tenant}/jobs/{jobId}/replay",
    "POST /v1/tenants/{tenant}/jobs/{jobId}/discard",
];

fn operations() -> Vec<String> {
    let document = serde_json::to_value(server::http::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        operations.extend(
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    operations.retain(|operation| !OPEN.contains(&operation.as_str()));
    assert!(operations.len() >= 9, "{operations:?}");
    operations
}

fn request(app: &TestApp, operation: &str, tenant: &str) -> RequestBuilder {
    let (method, path) = operation.split_once(' ').unwrap();
    let path = path.replace("{tenant}", tenant).replace("{exceptionId}", "none");
    app.client.request(method.parse::<Method>().unwrap(), format!("{}{path}", app.base))
}

#[tokio::test]
async fn nobody_gets_in_without_a_working_key() {
    let app = TestApp::start().await;
    for operation in operations() {
        for key in [None, Some("snt_wrong"), Some("")] {
            let request = request(&app, &operation, app.tenant.as_str());
            let request = if let Some(key) = key {
                request.header("x-api-key", key)
            } else {
                request
            };
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 401, "{operation} {key:?}");
            assert!(answer.detail().starts_with("Unauthorized"), "{}", answer.detail());
        }
    }
}

#[tokio::test]
async fn another_tenant_is_as_absent_as_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let key = app.strangers_key().await;
    for operation in operations() {
        let mut answers = Vec::new();
        for tenant in [app.tenant.as_str(), "NO_SUCH_TENANT", "not%20a%20tenant'"] {
            let response = request(&app, &operation, tenant).header("x-api-key", &key).send().await.unwrap();
            assert_eq!(response.status(), 404, "{operation}");
            answers.push(response.text().await.unwrap());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{operation}: {answers:?}");
    }
}

#[tokio::test]
async fn the_weakest_role_reads_and_changes_nothing() {
    let app = TestApp::start().await;
    for operation in operations() {
        let response = request(&app, &operation, app.tenant.as_str())
            .header("x-api-key", app.key(Role::Viewer))
            .send()
            .await
            .unwrap();
        let expected_forbidden = OPERATOR.contains(&operation.as_str());
        assert_eq!(response.status() == 403, expected_forbidden, "{operation}: {}", response.status());
        assert!(
            operation.starts_with("GET") || expected_forbidden,
            "{operation} changes something and is open to viewers"
        );
    }
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_everywhere_and_let_in_again() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/exceptions:facets").await["total"], 0);
    app.owner
        .set_suspended(&app.tenant, Suspension::Suspended, super::database::noon())
        .await
        .unwrap();
    app.until_answered(Role::Viewer, 403).await;
    app.until_answered(Role::Admin, 403).await;
    for operation in operations() {
        let response = request(&app, &operation, app.tenant.as_str())
            .header("x-api-key", app.key(Role::Admin))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 403, "{operation}");
    }
    app.owner
        .set_suspended(&app.tenant, Suspension::Lifted, super::database::noon())
        .await
        .unwrap();
    app.until_answered(Role::Viewer, 200).await;
}

#[tokio::test]
async fn an_open_live_stream_ends_with_its_key() {
    let app = TestApp::start().await;
    let other_keys = super::app::make_keys(&app.owner, &app.tenant).await;
    let mut stream = app.as_role(Role::Viewer, Method::GET, "/live").send().await.unwrap().bytes_stream();
    assert_eq!(stream.next().await.unwrap().unwrap(), ": connected\n\n");
    assert!(
        app.owner
            .revoke_key(&app.key(Role::Viewer)[..12], super::database::noon())
            .await
            .unwrap()
    );
    app.until_answered(Role::Viewer, 401).await;
    let url = format!("{}/exceptions/{}", app.base, app.tenant);
    let body = serde_json::json!({"exception": super::app::burnt("R-1", 1.0)}).to_string();
    let sent = app
        .client
        .post(url)
        .header("x-api-key", &other_keys[&Role::Operator])
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 202);
    while let Some(Ok(event)) = stream.next().await {
        assert!(!String::from_utf8_lossy(&event).contains("\"received\":1"), "{event:?}");
    }
}

#[tokio::test]
async fn a_revoked_key_stops_working() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/exceptions:facets").await["total"], 0);
    for key in app.owner.keys(Some(&app.tenant)).await.unwrap() {
        assert!(app.owner.revoke_key(&key.key_id, super::database::noon()).await.unwrap());
    }
    for role in Role::ALL {
        app.until_answered(role, 401).await;
    }
}
