//! Rules, roles and time between the preview of a run and its last portion.

use chrono::TimeDelta;

use super::*;
use crate::database::{BAKERY, noon};

const CLAIM: &str = r#"{"command": "claim"}"#;

fn id_of(preview: &Answer) -> String {
    preview.body["run"]["runId"]
        .as_str()
        .unwrap_or_else(|| panic!("{preview:?}"))
        .to_owned()
}

/// Activates a pack by which a run on more than 10 needs a second person, and waits until the server knows it.
async fn tighten(app: &TestApp) {
    let mut pack: Value = serde_json::from_str(BAKERY).unwrap();
    pack["version"] = json!("1.3.0");
    for rule in pack["approvals"].as_array_mut().unwrap() {
        if rule["action"] == "bulk" {
            rule["moreThan"] = json!(10);
        }
    }
    app.activate(&pack).await;
}

#[tokio::test]
async fn a_commit_is_judged_by_the_pack_of_its_time() {
    let (app, _stop) = with_worker().await;
    send(&app, 0..20).await;
    let preview = call(&app, Role::Operator, "/exceptions:bulk", CLAIM).await;
    assert_eq!(preview.body["run"]["approvalReason"], Value::Null, "{preview:?}");
    tighten(&app).await;
    let id = id_of(&preview);
    let committed = call(&app, Role::Operator, &format!("/bulk/{id}/commit"), "").await;
    assert_eq!(
        (&committed.body["state"], &committed.body["approvalReason"]),
        (&json!("PENDING"), &json!("that is a lot")),
        "{committed:?}"
    );
    call(&app, Role::Supervisor, &format!("/bulk/{id}/grant"), "").await;
    assert_eq!(done(&app, &id).await["done"], 20);
}

#[tokio::test]
async fn each_portion_is_judged_by_the_pack_and_the_role_of_its_time() {
    let app = TestApp::alone().await;
    send(&app, 0..20).await;
    let commit = async |role: Role| {
        let id = id_of(&call(&app, role, "/exceptions:bulk", CLAIM).await);
        let committed = call(&app, role, &format!("/bulk/{id}/commit"), "").await;
        assert_eq!(committed.body["state"], "RUNNING", "{committed:?}");
        id
    };
    let (operators, admins) = (commit(Role::Operator).await, commit(Role::Admin).await);
    app.owner
        .set_role(&app.tenant, "test operator", Role::Viewer, noon())
        .await
        .unwrap();
    let stop = start_worker(&app);
    let run = done(&app, &operators).await;
    assert_eq!((&run["done"], &run["refused"]), (&json!(0), &json!(20)), "{run}");
    assert_eq!(done(&app, &admins).await["done"], 20);
    drop(stop);

    // Between commit and the first portion the pack begins to want a second person.
    let app = TestApp::alone().await;
    send(&app, 0..20).await;
    let id = id_of(&call(&app, Role::Operator, "/exceptions:bulk", CLAIM).await);
    let committed = call(&app, Role::Operator, &format!("/bulk/{id}/commit"), "").await;
    assert_eq!(committed.body["state"], "RUNNING", "{committed:?}");
    tighten(&app).await;
    let _stop = start_worker(&app);
    let left = async {
        loop {
            let run = app.get(&format!("/bulk/{id}")).await;
            if run["state"] != "RUNNING" {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waiting = tokio::time::timeout(Duration::from_secs(60), left).await.expect("in time");
    assert_eq!(
        (&waiting["state"], &waiting["processed"], &waiting["approvalReason"]),
        (&json!("PENDING"), &json!(0), &json!("that is a lot"))
    );
    let granted = call(&app, Role::Supervisor, &format!("/bulk/{id}/grant"), "").await;
    assert_eq!(granted.status, 200, "{granted:?}");
    assert_eq!(done(&app, &id).await["done"], 20);
}

#[tokio::test]
async fn a_preview_expires_after_a_day_and_is_swept() {
    let app = TestApp::alone().await;
    send(&app, 0..3).await;
    let (old, discarded) = (
        id_of(&call(&app, Role::Operator, "/exceptions:bulk", CLAIM).await),
        id_of(&call(&app, Role::Operator, "/exceptions:bulk", CLAIM).await),
    );
    call(&app, Role::Operator, &format!("/bulk/{discarded}/discard"), "").await;
    let committed = id_of(&call(&app, Role::Operator, "/exceptions:bulk", CLAIM).await);
    call(&app, Role::Operator, &format!("/bulk/{committed}/commit"), "").await;
    app.clock.advance(TimeDelta::days(1));
    let late = call(&app, Role::Operator, &format!("/bulk/{old}/commit"), "").await;
    assert_eq!(late.status, 409, "{late:?}");
    assert!(late.detail().contains("expired"), "{}", late.detail());
    let young = id_of(&call(&app, Role::Operator, "/exceptions:bulk", CLAIM).await);
    let mut tx = app.store.begin(&app.owner.scope(&app.tenant)).await.unwrap();
    tx.sweep(app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let runs = app.get("/bulk").await;
    let mut left: Vec<&str> = runs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["runId"].as_str().unwrap())
        .collect();
    left.sort_unstable();
    let mut expected = [committed.as_str(), young.as_str()];
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert_eq!(app.get(&format!("/bulk/{young}/items")).await["items"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_of_one_moment_while_others_work() {
    let app = TestApp::alone().await;
    // More than one page of the list that is frozen.
    let all = 2100;
    for begin in (0..all).step_by(700) {
        send(&app, begin..begin + 700).await;
    }
    let working = async {
        for id in (0..all).step_by(20) {
            let path = format!("/exceptions/B-{id:04}/commands");
            assert_eq!(call(&app, Role::Supervisor, &path, CLAIM).await.status, 200);
        }
    };
    let previewing = async {
        for _ in 0..4 {
            let preview = call(&app, Role::Operator, "/exceptions:bulk?sort=status", CLAIM).await;
            assert_eq!((preview.status, &preview.body["run"]["total"]), (200, &json!(all)), "{preview:?}");
        }
    };
    tokio::join!(working, previewing);
}
