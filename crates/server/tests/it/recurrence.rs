//! The same problem again, cleared problems, revised records: over HTTP, and what is stored afterwards.

use axum::http::Method;
use domain::role::Role;
use serde_json::{Value, json};

use super::app::{Answer, TestApp};

/// Sour milk: its fingerprint is the fridge.
fn milk(id: &str, fridge: &str) -> Value {
    json!({"exceptionId": id, "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": fridge}})
}

async fn outcomes(app: &TestApp, exceptions: &[Value]) -> Vec<String> {
    let answer = app.post(json!({"exceptions": exceptions}).to_string()).await;
    let results = answer.body["results"].as_array().expect("results").iter();
    let told = |result: &Value| match &result["linkedTo"] {
        Value::String(to) => format!("{} to {to}", result["outcome"].as_str().unwrap()),
        _ => result["outcome"].as_str().unwrap().to_owned(),
    };
    results.map(told).collect()
}

async fn kinds(app: &TestApp, id: &str) -> Vec<String> {
    let events = app.get(&format!("/exceptions/{id}/events")).await;
    let kinds = events["items"].as_array().expect("events").iter();
    kinds.map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_repetition_is_linked_and_told_on_both() {
    let app = TestApp::start().await;
    assert_eq!(outcomes(&app, &[milk("a", "F1")]).await, ["accepted"]);
    assert_eq!(
        outcomes(&app, &[milk("b", "F1"), milk("c", "F2"), milk("b", "F1")]).await,
        ["linked to a", "accepted", "duplicate"]
    );
    assert_eq!(kinds(&app, "a").await, ["received", "recurred"]);
    let reasons = app.get("/exceptions/b").await["reasons"].clone();
    let reason = reasons.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        reason,
        json!({"about": "recurrence", "value": "a", "because": "the same fridge as a, linked to it"})
    );
}

#[tokio::test]
async fn one_hundred_of_one_problem_at_once_are_one_and_ninety_nine_linked_to_it() {
    let app = TestApp::start().await;
    let answers = futures::future::join_all((0..100).map(|index| app.send(milk(&format!("m{index}"), "F1")))).await;
    let first: Vec<&Value> = answers
        .iter()
        .filter(|answer| answer.body["outcome"] == "accepted")
        .map(|answer| &answer.body["exceptionId"])
        .collect();
    assert_eq!(first.len(), 1);
    assert_eq!(answers.iter().filter(|answer| &answer.body["linkedTo"] == first[0]).count(), 99);
}

#[tokio::test]
async fn a_source_clears_by_fingerprint_or_id_and_a_later_recurrence_reopens() {
    let app = TestApp::start().await;
    outcomes(&app, &[milk("a", "F1"), milk("b", "F1"), milk("c", "F2")]).await;
    let cleared = app.source_sends("", &json!({"exception": {"state": "cleared", "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": "F1"}}}))
        .await;
    assert_eq!(
        (cleared.status, &cleared.body["outcome"]),
        (202, &json!("accepted")),
        "{}",
        cleared.body
    );
    let by_id = json!({"state": "cleared", "sourceSystem": "Till", "exceptionId": "c"});
    assert_eq!(app.source_sends("", &json!({"exception": by_id})).await.body["exceptionId"], "c");
    assert_eq!(
        app.source_sends("", &json!({"exception": by_id})).await.body["outcome"],
        "duplicate"
    );
    for id in ["a", "b", "c"] {
        assert_eq!(app.get(&format!("/exceptions/{id}")).await["status"], "RESOLVED", "{id}");
    }
    let named = |id: &str| {
        let path = format!("/exceptions/{id}/events");
        let app = &app;
        async move { app.get(&path).await["items"].as_array().unwrap().last().unwrap()["data"]["evidence"].clone() }
    };
    let hash = named("a").await;
    assert_eq!(named("b").await, hash, "stored once, however many it clears");
    let path = |id: &str| format!("/exceptions/{id}/evidence/{}", hash.as_str().unwrap());
    let evidence = app.get(&path("b")).await;
    assert_eq!(
        (&evidence["sha256"], &evidence["body"]["rawPayload"]),
        (&hash, &json!({"fridge": "F1"}))
    );
    for elsewhere in [path("c"), "/exceptions/a/evidence/00".to_owned()] {
        let answer = app.as_role(Role::Viewer, Method::GET, &elsewhere).send().await.unwrap();
        assert_eq!(answer.status(), 404, "no event refers to it: {elsewhere}");
    }
    assert_eq!(outcomes(&app, &[milk("d", "F2")]).await, ["linked to c"]);
    assert_eq!(app.get("/exceptions/c").await["status"], "OPEN");
    assert_eq!(app.get("/exceptions/d").await["status"], "RESOLVED");
    assert_eq!(kinds(&app, "c").await, ["received", "resolved", "reopened", "recurred"]);
    assert_eq!(app.get("/exceptions:facets").await["total"], 4);
}

#[tokio::test]
async fn clearing_nothing_is_told_and_stores_nothing() {
    let app = TestApp::start().await;
    let unknown = app
        .source_sends(
            "",
            &json!({"exception": {"state": "cleared", "sourceSystem": "Till", "exceptionId": "nobody"}}),
        )
        .await;
    assert_eq!(
        (unknown.status, &unknown.body["errors"][0]["code"]),
        (422, &json!("nothing-to-clear"))
    );
    let vague = app
        .source_sends(
            "",
            &json!({"exception": {"state": "cleared", "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {}}}),
        )
        .await;
    assert_eq!(
        (vague.status, &vague.body["errors"][0]["code"]),
        (422, &json!("fingerprint-incomplete"))
    );
    let strange = app
        .source_sends(
            "",
            &json!({"exception": {"state": "gone", "sourceSystem": "Till", "exceptionId": "a"}}),
        )
        .await;
    assert_eq!((strange.status, &strange.body["errors"][0]["code"]), (422, &json!("unknown-state")));
}

#[tokio::test]
async fn a_changed_record_is_refused_or_revises_as_its_sender_asks() {
    let app = TestApp::start().await;
    app.send(milk("a", "F1")).await;
    let refused = app.send(milk("a", "F2")).await;
    assert_eq!(refused.status, 409);
    assert!(refused.detail().contains("onConflict=revise"), "{}", refused.detail());
    let revise = async |query: &str| {
        let request = app.as_source(Method::POST, &format!("/exceptions?{query}"));
        let response = request
            .json(&json!({"exception": milk("a", "F2")}))
            .send()
            .await
            .expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON"))
    };
    let (status, body) = revise("onConflict=revise").await;
    assert_eq!((status, &body["outcome"]), (202, &json!("accepted")));
    assert_eq!(revise("onConflict=revise").await.1["outcome"], "duplicate");
    let now = app.get("/exceptions/a").await;
    assert_eq!((&now["rawPayload"], &now["version"]), (&json!({"fridge": "F2"}), &json!(2)));
    assert_eq!(kinds(&app, "a").await, ["received", "revised"]);
    assert_eq!(
        app.get("/exceptions?q=F2").await["items"].as_array().unwrap().len(),
        1,
        "found by its new words"
    );
    for wrong in ["onConflict=replace", "onconflict=revise"] {
        assert_eq!(revise(wrong).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_member_never_clears_or_revises_and_a_source_does_nothing_else() {
    let app = TestApp::start().await;
    app.send(milk("a", "F1")).await;
    let cleared = app
        .send(json!({"state": "cleared", "sourceSystem": "Till", "exceptionId": "a"}))
        .await;
    assert_eq!(
        (cleared.status, &cleared.body["code"]),
        (403, &json!("source-not-allowed")),
        "{cleared:?}"
    );
    let revised = app.as_role(Role::Admin, Method::POST, "/exceptions?onConflict=revise");
    let revised = Answer::of(revised.json(&json!({"exception": milk("a", "F2")})).send().await.unwrap()).await;
    assert_eq!(
        (revised.status, &revised.body["code"]),
        (403, &json!("source-not-allowed")),
        "{revised:?}"
    );
    let batch =
        app.post(json!({"exceptions": [milk("b", "F3"), {"state": "cleared", "sourceSystem": "Till", "exceptionId": "a"}]}).to_string());
    let batch = batch.await;
    assert_eq!(batch.body["results"][0]["outcome"], "accepted", "{batch:?}");
    assert!(batch.body["results"][1].to_string().contains("source-not-allowed"), "{batch:?}");
    for (method, path) in [
        (Method::GET, "/exceptions"),
        (Method::GET, "/exceptions/a"),
        (Method::POST, "/exceptions/a/commands"),
    ] {
        let answer = Answer::of(app.as_source(method, path).json(&json!({"command": "claim"})).send().await.unwrap()).await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
    let now = app.get("/exceptions/a").await;
    assert_eq!((&now["status"], &now["version"]), (&json!("OPEN"), &json!(1)));
}
