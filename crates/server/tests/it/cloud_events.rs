//! CloudEvents over HTTP in all three content modes: the same road as any exception.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::app::{Answer, TestApp, burnt};

const STRUCTURED: &str = "application/cloudevents+json; charset=utf-8";
const BATCH: &str = "application/cloudevents-batch+json";

fn event(source: &str, id: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": id, "source": source, "type": "shop.bakery.BURNT_BREAD", "time": "2026-11-20T14:00:00Z", "data": data})
}

fn loaf(loss: f64) -> Value {
    json!({"oven": "O-1", "loss": loss, "currency": "EUR"})
}

async fn send(app: &TestApp, kind: &str, body: String) -> Answer {
    let request = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-type", kind);
    Answer::of(request.body(body).send().await.unwrap()).await
}

async fn send_binary(app: &TestApp, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = app.as_role(Role::Operator, Method::POST, "/exceptions").body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_structured_event_is_stored_with_what_its_attributes_say() {
    let app = TestApp::start().await;
    let mut sent = event("/shop/Till", "7", &loaf(5000.0));
    sent["subject"] = json!("loaf 3");
    let first = send(&app, STRUCTURED, sent.to_string()).await;
    assert_eq!(
        (first.status, &first.body["exceptionId"]),
        (202, &json!("/shop/Till#7")),
        "{first:?}"
    );
    assert_eq!(
        (&first.body["outcome"], &first.body["severity"]),
        (&json!("accepted"), &json!("CRITICAL"))
    );
    let stored = app.get("/exceptions/%2Fshop%2FTill%237").await;
    assert_eq!(
        (
            &stored["sourceSystem"],
            &stored["createdAt"],
            &stored["rawPayload"],
            &stored["normalizedContext"]
        ),
        (
            &json!("Till"),
            &json!("2026-11-20T14:00:00Z"),
            &loaf(5000.0),
            &json!({"subject": "loaf 3"})
        )
    );
    sent["traceparent"] = json!("00-1-2-01");
    assert_eq!(send(&app, STRUCTURED, sent.to_string()).await.body["outcome"], "duplicate");
    sent["data"]["loss"] = json!(1.0);
    assert_eq!(send(&app, STRUCTURED, sent.to_string()).await.status, 409);
    sent["source"] = json!("/shop/Oven");
    assert_eq!(send(&app, STRUCTURED, sent.to_string()).await.body["exceptionId"], "/shop/Oven#7");
}

#[tokio::test]
async fn an_exception_object_as_data_keeps_its_id_and_the_short_path_takes_it() {
    let app = TestApp::start().await;
    let request = app.client.post(format!("{}/exceptions/{}", app.base, app.tenant));
    let request = request
        .header("x-api-key", app.key(Role::Operator))
        .header("content-type", STRUCTURED);
    let body = event("/shop/Till", "7", &burnt("E-1", 1.0)).to_string();
    let answer = Answer::of(request.body(body).send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["exceptionId"]), (202, &json!("E-1")));
    assert_eq!(app.get("/exceptions/E-1").await["sourceSystem"], "Oven");
    assert_eq!(app.send(burnt("E-1", 1.0)).await.body["outcome"], "duplicate");
}

#[tokio::test]
async fn a_batch_of_events_is_answered_one_by_one() {
    let app = TestApp::start().await;
    let unknown = json!({"specversion": "1.0", "id": "1", "source": "/x", "type": "shop.COLD_BREAD", "data": {}});
    let body = json!([event("/a", "1", &loaf(1.0)), event("/b", "1", &loaf(1.0)), event("/a", "1", &loaf(1.0)),
        event("/a", "1", &loaf(2.0)), unknown, {"id": "1"}, 7, event("/c", "1", &json!({"loss": "x"}))]);
    let answer = send(&app, BATCH, body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told: Vec<String> = answer.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            format!(
                "{} {}",
                item["outcome"].as_str().unwrap(),
                item["errors"][0]["pointer"].as_str().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "accepted -",
            "accepted -",
            "duplicate -",
            "rejected /3/id",
            "rejected /4/type",
            "rejected /5/specversion",
            "rejected /6",
            "rejected /7/data/oven"
        ]
    );
    assert_eq!(send(&app, BATCH, "{}".into()).await.detail(), "the body must be a list");
    assert_eq!(send(&app, BATCH, "[]".into()).await.body["results"], json!([]));
}

#[tokio::test]
async fn a_binary_event_has_its_attributes_in_headers() {
    let app = TestApp::start().await;
    let headers = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "%C3%A4 1"),
        ("ce-source", "/shop/Oven"),
        ("ce-type", "BURNT_BREAD"),
        ("ce-subject", "\"a \\\"loaf\\\"\""),
    ];
    let answer = send_binary(&app, &headers, &loaf(1.0).to_string()).await;
    assert_eq!(
        (answer.status, &answer.body["exceptionId"]),
        (202, &json!("/shop/Oven#ä 1")),
        "{answer:?}"
    );
    let stored = app.get("/exceptions/%2Fshop%2FOven%23%C3%A4%201").await;
    assert_eq!(stored["normalizedContext"], json!({"subject": "a \"loaf\""}));
    let structured = json!({"specversion": "1.0", "id": "ä 1", "source": "/shop/Oven", "type": "BURNT_BREAD", "subject": "a \"loaf\"", "data": loaf(1.0)});
    assert_eq!(send(&app, STRUCTURED, structured.to_string()).await.body["outcome"], "duplicate");

    let missing = send_binary(&app, &headers[..3], &loaf(1.0).to_string()).await;
    let pointers: Vec<&Value> = missing.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["pointer"])
        .collect();
    assert_eq!((missing.status, pointers), (422, vec![&json!("/source"), &json!("/type")]));
    let xml = [&[("content-type", "text/xml")], &headers[1..]].concat();
    let xml = send_binary(&app, &xml, "{}").await;
    assert_eq!((xml.status, &xml.body["errors"][0]["pointer"]), (422, &json!("/datacontenttype")));
    assert!(
        xml.detail().contains("text/xml is not supported; send application/json"),
        "{}",
        xml.detail()
    );
    assert_eq!(send_binary(&app, &headers, "{\"oven\":").await.status, 400);
    let by_default = [&[("content-type", "application/x-www-form-urlencoded")], &headers[1..]].concat();
    for headers in [&headers[1..], &by_default] {
        assert_eq!(
            send_binary(&app, headers, &loaf(1.0).to_string()).await.body["outcome"],
            "duplicate"
        );
    }
}

#[tokio::test]
async fn events_that_are_none_say_why() {
    let app = TestApp::start().await;
    let answer = send(&app, STRUCTURED, json!({"specversion": "0.3", "data": []}).to_string()).await;
    assert_eq!(answer.status, 422);
    insta::assert_json_snapshot!(answer.body["errors"]);
    assert_eq!(send(&app, STRUCTURED, "{".into()).await.status, 400);
    assert_eq!(send(&app, "application/cloudevents+avro", "{}".into()).await.status, 415);
    let encoded = json!({"specversion": "1.0", "id": "b", "source": "/Oven", "type": "BURNT_BREAD", "data_base64": "eyJvdmVuIjoiTy0xIn0="});
    assert_eq!(send(&app, STRUCTURED, encoded.to_string()).await.status, 202);
}
