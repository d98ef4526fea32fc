//! Values keep their digits and letters from the request to every answer, and odd ones never harm their neighbours.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::app::{Answer, TestApp, burnt};

const ACCOUNT: &str = "77014103211118510720";
const OTHER: &str = "77014103211118510721";

fn wrapped(id: &str, payload: &str) -> String {
    format!(r#"{{"exception": {{"exceptionId": {id}, "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {payload}}}}}"#)
}

async fn text(app: &TestApp, path: &str) -> String {
    let answer = app.as_role(Role::Viewer, Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn numbers_keep_their_digits_in_ids_fields_filters_and_files() {
    let app = TestApp::start().await;
    for number in [ACCOUNT, OTHER] {
        let payload = format!(r#"{{"oven": {number}, "kind": "RYE", "loss": 90071992547409930.10, "currency": "EUR"}}"#);
        let answer = app.post(wrapped(number, &payload)).await;
        assert_eq!(
            (answer.status, answer.body["exceptionId"].as_str(), &answer.body["outcome"]),
            (202, Some(number), &json!("accepted"))
        );
    }
    let shown = text(&app, &format!("/exceptions/{ACCOUNT}")).await;
    let value = |name: &str| {
        shown
            .split(&format!(r#""name":"{name}""#))
            .nth(1)
            .unwrap()
            .split(r#""value":"#)
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert!(value("oven").starts_with(ACCOUNT), "{shown}");
    assert!(value("loss").starts_with("90071992547409930.10,"), "{shown}");
    for query in [format!("entity={ACCOUNT}"), format!("field.oven={ACCOUNT}")] {
        let items = app.get(&format!("/exceptions?{query}")).await["items"].clone();
        assert_eq!(
            (items.as_array().unwrap().len(), items[0]["exceptionId"].as_str()),
            (1, Some(ACCOUNT)),
            "{query}"
        );
    }
    let table = text(&app, &format!("/exceptions:export?format=csv&entity={ACCOUNT}")).await;
    assert!(table.contains(",90071992547409930.10,"), "{table}");
    let lines = text(&app, &format!("/exceptions:export?entity={ACCOUNT}")).await;
    assert!(lines.contains("90071992547409930.10"), "{lines}");
}

#[tokio::test]
async fn the_same_number_written_otherwise_is_the_same_content() {
    let app = TestApp::start().await;
    for (written, outcome) in [
        ("1", "accepted"),
        ("1.0", "duplicate"),
        ("1e0", "duplicate"),
        ("10E-1", "duplicate"),
    ] {
        let answer = app
            .post(wrapped("\"E-1\"", &format!(r#"{{"oven": "O", "loss": {written}, "zero": -0}}"#)))
            .await;
        assert_eq!(answer.body["outcome"], outcome, "{written}");
    }
    let refused = app.post(wrapped("\"E-2\"", r#"{"oven": "O", "loss": 1e1001}"#)).await;
    assert_eq!(
        (refused.status, refused.body["errors"][0]["code"].as_str()),
        (422, Some("unreadable")),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn a_nul_in_a_field_is_kept_and_harms_no_neighbour() {
    let app = TestApp::start().await;
    let odd = |id: &str| {
        let mut exception = burnt(id, 1.0);
        for field in ["oven", "currency", "kind", "bakedOn", "note\0"] {
            exception["rawPayload"][field] = json!("A\0B");
        }
        exception
    };
    let body = json!({"exceptions": [burnt("N-1", 1.0), odd("N-2"), burnt("N-3", 1.0)]});
    let answer = app.post(body.to_string()).await;
    assert_eq!(answer.body["accepted"], 3, "{}", answer.body);
    let lines: Vec<String> = [burnt("L-1", 1.0), odd("L-2"), burnt("L-3", 1.0)]
        .iter()
        .map(Value::to_string)
        .collect();
    let stream = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-type", "application/x-ndjson")
        .body(lines.join("\n"));
    let answer = stream.send().await.unwrap().text().await.unwrap();
    assert!(
        !answer.contains(r#""outcome":"rejected""#) && answer.lines().count() == 3,
        "{answer}"
    );
    let alone = app.post(json!({"exception": odd("S-1")}).to_string()).await;
    assert_eq!(alone.status, 202, "{}", alone.body);
    for id in ["N-2", "L-2", "S-1"] {
        let stored = app.get(&format!("/exceptions/{id}")).await;
        assert_eq!(stored["rawPayload"]["oven"], "A\0B");
        assert!(!stored["title"].as_str().unwrap().contains(char::is_control));
        let found = app.get("/exceptions?limit=500&entity=A%20B").await;
        let found = found["items"].as_array().unwrap().iter().any(|item| item["exceptionId"] == id);
        assert!(found, "{id}");
    }
    // Content that differs in such a member is told and kept.
    let mut other = odd("S-1");
    other["rawPayload"]["note\0"] = json!("C");
    assert_eq!(app.send(other).await.status, 409);
}

#[tokio::test]
async fn every_item_of_a_long_list_is_found_and_a_longer_list_harms_no_neighbour() {
    let app = TestApp::start().await;
    let baked_by = |id: &str, bakers: usize| {
        let mut exception = burnt(id, 1.0);
        exception["rawPayload"]["bakers"] = (0..bakers).map(|baker| json!(format!("B{baker}"))).collect();
        exception
    };
    let batch = json!({"exceptions": [baked_by("A-1", 4_000), baked_by("A-2", 100_000), baked_by("A-3", 1)]});
    let answer = app.post(batch.to_string()).await;
    let outcomes = answer.body["results"].as_array().unwrap().iter();
    let outcomes: Vec<(&Value, &Value)> = outcomes.map(|result| (&result["outcome"], &result["errors"][0]["code"])).collect();
    let (accepted, rejected) = (json!("accepted"), json!("rejected"));
    assert_eq!(outcomes[0].0, &accepted, "{}", answer.body);
    assert_eq!(outcomes[1], (&rejected, &json!("too-many-values")));
    assert_ne!(outcomes[2].0, &rejected, "{}", answer.body);
    for filter in ["field.bakers=B3999", "entity=B3999", "q=B3999"] {
        let found = app.get(&format!("/exceptions?{filter}")).await;
        assert_eq!(found["items"][0]["exceptionId"], "A-1", "{filter}");
    }
    let alone = app.send(baked_by("A-4", 100_000)).await;
    assert_eq!((alone.status, &alone.body["errors"][0]["code"]), (422, &json!("too-many-values")));
}

#[tokio::test]
async fn a_blank_value_links_nothing_and_clears_nothing() {
    let app = TestApp::start().await;
    for (index, kind) in [json!(""), json!(""), json!(" "), json!("\u{a0}"), json!("\u{a0}")]
        .into_iter()
        .enumerate()
    {
        let mut exception = burnt(&format!("B-{index}"), 1.0);
        exception["rawPayload"]["kind"] = kind;
        assert_eq!(app.send(exception).await.body["outcome"], "accepted", "{index}");
    }
    let stored = app.get("/exceptions/B-0").await;
    assert_eq!(stored["fingerprint"], Value::Null);
    assert!(stored["findings"].to_string().contains("fingerprint-incomplete"));
}

#[tokio::test]
async fn until_has_the_grammar_and_the_message_of_every_time() {
    let app = TestApp::start().await;
    app.send(burnt("E-1", 1.0)).await;
    for (until, says) in [
        (
            "2026-12-01T09:00:00+0100",
            "write RFC 3339 as in 2026-11-23T09:30:00Z (without an offset it is UTC)",
        ),
        (
            "tomorrow",
            "write RFC 3339 as in 2026-11-23T09:30:00Z (without an offset it is UTC)",
        ),
    ] {
        let command = json!({"command": "wait", "reason": "FLOUR", "until": until});
        let request = app.as_role(Role::Operator, Method::POST, "/exceptions/E-1/commands").json(&command);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.detail().contains(says), "{}", answer.detail());
        let mut sent = burnt("E-2", 1.0);
        sent["timestamp"] = json!(until);
        let answer = app.send(sent).await;
        assert!(answer.body.to_string().contains(says), "{}", answer.body);
    }
}
