//! What rules refuse is kept with its reasons before it is answered, and can be taken in later or discarded.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{
    app::{Answer, TestApp, burnt},
    database::{self, BAKERY},
};

/// An exception of a type that the pack gets in its next version.
fn cold(id: Option<&str>) -> Value {
    let mut exception = json!({"sourceSystem": "Oven", "exceptionType": "COLD_BREAD", "rawPayload": {"oven": "O-1"}});
    if let Some(id) = id {
        exception["exceptionId"] = json!(id);
    }
    exception
}

async fn post(app: &TestApp, role: Role, path: &str, body: Value) -> Answer {
    let request = app.as_role(role, Method::POST, &format!("/quarantine{path}"));
    Answer::of(request.body(body.to_string()).send().await.unwrap()).await
}

async fn send(app: &TestApp, headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = app.as_role(Role::Operator, Method::POST, "/exceptions").body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send().await.unwrap()).await
}

fn id_in(answer: &Value) -> String {
    answer["quarantineId"]
        .as_str()
        .unwrap_or_else(|| panic!("no quarantineId in {answer}"))
        .to_owned()
}

/// Activates a pack that knows cold bread, and waits until the server knows it.
async fn fix_the_pack(app: &TestApp) {
    let mut pack: Value = serde_json::from_str(BAKERY).unwrap();
    let mut kind = pack["exceptionTypes"]["SOUR_MILK"].clone();
    (kind["label"], kind["fingerprint"], kind["title"]) = (json!("Cold bread"), json!(["oven"]), json!("Bread of {oven} is cold"));
    kind["fields"] = json!({"oven": {"type": "string", "label": "Oven"}});
    pack["exceptionTypes"]["COLD_BREAD"] = kind;
    pack["version"] = json!("1.3.0");
    app.activate(&pack).await;
}

#[tokio::test]
async fn every_format_keeps_what_it_refuses_with_pointers_into_the_object() {
    let app = TestApp::start().await;
    let single = app.send(cold(Some("C-1"))).await;
    assert_eq!(
        (single.status, &single.body["errors"][0]["pointer"]),
        (422, &json!("/exception/exceptionType"))
    );
    let batch = app
        .post(json!({"exceptions": [burnt("B-1", 1.0), 7, cold(Some("C-2"))]}).to_string())
        .await;
    let lines = format!("{}\n{{\n{}\n", json!({"exception": cold(Some("C-3"))}), cold(Some("C-4")));
    let lines = send(&app, &[("content-type", "application/x-ndjson")], lines).await;
    let lines: Vec<Value> = lines
        .body
        .as_str()
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines[1].get("quarantineId").is_none(), "what is not JSON is not kept: {}", lines[1]);
    let event = json!({"specversion": "1.0", "id": "1", "source": "/shop/Oven", "type": "shop.COLD_BREAD", "data": {"oven": "O-1"}});
    let structured = send(&app, &[("content-type", "application/cloudevents+json")], event.to_string()).await;
    let none = json!({"specversion": "1.0", "source": "/shop/Till", "type": "BURNT_BREAD", "data": {}});
    let events = send(
        &app,
        &[("content-type", "application/cloudevents-batch+json")],
        json!([none]).to_string(),
    )
    .await;
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/shop/Oven"),
        ("ce-type", "shop.COLD_BREAD"),
    ];
    let binary = send(&app, &headers, json!({"oven": "O-1"}).to_string()).await;
    assert_eq!(
        id_in(&structured.body),
        id_in(&binary.body),
        "the same event in another mode is the same entry"
    );
    for (answer, form, exception_id, code, pointer) in [
        (&single.body, "EXCEPTION", Some("C-1"), "unknown-type", "/exceptionType"),
        (&batch.body["results"][1], "EXCEPTION", None, "not-an-object", ""),
        (
            &batch.body["results"][2],
            "EXCEPTION",
            Some("C-2"),
            "unknown-type",
            "/exceptionType",
        ),
        (&lines[0], "EXCEPTION", Some("C-3"), "unknown-type", "/exceptionType"),
        (&lines[2], "EXCEPTION", Some("C-4"), "unknown-type", "/exceptionType"),
        (&binary.body, "EVENT", Some("/shop/Oven#1"), "unknown-type", "/type"),
        (&events.body["results"][0], "EVENT", None, "missing", "/id"),
    ] {
        let id = id_in(answer);
        let entry = app.get(&format!("/quarantine/{id}")).await;
        let made = format!("BAK-{}", &id[2..]);
        let expected = exception_id.unwrap_or(&made);
        assert_eq!(
            (&entry["form"], &entry["exceptionId"], &entry["state"]),
            (&json!(form), &json!(expected), &json!("HELD"))
        );
        assert_eq!(
            (&entry["errors"][0]["code"], &entry["errors"][0]["pointer"]),
            (&json!(code), &json!(pointer)),
            "{entry}"
        );
    }
    assert_eq!(
        app.get(&format!("/quarantine/{}", id_in(&single.body))).await["object"],
        cold(Some("C-1"))
    );
    assert_eq!(app.get(&format!("/quarantine/{}", id_in(&binary.body))).await["times"], 2);
    let list = app.get("/quarantine").await;
    assert_eq!((&list["total"], list["items"].as_array().unwrap().len()), (&json!(7), 7));
    assert_eq!(list["codes"][0], json!({"code": "unknown-type", "count": 5}));
    assert_eq!(
        app.get("/quarantine?code=missing&source=Till&type=burnt").await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn other_content_under_a_stored_id_is_kept_and_malformed_bodies_are_not() {
    let app = TestApp::start().await;
    app.send(burnt("E-1", 1.0)).await;
    let differs = app.send(burnt("E-1", 2.0)).await;
    assert_eq!(differs.status, 409);
    let entry = app.get(&format!("/quarantine/{}", id_in(&differs.body))).await;
    assert_eq!(
        (&entry["errors"][0]["code"], &entry["errors"][0]["pointer"]),
        (&json!("differs"), &json!("/exceptionId"))
    );
    let replayed = post(&app, Role::Operator, &format!("/{}/replay", id_in(&differs.body)), json!({})).await;
    assert_eq!(
        (replayed.status, &replayed.body["state"]),
        (200, &json!("HELD")),
        "it still differs"
    );
    for malformed in ["{", "7", "[]"] {
        let answer = app.post(malformed).await;
        assert!(answer.status == 400 && answer.body.get("quarantineId").is_none(), "{answer:?}");
    }
    assert_eq!(app.get("/quarantine").await["total"], 1);
}

#[tokio::test]
async fn objects_that_nothing_can_read_are_kept_as_sent() {
    let app = TestApp::start().await;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for odd in [
        deep,
        r#"{"sourceSystem": "\ud800\u0000", "rawPayload": {"oven": "\u0000", "loss": "\u0000"}, "exceptionType": "BURNT_BREAD"}"#.into(),
    ] {
        let answer = app.post(format!(r#"{{"exception": {odd}}}"#)).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        let path = format!("/quarantine/{}", id_in(&answer.body));
        let kept = app
            .as_role(Role::Viewer, Method::GET, &path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(kept.contains(&odd), "{}", &kept[..200]);
    }
    let replayed = post(&app, Role::Operator, "/replay", json!({"all": true})).await;
    assert_eq!(
        replayed.body,
        json!({"replayed": 0, "stillRejected": 2, "remaining": 0, "next": null})
    );
}

#[tokio::test]
async fn after_the_pack_is_mended_a_replay_stores_it_under_the_id_that_was_told() {
    let app = TestApp::start().await;
    let own = app.send(cold(Some("C-1"))).await;
    let none = app.send(cold(None)).await;
    let event = json!({"specversion": "1.0", "id": "1", "source": "/shop/Oven", "type": "shop.COLD_BREAD", "data": {"oven": "O-1"}});
    let event = send(&app, &[("content-type", "application/cloudevents+json")], event.to_string()).await;
    let still = post(&app, Role::Operator, "/replay", json!({"code": "unknown-type"})).await;
    assert_eq!(still.body, json!({"replayed": 0, "stillRejected": 3, "remaining": 0, "next": null}));
    fix_the_pack(&app).await;
    let one = post(&app, Role::Operator, &format!("/{}/replay", id_in(&own.body)), json!({})).await;
    assert_eq!(
        (&one.body["state"], &one.body["storedAs"], &one.body["decidedBy"]),
        (&json!("REPLAYED"), &json!("C-1"), &json!("test operator"))
    );
    let again = post(&app, Role::Operator, &format!("/{}/replay", id_in(&own.body)), json!({})).await;
    assert_eq!(
        (again.status, &again.body),
        (200, &one.body),
        "one that was replayed is answered as it is"
    );
    let told = app.get(&format!("/quarantine/{}", id_in(&none.body))).await["exceptionId"].clone();
    let rest = post(
        &app,
        Role::Operator,
        "/replay",
        json!({"ids": [id_in(&none.body), id_in(&event.body)]}),
    )
    .await;
    assert_eq!(rest.body, json!({"replayed": 2, "stillRejected": 0, "remaining": 0, "next": null}));
    for id in ["C-1", told.as_str().unwrap(), "%2Fshop%2FOven%231"] {
        assert_eq!(app.get(&format!("/exceptions/{id}")).await["title"], "Bread of O-1 is cold", "{id}");
    }
    let events = app.get("/exceptions/C-1/events").await;
    let kinds: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert_eq!(
        kinds[..2],
        ["received", "quarantine_replayed"],
        "then the repetitions: all are about one oven"
    );
    assert_eq!(
        (
            &app.get("/quarantine").await["total"],
            &app.get("/quarantine?state=REPLAYED").await["total"]
        ),
        (&json!(0), &json!(3))
    );
}

#[tokio::test]
async fn one_hundred_replays_at_once_store_one_exception_and_one_event() {
    let app = TestApp::start().await;
    let id = id_in(&app.send(cold(None)).await.body);
    fix_the_pack(&app).await;
    let path = format!("/{id}/replay");
    let answers = futures::future::join_all((0..100).map(|_| post(&app, Role::Operator, &path, json!({})))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body["state"]), (200, &json!("REPLAYED")), "{answer:?}");
        assert_eq!(answer.body["storedAs"], answers[0].body["storedAs"]);
    }
    assert_eq!(app.get("/exceptions:facets").await["total"], 1);
    let stored = answers[0].body["storedAs"].as_str().unwrap();
    assert_eq!(
        app.get(&format!("/exceptions/{stored}/events")).await["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn many_are_replayed_in_portions_that_end() {
    let app = TestApp::start().await;
    let all: Vec<Value> = (0..501).map(|index| cold(Some(&format!("C-{index}")))).collect();
    assert_eq!(app.post(json!({"exceptions": all}).to_string()).await.body["rejected"], 501);
    let mut answer = post(&app, Role::Operator, "/replay", json!({"all": true})).await;
    assert_eq!((&answer.body["stillRejected"], &answer.body["remaining"]), (&json!(500), &json!(1)));
    answer = post(&app, Role::Operator, "/replay", json!({"all": true, "cursor": answer.body["next"]})).await;
    assert_eq!(
        answer.body,
        json!({"replayed": 0, "stillRejected": 1, "remaining": 0, "next": null})
    );
    let page = app.get("/quarantine?limit=400").await;
    let rest = app
        .get(&format!("/quarantine?limit=400&cursor={}", page["next"].as_str().unwrap()))
        .await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (101, &Value::Null));
    fix_the_pack(&app).await;
    assert_eq!(
        post(&app, Role::Operator, "/replay", json!({"all": true})).await.body["replayed"],
        500
    );
    assert_eq!(
        post(&app, Role::Operator, "/replay", json!({"all": true})).await.body["replayed"],
        1
    );
    assert_eq!(app.get("/exceptions:facets").await["total"], 501);
}

#[tokio::test]
async fn a_discard_needs_a_reason_and_a_supervisor_and_is_made_once() {
    let app = TestApp::start().await;
    let id = id_in(&app.send(cold(Some("C-1"))).await.body);
    let path = format!("/{id}/discard");
    assert_eq!(post(&app, Role::Operator, &path, json!({"reason": "x"})).await.status, 403);
    assert_eq!(
        post(&app, Role::Operator, "/discard", json!({"all": true, "reason": "x"}))
            .await
            .status,
        403
    );
    for bad in [
        json!({}),
        json!({"reason": "  "}),
        json!({"reason": "a\u{0}"}),
        json!({"reason": "x".repeat(501)}),
    ] {
        assert_eq!(post(&app, Role::Supervisor, &path, bad).await.status, 400);
    }
    let done = post(&app, Role::Supervisor, &path, json!({"reason": "a test of theirs"})).await;
    assert_eq!(
        (&done.body["state"], &done.body["reason"]),
        (&json!("DISCARDED"), &json!("a test of theirs"))
    );
    let again = post(&app, Role::Supervisor, &path, json!({"reason": "another"})).await;
    assert_eq!((again.status, &again.body["reason"]), (200, &json!("a test of theirs")));
    let replayed = post(&app, Role::Operator, &format!("/{id}/replay"), json!({})).await;
    assert_eq!(
        (replayed.status, &replayed.body["code"]),
        (409, &json!("already-decided")),
        "{replayed:?}"
    );
    assert_eq!(id_in(&app.send(cold(Some("C-1"))).await.body), id, "sent again it is held again");
    let all = post(&app, Role::Supervisor, "/discard", json!({"code": "unknown-type", "reason": "x"})).await;
    assert_eq!(all.body, json!({"discarded": 1, "remaining": 0}));
}

#[tokio::test]
async fn wrong_questions_are_told_what_would_be_right() {
    let app = TestApp::start().await;
    for (body, says) in [
        (json!({}), "exactly one of"),
        (json!({"all": false}), "exactly one of"),
        (json!({"all": true, "code": "x"}), "exactly one of"),
        (json!({"ids": []}), "1 to 500"),
        (json!({"ids": ["Q-1"]}), "24 hex digits"),
        (json!({"code": "a\u{0}"}), "unknown-type"),
        (json!({"everything": true}), "unknown field"),
    ] {
        let answer = post(&app, Role::Operator, "/replay", body).await;
        assert!(answer.status == 400 && answer.detail().contains(says), "{answer:?}");
    }
    for query in ["state=held", "limit=0", "cursor=x", "code=%00", "sort=times"] {
        let response = app
            .as_role(Role::Viewer, Method::GET, &format!("/quarantine?{query}"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 400, "{query}");
    }
    for id in ["none", "Q-0123456789abcdef01234567"] {
        let answer = post(&app, Role::Operator, &format!("/{id}/replay"), json!({})).await;
        assert_eq!(answer.status, 404, "{id}");
        assert_eq!(
            post(&app, Role::Supervisor, &format!("/{id}/discard"), json!({"reason": "x"}))
                .await
                .status,
            404
        );
    }
}

#[tokio::test]
async fn a_full_quarantine_refuses_to_forget_and_says_what_to_do() {
    let app = TestApp::start().await;
    let id = id_in(&app.send(cold(Some("C-1"))).await.body);
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let sql = "update quarantine_count set held = 100000 where tenant_id = $1";
    sqlx::query(sql).bind(app.tenant.as_str()).execute(&mut admin).await.unwrap();
    let full = app
        .post(json!({"exceptions": [burnt("B-1", 1.0), cold(Some("C-2"))]}).to_string())
        .await;
    assert_eq!((full.status, &full.body["code"]), (503, &json!("quarantine-full")), "{full:?}");
    assert!(
        full.headers.contains_key("retry-after") && full.detail().contains("sentinai quarantine"),
        "{}",
        full.detail()
    );
    let line = format!("{}\n", cold(Some("C-2")));
    let lines = send(&app, &[("content-type", "application/x-ndjson")], line).await;
    assert_eq!(
        (&lines.body["outcome"], &lines.body["status"]),
        (&json!("failed"), &json!(503)),
        "{lines:?}"
    );
    assert_eq!(
        id_in(&app.send(cold(Some("C-1"))).await.body),
        id,
        "what is held already still counts"
    );
    assert_eq!(app.send(burnt("B-2", 1.0)).await.status, 202);
    assert_eq!(app.get("/quarantine").await["total"], 1);
    assert_eq!(app.get("/exceptions/B-1").await["exceptionId"], "B-1", "the good ones are stored");
}
