//! Source systems send, clear and revise, and nobody else does; no member closes alone what the pack reserves for two.

use domain::ids::TenantId;
use reqwest::Method;
use server::http::Auth;
use store::keys::NewHolder;

use super::*;
use crate::app::{make_key, make_source_key};

fn cleared(id: &str) -> Value {
    json!({"state": "cleared", "sourceSystem": "Oven", "exceptionId": id})
}

async fn pending(app: &TestApp) -> Vec<Value> {
    app.get("/approvals").await["items"].as_array().unwrap().clone()
}

/// A command with a key of one's own.
async fn with_key(app: &TestApp, key: &str, id: &str, command: Value) -> Answer {
    let url = format!("{}/v1/tenants/{}/exceptions/{id}/commands", app.base, app.tenant);
    let request = app.client.post(url).header("x-api-key", key).json(&command);
    Answer::of(request.send().await.unwrap()).await
}

async fn second_admin(app: &TestApp) -> String {
    let name = "Second Admin".parse().unwrap();
    make_key(&app.owner, &app.tenant, NewHolder::Named(&name, Role::Admin)).await
}

#[tokio::test]
async fn members_send_new_exceptions_and_never_clear_or_revise() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    for role in [Role::Operator, Role::Supervisor, Role::Admin] {
        for (query, exception) in [("", cleared("a")), ("?onConflict=revise", burnt("a", 1.0))] {
            let request = app.as_role(role, Method::POST, &format!("/exceptions{query}"));
            let refused = Answer::of(request.json(&json!({"exception": exception})).send().await.unwrap()).await;
            assert_eq!(
                (refused.status, &refused.body["code"]),
                (403, &json!("source-not-allowed")),
                "{role}"
            );
            assert!(refused.detail().contains("--source 'Oven'"), "{}", refused.detail());
        }
    }
    let batch = json!({"exceptions": [cleared("a"), burnt("b", 50.0)]});
    let answer = app.post(batch.to_string()).await;
    let results = &answer.body["results"];
    assert_eq!(results[0]["errors"][0]["code"], "source-not-allowed", "{results}");
    assert_eq!(results[1]["outcome"], "accepted", "a bad item never fails its neighbours");
    let lines = format!("{}\n{}\n", cleared("a"), burnt("c", 50.0));
    let request = app.as_role(Role::Operator, Method::POST, "/exceptions");
    let answer = request
        .header("content-type", "application/x-ndjson")
        .body(lines)
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["errors"][0]["code"], "source-not-allowed", "{text}");
    let mut data = cleared("a");
    data["rawPayload"] = json!({});
    let event = json!({"specversion": "1.0", "id": "1", "source": "/Oven", "type": "BURNT_BREAD", "data": data});
    let request = app.as_role(Role::Operator, Method::POST, "/exceptions");
    let request = request
        .header("content-type", "application/cloudevents+json")
        .body(event.to_string());
    let refused = Answer::of(request.send().await.unwrap()).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("source-not-allowed")));
    assert_eq!(kinds(&app, "a").await, ["received"], "nothing of it happened");
}

#[tokio::test]
async fn a_source_key_sends_for_its_source_systems_and_does_nothing_else() {
    let app = TestApp::start().await;
    let oven = make_source_key(&app.owner, &app.tenant, &["Oven"]).await;
    let sends = async |exception: Value| {
        let url = format!("{}/v1/tenants/{}/exceptions?onConflict=revise", app.base, app.tenant);
        let request = app
            .client
            .post(url)
            .header("x-api-key", &oven)
            .json(&json!({"exception": exception}));
        Answer::of(request.send().await.unwrap()).await
    };
    assert_eq!(sends(burnt("a", 50.0)).await.status, 202);
    assert_eq!(sends(burnt("a", 51.0)).await.body["outcome"], "accepted");
    let mut other = burnt("b", 50.0);
    other["sourceSystem"] = json!("Till");
    assert_eq!(sends(other.clone()).await.body["code"], "source-not-allowed");
    assert_eq!(app.send(other).await.status, 202);
    assert_eq!(sends(cleared("b")).await.body["code"], "source-not-allowed", "Till sent it");
    for (method, path) in [
        (Method::GET, "/exceptions"),
        (Method::GET, "/exceptions/a"),
        (Method::GET, "/members"),
        (Method::GET, "/quarantine"),
        (Method::GET, "/approvals"),
        (Method::POST, "/exceptions/a/commands"),
        (Method::POST, "/quarantine/replay"),
    ] {
        let request = app.as_source(method.clone(), path).json(&json!({"command": "claim"}));
        let refused = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (403, &json!("source-key-only")),
            "{method} {path}"
        );
    }
    let login = json!({"tenantId": app.tenant.as_str(), "key": app.source_key()});
    let request = app.client.post(format!("{}/v1/session", app.base)).json(&login);
    let refused = Answer::of(request.send().await.unwrap()).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("source-key-only")));
}

#[tokio::test]
async fn what_two_decide_is_asked_once_where_its_source_reports_it() {
    let app = TestApp::start().await;
    fresh(&app, "a", 5000.0).await;
    done(&app, Role::Operator, "a", claim()).await;
    let answer = app.source_sends("", &json!({"exception": cleared("a")})).await;
    let expected = json!({"resolved": 0, "awaitingApproval": 1, "leftOpen": 0});
    assert_eq!((answer.status, &answer.body["cleared"]), (202, &expected), "{}", answer.body);
    let again = app.source_sends("", &json!({"exception": cleared("a")})).await;
    assert_eq!(again.body["outcome"], "duplicate");
    let asked = pending(&app).await;
    assert_eq!(asked.len(), 1, "a feed does not flood the inbox");
    assert_eq!(
        (&asked[0]["requestedBy"], &asked[0]["change"]),
        (&json!("source:Oven"), &json!({"report": "cleared"}))
    );
    let now = app.get("/exceptions/a").await;
    assert_eq!((&now["status"], &now["severity"]), (&json!("IN_PROGRESS"), &json!("CRITICAL")));
    done(
        &app,
        Role::Operator,
        "a",
        json!({"command": "comment", "text": "still working on it"}),
    )
    .await;
    assert_eq!(
        does(&app, Role::Supervisor, "a", json!({"command": "grant"})).await.body["code"],
        "insufficient-role"
    );
    let closed = done(&app, Role::Admin, "a", json!({"command": "grant"})).await;
    assert_eq!(
        (&closed["status"], &closed["resolution"]),
        (&json!("RESOLVED"), &json!("AUTO_CLEARED"))
    );
    verify_chain(&app).await;
}

#[tokio::test]
async fn a_revision_keeps_a_severity_that_two_must_lower() {
    let app = TestApp::start().await;
    fresh(&app, "a", 5000.0).await;
    let revised = app.source_sends("?onConflict=revise", &json!({"exception": burnt("a", 1.0)})).await;
    assert_eq!(
        (revised.status, &revised.body["severity"]),
        (202, &json!("CRITICAL")),
        "{}",
        revised.body
    );
    let now = app.get("/exceptions/a").await;
    assert_eq!((&now["status"], &now["rawPayload"]["loss"]), (&json!("OPEN"), &json!(1.0)));
    assert_eq!(pending(&app).await[0]["change"], json!({"report": "lowered", "severity": "MEDIUM"}));
    done(&app, Role::Supervisor, "a", json!({"command": "refuse", "reason": "look at it"})).await;
    assert_eq!(app.get("/exceptions/a").await["severity"], "CRITICAL");
    // Once 5,000 were at stake, an admin must agree, whatever was sent since.
    let asked = does(&app, Role::Operator, "a", resolve()).await;
    assert_eq!(asked.body["outcome"], "approvalRequested", "{}", asked.body);
    let request = &pending(&app).await[0];
    assert_eq!((&request["approver"], &request["exposure"]), (&json!("admin"), &json!(5000)));
    verify_chain(&app).await;
}

#[tokio::test]
async fn who_replays_a_clearing_is_the_one_who_asked() {
    let app = TestApp::start().await;
    let early = app.source_sends("", &json!({"exception": cleared("a")})).await;
    assert_eq!(early.body["errors"][0]["code"], "nothing-to-clear");
    fresh(&app, "a", 5000.0).await;
    // What a member sends is no clearing, replayed or not.
    fresh(&app, "b", 50.0).await;
    assert_eq!(app.send(cleared("b")).await.status, 403);
    let replayed = app
        .as_role(Role::Admin, Method::POST, "/quarantine/replay")
        .json(&json!({"all": true}));
    let replayed = Answer::of(replayed.send().await.unwrap()).await;
    assert_eq!(
        (&replayed.body["replayed"], &replayed.body["stillRejected"]),
        (&json!(1), &json!(1)),
        "{}",
        replayed.body
    );
    assert_eq!(app.get("/exceptions/b").await["status"], "OPEN");
    assert_eq!(pending(&app).await[0]["requestedBy"], "test admin");
    let own = does(&app, Role::Admin, "a", json!({"command": "grant"})).await;
    assert_eq!((own.status, &own.body["code"]), (403, &json!("own-request")));
    let granted = with_key(&app, &second_admin(&app).await, "a", json!({"command": "grant"})).await;
    assert_eq!(granted.body["exception"]["status"], "RESOLVED", "{}", granted.body);
}

#[tokio::test]
async fn all_keys_of_a_member_are_one_person() {
    let app = TestApp::start().await;
    fresh(&app, "a", 5000.0).await;
    does(&app, Role::Admin, "a", resolve()).await;
    let second = make_key(&app.owner, &app.tenant, NewHolder::Member("TEST admin")).await;
    let own = with_key(&app, &second, "a", json!({"command": "grant"})).await;
    assert_eq!((own.status, &own.body["code"]), (403, &json!("own-request")));
    let people = app.get("/members").await;
    let admins: Vec<&Value> = people
        .as_array()
        .unwrap()
        .iter()
        .filter(|person| person["role"] == "admin")
        .collect();
    assert_eq!(admins.len(), 1);
    assert_eq!(
        (&admins[0]["memberId"], &admins[0]["name"]),
        (&json!("test-admin"), &json!("test admin"))
    );
}

#[tokio::test]
async fn a_fingerprint_leaves_what_other_sources_sent_open_and_counts_it() {
    let app = TestApp::start().await;
    let milk = |id: &str, source: &str| json!({"exceptionId": id, "sourceSystem": source, "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": "F1"}});
    for (id, source) in [("a", "Oven"), ("b", "Till"), ("c", "Till")] {
        assert_eq!(app.send(milk(id, source)).await.status, 202);
    }
    let gone = json!({"state": "cleared", "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": "F1"}});
    let answer = app.source_sends("", &json!({"exception": gone})).await;
    assert_eq!(
        answer.body["cleared"],
        json!({"resolved": 2, "awaitingApproval": 0, "leftOpen": 1}),
        "{}",
        answer.body
    );
    let again = app.source_sends("", &json!({"exception": gone})).await;
    assert_eq!(again.body["outcome"], "duplicate", "{}", again.body);
    assert_eq!(app.get("/exceptions/a").await["status"], "OPEN");
}

#[tokio::test]
async fn without_authentication_one_member_acts_who_approves_nothing_of_their_own() {
    let app = TestApp::with(Auth::Off).await;
    fresh(&app, "a", 5000.0).await;
    let asked = does(&app, Role::Admin, "a", resolve()).await;
    assert_eq!(asked.body["outcome"], "approvalRequested", "{}", asked.body);
    assert_eq!(pending(&app).await[0]["requestedBy"], "local");
    let own = does(&app, Role::Supervisor, "a", json!({"command": "grant"})).await;
    assert_eq!((own.status, &own.body["code"]), (403, &json!("own-request")));
    assert_eq!(app.send(cleared("a")).await.status, 403);
}

#[tokio::test]
async fn names_are_unique_whatever_their_case_and_roles_do_not_change_by_a_key() {
    let app = TestApp::start().await;
    let tenant: &TenantId = &app.tenant;
    make_key(
        &app.owner,
        tenant,
        NewHolder::Named(&"Maria Rossi".parse().unwrap(), Role::Operator),
    )
    .await;
    // The same person: one more key, and no second member.
    make_key(
        &app.owner,
        tenant,
        NewHolder::Named(&"maria ROSSI".parse().unwrap(), Role::Operator),
    )
    .await;
    let key = store::keys::SecretKey::from_bytes(&[7; 32]);
    let name = "Maria Rossi".parse().unwrap();
    let stronger = store::keys::NewKey {
        tenant,
        holder: NewHolder::Named(&name, Role::Admin),
        expires_at: None,
    };
    let made = app.owner.create_key(&key, &stronger, database::noon()).await.unwrap();
    assert_eq!(made, store::keys::KeyCreation::OtherRole(Role::Operator));
    let people = app.get("/members").await;
    let marias = people
        .as_array()
        .unwrap()
        .iter()
        .filter(|person| person["memberId"].as_str().unwrap().starts_with("maria"));
    assert_eq!(
        marias.map(|person| person["name"].clone()).collect::<Vec<_>>(),
        [json!("Maria Rossi")]
    );
}
