//! Jobs over HTTP: who sees them, who decides, and what is answered to bad input.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use store::jobs::{Claim, Hold, NewJob};

use crate::{
    app::{Answer, TestApp},
    database::{noon, unique},
};

/// Dead letters of a kind.
async fn dead(app: &TestApp, kind: &str, count: u8) -> Vec<String> {
    let mut tx = app.owner.begin(&app.owner.scope(&app.tenant)).await.unwrap();
    let by = store::quarantine::By { actor: "test", at: noon() };
    let new = NewJob {
        kind,
        payload: json!({"n": 1}),
        run_at: noon(),
        max_attempts: 1,
        dedupe_key: None,
    };
    let mut ids = Vec::new();
    for n in 0..count {
        tx.enqueue_job(&new, by).await.unwrap();
        let claim = Claim {
            kinds: &[kind],
            at: noon(),
            until: noon(),
            worker: "test",
            token: [n; 16],
        };
        let job = tx.lease_job(&claim).await.unwrap().unwrap();
        assert_eq!(tx.bury_job(&job.lease, "no oven", noon()).await.unwrap(), Hold::Held);
        ids.push(job.lease.job_id.to_string());
    }
    tx.commit().await.unwrap();
    ids
}

async fn post(app: &TestApp, role: Role, path: &str, body: Value) -> Answer {
    let request = app.as_role(role, Method::POST, &format!("/jobs{path}")).body(body.to_string());
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn supervisors_decide_about_dead_letters_and_everybody_sees_them() {
    let (app, kind) = (TestApp::start().await, unique("kind"));
    let ids = dead(&app, &kind, 3).await;
    let page = app.get(&format!("/jobs?state=DEAD&kind={kind}&limit=2")).await;
    assert_eq!(page["items"][0]["jobId"], json!(ids[2]));
    assert_eq!(
        (&page["items"][0]["lastError"], &page["items"][0]["attempts"]),
        (&json!("no oven"), &json!(1))
    );
    let next = page["next"].as_str().unwrap();
    let page = app.get(&format!("/jobs?state=DEAD&kind={kind}&limit=2&cursor={next}")).await;
    assert_eq!((&page["items"][0]["jobId"], &page["next"]), (&json!(ids[0]), &Value::Null));

    let reason = json!({"reason": "not needed"});
    assert_eq!(
        post(&app, Role::Operator, &format!("/{}/replay", ids[0]), json!({})).await.status,
        403
    );
    assert_eq!(
        post(&app, Role::Operator, &format!("/{}/discard", ids[0]), reason.clone())
            .await
            .status,
        403
    );
    let replayed = post(&app, Role::Supervisor, &format!("/{}/replay", ids[0]), json!({})).await;
    assert_eq!((replayed.status, &replayed.body["state"]), (200, &json!("QUEUED")));
    let again = post(&app, Role::Supervisor, &format!("/{}/replay", ids[0]), json!({})).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("job-not-dead")));
    let discarded = post(&app, Role::Supervisor, &format!("/{}/discard", ids[1]), reason.clone()).await;
    assert_eq!((discarded.status, &discarded.body["state"]), (200, &json!("DISCARDED")));
    let again = post(&app, Role::Supervisor, &format!("/{}/discard", ids[1]), reason.clone()).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("job-not-dead")));
    let rest = post(&app, Role::Supervisor, "/replay", json!({"kind": kind})).await;
    assert_eq!((rest.status, rest.body), (200, json!({"replayed": 1, "more": false})));
    assert_eq!(app.get(&format!("/jobs/{}", ids[2])).await["state"], "QUEUED");
}

#[tokio::test]
async fn bad_input_is_told_and_other_jobs_are_absent() {
    let app = TestApp::start().await;
    for (query, word) in [
        ("state=LOST", "state:"),
        ("limit=0", "limit:"),
        ("cursor=x", "cursor:"),
        ("kind=a%00b", "kind:"),
        ("colour=red", "colour"),
    ] {
        let answer = app
            .as_role(Role::Viewer, Method::GET, &format!("/jobs?{query}"))
            .send()
            .await
            .unwrap();
        let answer = Answer::of(answer).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains(word), "{query}: {}", answer.detail());
    }
    for id in ["0", "x", "9223372036854775808"] {
        assert_eq!(
            post(&app, Role::Supervisor, &format!("/{id}/replay"), json!({})).await.status,
            404,
            "{id}"
        );
        let discard = post(&app, Role::Supervisor, &format!("/{id}/discard"), json!({"reason": "x"})).await;
        assert_eq!(discard.status, 404, "{id}");
    }
    assert_eq!(post(&app, Role::Supervisor, "/0/discard", json!({"reason": " "})).await.status, 400);
    assert_eq!(post(&app, Role::Supervisor, "/replay", json!({"kind": ""})).await.status, 400);
    assert_eq!(post(&app, Role::Supervisor, "/replay", json!({"kinds": "x"})).await.status, 400);
}
