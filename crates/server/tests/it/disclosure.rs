//! Whoever reads personal data is recorded, whichever endpoint answers it. A new operation must be put into one of the lists here.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use store::keys::NewHolder;

use super::{
    app::{Answer, TestApp, burnt, make_key},
    database::BAKERY,
};

/// Version of the Bakery pack in which ovens are personal data.
const PERSONAL: &str = "1.4.8";

/// Operations whose answers hold no value of a payload.
const HARMLESS: [&str; 28] = [
    "submitExceptions",
    "submitExceptionsShort",
    "listQueues",
    "listMembers",
    "showAgeing",
    "listBulkItems",
    // Bodies are named by hash.
    "listEvents",
    "replayQuarantine",
    "discardQuarantine",
    "showAuditHead",
    "verifyAuditChain",
    "listJobs",
    "showJob",
    "replayJobs",
    "replayJob",
    "discardJob",
    "showPack",
    "showPackDocument",
    "streamChanges",
    "showSession",
    "logIn",
    "logOut",
    "showLiveness",
    "showReadiness",
    "showHealth",
    "showDatabaseHealth",
    // Its record is the event `exported`.
    "exportExceptions",
    // Its record is the event `claimed`.
    "claimNext",
];

/// A request that answers a value of a payload.
struct Read {
    operation: &'static str,
    method: Method,
    path: String,
    body: Value,
    /// What the event is about.
    about: About,
}

#[derive(Clone)]
enum About {
    Exception(&'static str),
    Quarantined(String),
    List(&'static str),
}

/// A tenant with one of everything.
struct Scene {
    app: TestApp,
    run: String,
    pending_run: String,
    refused: [String; 2],
    /// Hash of what a revision replaced.
    evidence: String,
}

impl Scene {
    async fn personal() -> Self {
        let app = TestApp::start().await;
        let mut pack: Value = serde_json::from_str(BAKERY).unwrap();
        pack["version"] = json!(PERSONAL);
        pack["exceptionTypes"]["BURNT_BREAD"]["fields"]["oven"]["class"] = json!("phi");
        let approvals = pack["approvals"].as_array_mut().unwrap();
        approvals.iter_mut().find(|demand| demand["action"] == "bulk").unwrap()["moreThan"] = json!(1);
        app.activate(&pack).await;
        Self::of(app).await
    }

    async fn of(app: TestApp) -> Self {
        for id in ["S-1", "S-2", "S-4"] {
            assert_eq!(app.send(burnt(id, 1.0)).await.status, 202);
        }
        let mut again = burnt("S-3", 1.0);
        again["rawPayload"]["oven"] = json!("O-S-1");
        assert_eq!(app.send(again).await.body["outcome"], "linked");
        let milk = json!({"exceptionId": "M-1", "sourceSystem": "Oven", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": "F"}});
        assert_eq!(app.send(milk).await.status, 202);
        let revision = app
            .source_sends("?onConflict=revise", &json!({"exception": burnt("S-1", 2.0)}))
            .await;
        assert_eq!(revision.status, 202, "{revision:?}");
        for id in ["Q-1", "Q-2"] {
            let nowhere = json!({"exceptionId": id, "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {"loss": 5}});
            assert_eq!(app.send(nowhere).await.status, 422);
        }
        let held = app.get("/quarantine").await;
        let refused = [0, 1].map(|index| held["items"][index]["quarantineId"].as_str().unwrap().to_owned());
        let operator = app.key(Role::Operator).to_owned();
        let give_away = json!({"command": "resolve", "resolution": "GIVEN_AWAY", "rootCause": "TIMER"});
        let asked = call(&app, &operator, Method::POST, "/exceptions/S-4/commands", &give_away).await;
        assert_eq!(asked.body["outcome"], "approvalRequested", "{asked:?}");
        let revised = app.get("/exceptions/S-1/events").await;
        let evidence = revised["items"].as_array().unwrap().last().unwrap()["data"]["before"]["evidence"]
            .as_str()
            .unwrap()
            .to_owned();
        let run = preview(&app, &operator).await;
        let pending_run = preview(&app, &operator).await;
        let committed = call(&app, &operator, Method::POST, &format!("/bulk/{pending_run}/commit"), &Value::Null).await;
        assert_eq!(committed.status, 200, "{committed:?}");
        Self {
            app,
            run,
            pending_run,
            refused,
            evidence,
        }
    }

    /// Every operation that can answer personal data, and commands that no event records.
    fn reads(&self) -> Vec<Read> {
        let read = |operation, path: &str, about| Read {
            operation,
            method: Method::GET,
            path: path.to_owned(),
            body: Value::Null,
            about,
        };
        let post = |operation, path: &str, body, about| Read {
            method: Method::POST,
            body,
            ..read(operation, path, about)
        };
        let (run, pending, [first, second]) = (&self.run, &self.pending_run, &self.refused);
        let (exceptions, bulk) = (About::List("exceptions"), About::List("bulk"));
        let (held, given_up) = (About::Quarantined(first.clone()), About::Quarantined(second.clone()));
        vec![
            read("listExceptions", "/exceptions", exceptions.clone()),
            read("countExceptions", "/exceptions:count?field.oven=O-S-1", exceptions.clone()),
            read("countExceptions", "/exceptions:count?entity=O-S-1", exceptions.clone()),
            read("countExceptions", "/exceptions:count?q=O-S-1", exceptions.clone()),
            read("countExceptionsByFacet", "/exceptions:facets?field.oven=O-S-1", exceptions),
            read("showException", "/exceptions/S-1", About::Exception("S-1")),
            read("listRecurrences", "/exceptions/S-1/recurrences", About::Exception("S-1")),
            read(
                "showEvidence",
                &format!("/exceptions/S-1/evidence/{}", self.evidence),
                About::Exception("S-1"),
            ),
            read("listApprovals", "/approvals", About::List("approvals")),
            read("listQuarantine", "/quarantine", About::List("quarantine")),
            read("showQuarantineEntry", &format!("/quarantine/{first}"), held.clone()),
            post("replayQuarantineEntry", &format!("/quarantine/{first}/replay"), Value::Null, held),
            post(
                "discardQuarantineEntry",
                &format!("/quarantine/{second}/discard"),
                json!({"reason": "no"}),
                given_up,
            ),
            read(
                "listAuditEvents",
                "/audit/events?kind=bulk_approval_requested",
                About::List("audit"),
            ),
            read("listBulk", "/bulk", bulk.clone()),
            read("showBulk", &format!("/bulk/{run}"), bulk.clone()),
            post("previewBulk", "/exceptions:bulk?type=BURNT_BREAD", comment(), bulk.clone()),
            post("grantBulk", &format!("/bulk/{pending}/grant"), Value::Null, bulk.clone()),
            post("discardBulk", &format!("/bulk/{run}/discard"), Value::Null, bulk),
        ]
    }

    /// A key of a new administrator, whom nobody has seen reading.
    async fn reader(&self, name: &str) -> String {
        let name = name.parse().unwrap();
        make_key(&self.app.owner, &self.app.tenant, NewHolder::Named(&name, Role::Admin)).await
    }

    /// All views until now. What is recorded of a tenant is written in order, so a refusal that is written comes behind them.
    async fn views(&self) -> Vec<Value> {
        let refused = call(&self.app, self.app.key(Role::Viewer), Method::POST, "/exceptions", &json!({})).await;
        assert_eq!(refused.status, 403);
        let wait = async {
            while self.events("access_refused").await.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the refusal");
        self.events("viewed").await
    }

    async fn events(&self, kind: &str) -> Vec<Value> {
        let supervisor = self.app.key(Role::Supervisor);
        let page = call(
            &self.app,
            supervisor,
            Method::GET,
            &format!("/audit/events?kind={kind}&limit=1000"),
            &Value::Null,
        )
        .await;
        page.body["items"].as_array().unwrap().clone()
    }
}

fn comment() -> Value {
    json!({"command": "comment", "text": "looks dark"})
}

async fn preview(app: &TestApp, key: &str) -> String {
    let path = "/exceptions:bulk?field.oven=O-S-1&field.oven=O-S-2";
    let preview = call(app, key, Method::POST, path, &comment()).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    preview.body["run"]["runId"].as_str().unwrap().to_owned()
}

async fn call(app: &TestApp, key: &str, method: Method, path: &str, body: &Value) -> Answer {
    let url = format!("{}/v1/tenants/{}{path}", app.base, app.tenant);
    let request = app.client.request(method, url).header("x-api-key", key);
    let request = if body.is_null() { request } else { request.json(body) };
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn every_read_of_personal_data_is_recorded_once() {
    let scene = Scene::personal().await;
    let reads = scene.reads();
    for (index, read) in reads.iter().enumerate() {
        let key = scene.reader(&format!("reader-{index}")).await;
        let first = call(&scene.app, &key, read.method.clone(), &read.path, &read.body).await;
        assert_eq!(first.status, 200, "{}: {first:?}", read.path);
        call(&scene.app, &key, read.method.clone(), &read.path, &read.body).await;
    }
    let views = scene.views().await;
    for (index, read) in reads.iter().enumerate() {
        let actor = format!("member:reader-{index}");
        let own: Vec<&Value> = views.iter().filter(|view| view["actor"] == actor).collect();
        assert_eq!(own.len(), 1, "{} {}: {own:?}", read.operation, read.path);
        let expected = match &read.about {
            About::Exception(id) => (json!(id), Value::Null, Value::Null),
            About::Quarantined(id) => (json!(""), json!(id), Value::Null),
            About::List(list) => (json!(""), Value::Null, json!(list)),
        };
        let data = &own[0]["data"];
        let found = (own[0]["exceptionId"].clone(), data["quarantineId"].clone(), data["list"].clone());
        assert_eq!(found, expected, "{}", read.path);
        if matches!(read.about, About::List(_)) {
            assert!(
                data["fields"]["oven"].as_u64().is_some_and(|count| count > 0),
                "{}: {data}",
                read.path
            );
        }
        assert!(!own[0].to_string().contains("O-S-"), "never a value: {}", own[0]);
    }
}

#[tokio::test]
async fn a_list_is_recorded_again_after_a_minute_and_commands_by_their_own_events() {
    let scene = Scene::personal().await;
    let (app, key) = (&scene.app, scene.reader("maker").await);
    let run = preview(app, &key).await;
    app.clock.advance(TimeDelta::seconds(61));
    for _ in 0..2 {
        let committed = call(app, &key, Method::POST, &format!("/bulk/{run}/commit"), &Value::Null).await;
        assert_eq!(committed.status, 200, "{committed:?}");
    }
    let worker = scene.reader("worker").await;
    for (path, body) in [("/exceptions/S-2/commands", comment()), ("/queues/bakers/next", Value::Null)] {
        assert_eq!(call(app, &worker, Method::POST, path, &body).await.status, 200, "{path}");
    }
    assert_eq!(
        call(app, &worker, Method::GET, "/exceptions:export", &Value::Null).await.status,
        200
    );
    let views = scene.views().await;
    let of = |actor: &str| views.iter().filter(|view| view["actor"] == actor).count();
    assert_eq!((of("member:maker"), of("member:worker")), (2, 0), "{views:?}");
    assert_eq!(scene.events("exported").await.len(), 1);
}

#[tokio::test]
async fn what_holds_no_personal_data_is_not_recorded() {
    let scene = Scene::personal().await;
    let key = scene.reader("reader").await;
    for path in [
        "/exceptions?type=SOUR_MILK",
        "/exceptions?field.oven=O-nowhere",
        "/exceptions:count",
        "/exceptions:count?field.fridge=F",
        "/exceptions:facets?type=BURNT_BREAD",
        "/exceptions/M-1",
        "/exceptions/M-1/events",
        "/exceptions/M-1/recurrences",
        "/exceptions/S-1/events",
        "/exceptions/S-2/events",
        "/approvals?state=GRANTED",
        "/quarantine?state=REPLAYED",
        "/audit/events?kind=received",
        "/audit/events?kind=revised",
        "/audit/head",
        "/queues",
        "/ageing",
        "/pack",
        "/pack/document",
        "/jobs",
        &format!("/bulk/{}/items", scene.run),
    ] {
        let answer = call(&scene.app, &key, Method::GET, path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let views = scene.views().await;
    assert!(views.iter().all(|view| view["actor"] != "member:reader"), "{views:?}");
}

#[tokio::test]
async fn a_tenant_without_classified_fields_has_no_views() {
    let scene = Scene::of(TestApp::start().await).await;
    let key = scene.reader("reader").await;
    for read in scene.reads().into_iter().filter(|read| read.operation != "grantBulk") {
        let answer = call(&scene.app, &key, read.method, &read.path, &read.body).await;
        assert_eq!(answer.status, 200, "{}: {answer:?}", read.path);
    }
    assert_eq!(scene.views().await, [json!(null); 0]);
}

#[tokio::test]
async fn every_operation_is_classified() {
    let document = serde_json::to_value(server::http::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let methods = paths.flat_map(|methods| methods.as_object().unwrap().values());
    let all: BTreeSet<&str> = methods.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let scene = Scene {
        app: TestApp::start().await,
        run: String::new(),
        pending_run: String::new(),
        refused: [String::new(), String::new()],
        evidence: String::new(),
    };
    let mut known: BTreeSet<&str> = HARMLESS.into();
    known.extend(scene.reads().iter().map(|read| read.operation));
    // Tried in a test of their own.
    known.extend(["commitBulk", "runCommand"]);
    assert_eq!(all, known, "say here whether the answer of a new operation can hold personal data");
}
