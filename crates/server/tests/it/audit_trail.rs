//! What callers did is in the chain, and the chain is read and verified over HTTP.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{
    app::{Answer, TestApp, burnt},
    audit::Operator,
    database::{self, BAKERY},
};

async fn ask(app: &TestApp, role: Role, method: Method, path: &str) -> Answer {
    Answer::of(app.as_role(role, method, path).send().await.unwrap()).await
}

/// Events of a kind as they are now.
async fn now(app: &TestApp, kind: &str) -> Vec<Value> {
    let page = ask(app, Role::Supervisor, Method::GET, &format!("/audit/events?kind={kind}")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body["items"].as_array().unwrap().clone()
}

/// Events of a kind, once there are some.
async fn recorded(app: &TestApp, kind: &str) -> Vec<Value> {
    let wait = async {
        loop {
            let events = now(app, kind).await;
            if !events.is_empty() {
                return events;
            }
            tokio::task::yield_now().await;
        }
    };
    let events = tokio::time::timeout(Duration::from_secs(10), wait).await;
    events.unwrap_or_else(|_| panic!("no {kind} was recorded"))
}

async fn log_in(app: &TestApp, key: &str) -> u16 {
    let request = app.client.post(format!("{}/v1/session", app.base));
    let answer = request.json(&json!({"tenantId": app.tenant, "key": key})).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn the_chain_is_read_in_pages_in_both_directions() {
    let app = TestApp::start().await;
    for index in 0..3 {
        assert_eq!(app.send(burnt(&format!("P-{index}"), 1.0)).await.status, 202);
    }
    let head = ask(&app, Role::Supervisor, Method::GET, "/audit/head").await.body;
    assert_eq!(head["seq"], 10);
    for (start, direction, first) in [("after=0", "after", 1), ("before=99", "before", 10)] {
        let (mut seqs, mut query) = (Vec::new(), start.to_owned());
        loop {
            let page = ask(&app, Role::Supervisor, Method::GET, &format!("/audit/events?limit=2&{query}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            for event in page.body["items"].as_array().unwrap() {
                if event["seq"] == 10 {
                    assert_eq!((&event["hash"], &event["exceptionId"]), (&head["hash"], &json!("P-2")));
                }
                seqs.push(event["seq"].as_i64().unwrap());
            }
            let Some(next) = page.body["next"].as_i64() else { break };
            query = format!("{direction}={next}");
        }
        assert_eq!((seqs.len(), seqs[0]), (10, first), "{seqs:?}");
        assert!(seqs.is_sorted() || seqs.iter().rev().is_sorted(), "{seqs:?}");
    }
    assert_eq!(now(&app, "received").await.len(), 3);
    let made = ask(&app, Role::Supervisor, Method::GET, "/audit/events?actor=cli:operator")
        .await
        .body;
    let kinds: Vec<&str> = made["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "tenant_created",
            "key_created",
            "key_created",
            "key_created",
            "key_created",
            "key_created"
        ]
    );
}

#[tokio::test]
async fn a_query_that_does_not_fit_says_why() {
    let app = TestApp::start().await;
    for (query, told) in [
        ("after=x", "after: 'x' is not the number of an event"),
        ("after=1&before=2", "give one of them"),
        ("limit=0", "limit is a number from 1 to 1000"),
        ("kind=a%00b", "NUL character cannot occur"),
        ("nonsense=1", "there is no such parameter"),
    ] {
        let answer = ask(&app, Role::Supervisor, Method::GET, &format!("/audit/events?{query}")).await;
        assert!(answer.status == 400 && answer.detail().contains(told), "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn an_administrator_verifies_and_learns_what_was_tampered_with() {
    let app = TestApp::start().await;
    app.send(burnt("V-1", 1.0)).await;
    let head = ask(&app, Role::Supervisor, Method::GET, "/audit/head").await.body;
    assert_eq!(head["lastVerification"], Value::Null, "{head}");
    for role in [Role::Viewer, Role::Operator, Role::Supervisor] {
        assert_eq!(ask(&app, role, Method::POST, "/audit/verify").await.status, 403, "{role}");
    }
    assert_eq!(ask(&app, Role::Operator, Method::GET, "/audit/events").await.status, 403);
    let sound = ask(&app, Role::Admin, Method::POST, "/audit/verify").await.body;
    assert_eq!((&sound["ok"], &sound["firstInvalid"]), (&json!(true), &Value::Null), "{sound}");
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    sqlx::query("update event set actor = 'nobody' where tenant_id = $1 and seq = 4")
        .bind(app.tenant.as_str())
        .execute(&mut admin)
        .await
        .unwrap();
    let broken = ask(&app, Role::Admin, Method::POST, "/audit/verify").await.body;
    assert_eq!((&broken["ok"], &broken["firstInvalid"]), (&json!(false), &json!(4)), "{broken}");
    assert!(broken["problem"].as_str().unwrap().contains("hash differs"), "{broken}");
    let head = ask(&app, Role::Supervisor, Method::GET, "/audit/head").await.body;
    let last = &head["lastVerification"];
    assert_eq!((&last["ok"], &last["firstInvalid"]), (&json!(false), &json!(4)), "{head}");
    assert_eq!(last["actor"], now(&app, "chain_verified").await[0]["actor"], "{head}");
    let recorded = Operator::new().await.verified(&format!("--record --tenant {}", app.tenant));
    assert_eq!(recorded["ok"], false);
    let head = ask(&app, Role::Supervisor, Method::GET, "/audit/head").await.body;
    let actor = head["lastVerification"]["actor"].as_str().unwrap();
    assert!(actor.starts_with("cli:"), "{head}");
}

#[tokio::test]
async fn logins_failed_logins_and_refusals_are_recorded() {
    let app = TestApp::start().await;
    assert_eq!(log_in(&app, app.key(Role::Operator)).await, 200);
    let login = &now(&app, "logged_in").await[0];
    assert_eq!(
        (&login["actor"], &login["data"]["role"]),
        (&json!("member:test-operator"), &json!("operator"))
    );
    for _ in 0..5 {
        assert_eq!(log_in(&app, "snt_wrong").await, 401);
        assert_eq!(ask(&app, Role::Viewer, Method::POST, "/exceptions").await.status, 403);
    }
    let refused = recorded(&app, "access_refused").await;
    assert_eq!(refused[0]["data"]["by"], json!(["member:test-viewer"]));
    assert!(refused[0]["data"]["count"].as_u64().unwrap() <= 5);
    let failed = recorded(&app, "login_failed").await;
    assert_eq!((failed.len(), &failed[0]["exceptionId"]), (1, &json!("")));
}

#[tokio::test]
async fn a_command_that_the_role_does_not_allow_is_refused_access() {
    let app = TestApp::start().await;
    app.send(burnt("M-1", 1.0)).await;
    let body = json!({"command": "move", "queue": "owner", "reason": "not mine"});
    let request = app.as_role(Role::Operator, Method::POST, "/exceptions/M-1/commands");
    let answer = Answer::of(request.json(&body).send().await.unwrap()).await;
    assert_eq!(
        (answer.status, answer.body["code"].as_str()),
        (403, Some("insufficient-role")),
        "{answer:?}"
    );
    assert_eq!(
        recorded(&app, "access_refused").await[0]["data"]["by"],
        json!(["member:test-operator"])
    );
}

#[tokio::test]
async fn a_tenant_whose_chain_is_held_does_not_delay_what_others_record() {
    let app = TestApp::start().await;
    let neighbour = app.neighbour().await;
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let mut holding = admin.begin().await.unwrap();
    sqlx::query("select 1 from chain_head where tenant_id = $1 for update")
        .bind(app.tenant.as_str())
        .execute(&mut *holding)
        .await
        .unwrap();
    assert_eq!(ask(&app, Role::Viewer, Method::POST, "/exceptions").await.status, 403);
    // Its event waits for the lock, in a transaction that nobody else needs.
    let blocked = async {
        while !waits_for_chain(&mut holding).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), blocked).await.unwrap();
    assert_eq!(ask(&neighbour, Role::Viewer, Method::POST, "/exceptions").await.status, 403);
    let told = tokio::time::timeout(Duration::from_secs(60), recorded(&neighbour, "access_refused")).await;
    assert_eq!(told.expect("the neighbour's event").len(), 1);
    assert!(now(&app, "access_refused").await.is_empty());
    holding.rollback().await.unwrap();
    assert_eq!(recorded(&app, "access_refused").await.len(), 1);
}

/// Returns whether another transaction waits for what this one holds. A transaction sees `pg_stat_activity` as it was at first, and locks as they are.
async fn waits_for_chain(holding: &mut PgConnection) -> bool {
    let waits = "select exists (select 1 from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))";
    sqlx::query_scalar(waits).fetch_one(holding).await.unwrap()
}

#[tokio::test]
async fn an_export_is_recorded_before_its_first_byte() {
    let app = TestApp::start().await;
    app.send(burnt("X-1", 1.0)).await;
    app.send(burnt("X-2", 1.0)).await;
    let path = "/exceptions:export?format=csv&type=BURNT_BREAD";
    let response = app.as_role(Role::Viewer, Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let exported = &now(&app, "exported").await[0];
    assert_eq!(exported["actor"], "member:test-viewer");
    assert_eq!(
        exported["data"],
        json!({"format": "csv", "query": "format=csv&type=BURNT_BREAD", "rows": 2})
    );
    assert_eq!(response.text().await.unwrap().lines().count(), 3);
    let wrong = ask(&app, Role::Viewer, Method::GET, "/exceptions:export?format=xml").await;
    assert_eq!((wrong.status, now(&app, "exported").await.len()), (400, 1));
}

#[tokio::test]
async fn reading_personal_data_is_recorded_once_an_hour_for_each_reader() {
    let app = TestApp::start().await;
    let mut pack: Value = serde_json::from_str(BAKERY).unwrap();
    pack["version"] = json!("1.4.7");
    pack["exceptionTypes"]["BURNT_BREAD"]["fields"]["oven"]["class"] = json!("pii");
    app.send(burnt("OPEN", 1.0)).await;
    app.activate(&pack).await;
    app.send(burnt("SECRET", 1.0)).await;
    app.get("/exceptions/OPEN").await;
    for _ in 0..3 {
        app.get("/exceptions/SECRET").await;
    }
    assert_eq!(ask(&app, Role::Admin, Method::GET, "/exceptions/SECRET").await.status, 200);
    while now(&app, "viewed").await.len() < 2 {
        tokio::task::yield_now().await;
    }
    let viewed = now(&app, "viewed").await;
    let who: Vec<_> = viewed.iter().map(|event| (&event["exceptionId"], &event["actor"])).collect();
    let secret = json!("SECRET");
    assert_eq!(
        who,
        [(&secret, &json!("member:test-viewer")), (&secret, &json!("member:test-admin"))]
    );
    let sound = ask(&app, Role::Admin, Method::POST, "/audit/verify").await.body;
    assert_eq!(sound["ok"], true, "{sound}");
}

#[tokio::test]
async fn what_waits_to_be_recorded_is_written_when_the_server_stops() {
    let app = TestApp::alone().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new(env!("CARGO_BIN_EXE_sentinai"))
        .arg("serve")
        .env("SENTINAI_LISTEN", format!("127.0.0.1:{port}"))
        .env("DATABASE_URL", app.url.expose())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let base = format!("http://127.0.0.1:{port}");
    let up = async {
        while app.client.get(format!("{base}/health")).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), up).await.unwrap();
    let url = format!("{base}/v1/tenants/{}/exceptions", app.tenant);
    let refused = app
        .client
        .post(url)
        .header("x-api-key", app.key(Role::Viewer))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 403);
    let stopped = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(stopped.success() && server.wait().unwrap().success());
    assert_eq!(now(&app, "access_refused").await.len(), 1);
}
