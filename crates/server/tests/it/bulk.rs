//! One command for many exceptions: frozen, previewed, agreed to, carried out once.

use std::time::Duration;

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use server::worker::{Pace, handlers, run};
use tokio::sync::oneshot;

use super::app::{Answer, TestApp, burnt};

mod rules;

const THROWN_AWAY: &str = r#"{"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "TIMER"}"#;

async fn call(app: &TestApp, role: Role, path: &str, body: &str) -> Answer {
    Answer::of(app.as_role(role, Method::POST, path).body(body.to_owned()).send().await.unwrap()).await
}

async fn send(app: &TestApp, ids: impl Iterator<Item = usize>) {
    let exceptions: Vec<Value> = ids.map(|id| burnt(&format!("B-{id:04}"), 10.0)).collect();
    let answer = app.post(json!({"exceptions": exceptions}).to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Until a run is done, with its outcomes counted.
async fn done(app: &TestApp, id: &str) -> Value {
    let waiting = async {
        loop {
            let run = app.get(&format!("/bulk/{id}")).await;
            if run["state"] == "DONE" {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("done")
}

/// A server, and a worker beside it until the sender is dropped.
async fn with_worker() -> (TestApp, oneshot::Sender<()>) {
    let app = TestApp::alone().await;
    let stop = start_worker(&app);
    (app, stop)
}

/// A worker of an app that was started without one.
fn start_worker(app: &TestApp) -> oneshot::Sender<()> {
    let (stop, stopped) = oneshot::channel();
    let pace = Pace {
        poll: Duration::from_millis(50),
        ..Pace::of(4)
    };
    let (store, clock) = (app.store.clone(), app.clock.clock());
    tokio::spawn(run(store, clock, handlers(), pace, async move { drop(stopped.await) }));
    stop
}

#[tokio::test]
async fn a_run_is_about_what_was_frozen_and_each_exception_has_its_own_outcome_and_event() {
    let (app, _stop) = with_worker().await;
    send(&app, 0..40).await;
    // One is somebody else's: an operator's command is refused for it.
    let claimed = call(&app, Role::Supervisor, "/exceptions/B-0000/commands", r#"{"command": "claim"}"#).await;
    assert_eq!(claimed.status, 200, "{claimed:?}");
    let preview = call(&app, Role::Operator, "/exceptions:bulk?type=BURNT_BREAD", THROWN_AWAY).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    assert_eq!(preview.body["run"]["total"], 40);
    assert_eq!(preview.body["wouldBeDone"], 39);
    assert_eq!(preview.body["wouldBeRefused"][0]["count"], 1);
    assert_eq!(preview.body["sample"].as_array().unwrap().len(), 5);
    assert_eq!(
        app.get("/exceptions:count?status=RESOLVED").await["count"],
        0,
        "a preview changes nothing"
    );

    send(&app, 40..50).await;
    let id = preview.body["run"]["runId"].as_str().unwrap().to_owned();
    let committed = call(&app, Role::Operator, &format!("/bulk/{id}/commit"), "").await;
    assert_eq!(committed.status, 200, "{committed:?}");
    let run = done(&app, &id).await;
    assert_eq!(
        (&run["done"], &run["refused"], &run["processed"]),
        (&json!(39), &json!(1), &json!(40))
    );
    assert_eq!(app.get("/exceptions:count?status=RESOLVED").await["count"], 39);
    let refused = app.get(&format!("/bulk/{id}/items?outcome=REFUSED")).await;
    assert_eq!(refused["items"][0]["exceptionId"], "B-0000");
    assert!(
        refused["items"][0]["problem"].as_str().unwrap().contains("works on it"),
        "{refused}"
    );
    let events = app.get("/exceptions/B-0007/events").await;
    let kinds: Vec<&str> = events
        .as_array()
        .or_else(|| events["items"].as_array())
        .unwrap()
        .iter()
        .map(|e| e["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["received", "resolved"]);

    // Committed again it is what it is.
    let again = call(&app, Role::Operator, &format!("/bulk/{id}/commit"), "").await;
    assert_eq!((again.status, &again.body["state"]), (200, &json!("DONE")));
    assert_eq!(app.get("/exceptions:count?status=RESOLVED").await["count"], 39);
}

#[tokio::test]
async fn more_than_the_pack_allows_waits_for_a_second_person_who_is_another_one() {
    let (app, _stop) = with_worker().await;
    send(&app, 0..60).await;
    let preview = call(&app, Role::Admin, "/exceptions:bulk", r#"{"command": "claim"}"#).await;
    assert_eq!(preview.body["run"]["approvalReason"], "that is a lot", "{preview:?}");
    let id = preview.body["run"]["runId"].as_str().unwrap().to_owned();
    let grant = format!("/bulk/{id}/grant");
    assert_eq!(call(&app, Role::Supervisor, &grant, "").await.status, 409, "nobody has asked yet");
    let asked = call(&app, Role::Admin, &format!("/bulk/{id}/commit"), "").await;
    assert_eq!(asked.body["state"], "PENDING");
    let own = call(&app, Role::Admin, &grant, "").await;
    assert_eq!((own.status, own.body["code"].as_str()), (403, Some("own-request")));
    assert_eq!(call(&app, Role::Operator, &grant, "").await.status, 403);
    let granted = call(&app, Role::Supervisor, &grant, "").await;
    assert_eq!((granted.status, &granted.body["state"]), (200, &json!("RUNNING")));
    assert_eq!(done(&app, &id).await["done"], 60);
}

#[tokio::test]
async fn a_severity_that_a_run_set_is_explained_on_each_exception() {
    let (app, _stop) = with_worker().await;
    send(&app, 0..3).await;
    let command = r#"{"command": "changeSeverity", "severity": "CRITICAL", "reason": "the oven smokes"}"#;
    let preview = call(&app, Role::Operator, "/exceptions:bulk", command).await;
    let id = preview.body["run"]["runId"].as_str().unwrap().to_owned();
    call(&app, Role::Operator, &format!("/bulk/{id}/commit"), "").await;
    assert_eq!(done(&app, &id).await["done"], 3);
    for exception in ["B-0000", "B-0001", "B-0002"] {
        let detail = app.get(&format!("/exceptions/{exception}")).await;
        let reasons = detail["reasons"].as_array().unwrap();
        let set = reasons
            .iter()
            .find(|reason| reason["value"] == "CRITICAL")
            .unwrap_or_else(|| panic!("{detail}"));
        let because = set["because"].as_str().unwrap();
        assert!(
            because.starts_with("severity set from MEDIUM to CRITICAL by test operator at "),
            "{because}"
        );
        assert!(because.ends_with(": the oven smokes"), "{because}");
    }
}

#[tokio::test]
async fn who_asked_and_who_agreed_stands_in_the_chain() {
    let (app, _stop) = with_worker().await;
    send(&app, 0..60).await;
    let asked = async |body: &str| {
        let preview = call(&app, Role::Operator, "/exceptions:bulk", body).await;
        let id = preview.body["run"]["runId"].as_str().unwrap().to_owned();
        call(&app, Role::Operator, &format!("/bulk/{id}/commit"), "").await;
        id
    };
    let given_up = asked(THROWN_AWAY).await;
    let discarded = call(&app, Role::Supervisor, &format!("/bulk/{given_up}/discard"), "").await;
    assert_eq!(discarded.body["state"], "DISCARDED", "{discarded:?}");
    let granted = asked(r#"{"command": "claim"}"#).await;
    call(&app, Role::Supervisor, &format!("/bulk/{granted}/grant"), "").await;
    done(&app, &granted).await;
    let chain = app.as_role(Role::Supervisor, Method::GET, "/audit/events?limit=500");
    let chain = Answer::of(chain.send().await.unwrap()).await;
    let text = |event: &Value, member: &str| event[member].as_str().unwrap().to_owned();
    let told: Vec<(String, String, String)> = chain.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| text(event, "kind").starts_with("bulk_"))
        .map(|event| (text(event, "kind"), text(event, "actor"), text(&event["data"], "runId")))
        .collect();
    let expected = [
        ("bulk_approval_requested", "operator", &given_up),
        ("bulk_discarded", "supervisor", &given_up),
        ("bulk_approval_requested", "operator", &granted),
        ("bulk_started", "supervisor", &granted),
    ];
    let expected = expected.map(|(kind, role, run)| (kind.to_owned(), format!("member:test-{role}"), run.clone()));
    assert_eq!(told, expected);
}
