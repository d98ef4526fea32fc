//! Taking exceptions in: what is acknowledged is stored, once, as sent; what is refused says why.

use domain::role::Role;
use reqwest::Method;
use serde_json::json;

use super::app::{Answer, TestApp, burnt};

#[tokio::test]
async fn the_id_returned_is_the_id_stored_and_the_severity_is_the_packs() {
    let app = TestApp::start().await;
    let answer = app.send(burnt("E-1", 5000.0)).await;
    assert_eq!(answer.status, 202);
    insta::assert_json_snapshot!(answer.body);
    let stored = app.get("/exceptions/E-1").await;
    assert_eq!(
        (&stored["severity"], &stored["claimedSeverity"]),
        (&json!("CRITICAL"), &json!("LOW"))
    );
    insta::assert_json_snapshot!(stored, {".tenantId" => "[tenant]", ".receivedAt" => "[now]", ".lastSeenAt" => "[now]"});
    let events = app.get("/exceptions/E-1/events").await;
    insta::assert_json_snapshot!(events, {".items[].at" => "[now]", ".items[].hash" => "[hash]"});
}

#[tokio::test]
async fn an_id_is_made_where_the_source_has_none() {
    let app = TestApp::start().await;
    let mut exception = burnt("x", 1.0);
    exception.as_object_mut().unwrap().remove("exceptionId");
    let answer = app.send(exception).await;
    let id = answer.body["exceptionId"].as_str().unwrap();
    assert!(id.starts_with("BAK-"), "{id}");
    assert_eq!(app.get(&format!("/exceptions/{id}")).await["exceptionId"], id);
}

#[tokio::test]
async fn ids_with_slashes_and_umlauts_are_found_again() {
    let app = TestApp::start().await;
    let answer = app.send(burnt("ä/ö #1?", 1.0)).await;
    assert_eq!(answer.body["exceptionId"], "ä/ö #1?");
    assert_eq!(app.get("/exceptions/%C3%A4%2F%C3%B6%20%231%3F").await["exceptionId"], "ä/ö #1?");
}

#[tokio::test]
async fn the_same_again_gets_the_same_answer_and_other_content_is_a_conflict() {
    let app = TestApp::start().await;
    let first = app.send(burnt("E-1", 1.0)).await;
    let mut second = app.send(burnt("E-1", 1.0)).await;
    assert_eq!(second.body["outcome"], "duplicate");
    second.body["outcome"] = json!("accepted");
    assert_eq!((first.status, first.body), (second.status, second.body));
    let differs = app.send(burnt("E-1", 2.0)).await;
    assert_eq!(differs.status, 409);
    assert!(differs.detail().contains("/rawPayload/loss"), "{}", differs.detail());
}

#[tokio::test]
async fn one_hundred_at_once_make_one_row_and_one_hundred_answers() {
    let app = TestApp::start().await;
    let answers = futures::future::join_all((0..100).map(|_| app.send(burnt("E-1", 1.0)))).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 202 && answer.body["exceptionId"] == "E-1")
    );
    assert_eq!(answers.iter().filter(|answer| answer.body["outcome"] == "accepted").count(), 1);
    assert_eq!(app.get("/exceptions:facets").await["total"], 1);
}

#[tokio::test]
async fn a_batch_answers_item_by_item_and_drops_nothing() {
    let app = TestApp::start().await;
    let bad = json!({"sourceSystem": "Oven", "exceptionType": "COLD_BREAD", "exceptionId": "B-3", "rawPayload": {}});
    let body = json!({"exceptions": [burnt("B-1", 1.0), burnt("B-1", 1.0), bad, 7, burnt("B-1", 2.0), burnt("B-2", 1.0)]});
    let answer = app.post(body.to_string()).await;
    assert_eq!(answer.status, 200);
    let outcomes: Vec<&str> = answer.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["accepted", "duplicate", "rejected", "rejected", "rejected", "accepted"]);
    assert_eq!(
        (&answer.body["accepted"], &answer.body["duplicates"], &answer.body["rejected"]),
        (&json!(2), &json!(1), &json!(3))
    );
    let pointers: Vec<&str> = answer.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["errors"][0]["pointer"].as_str())
        .collect();
    assert_eq!(
        pointers,
        ["/exceptions/2/exceptionType", "/exceptions/3", "/exceptions/4/exceptionId"]
    );
    assert_eq!(app.get("/exceptions:facets").await["total"], 2);
    let empty = app.post(json!({"exceptions": []}).to_string()).await;
    assert_eq!((empty.status, &empty.body["results"]), (200, &json!([])));
}

#[tokio::test]
async fn the_payload_is_kept_as_sent() {
    let app = TestApp::start().await;
    let payload = r#"{"oven":"O-1","loss":1.50,  "big":12345678901234567890123,"zero":"\u0000","note":"é"}"#;
    let body =
        format!(r#"{{"exception":{{"exceptionId":"V","sourceSystem":"Oven","exceptionType":"BURNT_BREAD","rawPayload":{payload}}}}}"#);
    assert_eq!(app.post(body).await.status, 202);
    let text = app
        .as_role(Role::Viewer, Method::GET, "/exceptions/V")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.contains(payload), "{text}");
}

#[tokio::test]
async fn refusals_name_every_fault_and_its_place() {
    let app = TestApp::start().await;
    let answer = app
        .send(
            json!({"sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "timestamp": "2199-01-01T00:00:00Z", "rawPayload": {"loss": 1}}),
        )
        .await;
    assert_eq!(answer.status, 422);
    insta::assert_json_snapshot!(answer.body["errors"], {"[0].message" => insta::dynamic_redaction(|value, _| {
        assert!(value.as_str().unwrap().contains("is in the future"));
        "[in the future]"
    })});
    let unknown = app
        .send(json!({"sourceSystem": "Oven", "exceptionType": "COLD_BREAD", "rawPayload": {}}))
        .await;
    assert_eq!((unknown.status, &unknown.body["errors"][0]["code"]), (422, &json!("unknown-type")));
    assert!(unknown.detail().contains("BURNT_BREAD"));
    let list = app
        .send(json!({"sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": []}))
        .await;
    assert_eq!(
        (list.status, &list.body["errors"][0]["pointer"]),
        (422, &json!("/exception/rawPayload"))
    );
    assert_eq!(app.get("/exceptions:facets").await["total"], 0);
}

#[tokio::test]
async fn malformed_bodies_say_what_is_wrong() {
    let app = TestApp::start().await;
    for (body, says) in [
        (&b""[..], "it is empty"),
        (b"[1]", "must be an object"),
        (b"{\"exception\":", "not JSON"),
        (b"{\"exception\":{\"sourceSystem\":\"\xff\"}}", "not UTF-8: the byte at offset"),
        (b"\x00", "not JSON"),
    ] {
        let answer = app.post(body.to_vec()).await;
        assert_eq!(answer.status, 400, "{body:?}");
        assert!(answer.detail().contains(says), "{}", answer.detail());
    }
    let xml = app
        .as_role(Role::Operator, Method::POST, "/exceptions")
        .header("content-type", "text/xml")
        .body("<x/>")
        .send()
        .await
        .unwrap();
    assert_eq!(Answer::of(xml).await.status, 415);
}

#[tokio::test]
async fn twenty_megabytes_are_too_large_and_the_sender_reads_so() {
    let app = TestApp::start().await;
    let answer = app
        .post(format!(r#"{{"exception":{{"rawPayload":{{"x":"{}"}}}}}}"#, "x".repeat(20 << 20)))
        .await;
    assert_eq!(answer.status, 413);
    assert!(answer.detail().contains("8388608 bytes"), "{}", answer.detail());
}

#[tokio::test]
async fn deeply_nested_and_duplicated_members_do_no_harm() {
    let app = TestApp::start().await;
    let deep = format!(
        r#"{{"exception":{{"sourceSystem":"Oven","exceptionType":"BURNT_BREAD","rawPayload":{{"oven":"1","x":{}1{}}}}}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let answer = app.post(deep).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    let twice = app
        .post(
            r#"{"exception":{"sourceSystem":"Oven","exceptionType":"BURNT_BREAD","exceptionId":"D","rawPayload":{"oven":"1","oven":"2"}}}"#,
        )
        .await;
    assert_eq!(twice.status, 202);
    assert_eq!(app.get("/exceptions/D").await["entities"][0]["value"], "2");
}

#[tokio::test]
async fn the_short_path_is_the_same_handler() {
    let app = TestApp::start().await;
    let url = format!("{}/exceptions/{}", app.base, app.tenant);
    let body = json!({"exception": burnt("S", 1.0)}).to_string();
    let request = app
        .client
        .post(url)
        .header("authorization", format!("Bearer {}", app.key(Role::Operator)))
        .body(body);
    assert_eq!(Answer::of(request.send().await.unwrap()).await.body["exceptionId"], "S");
    assert_eq!(app.get("/exceptions/S").await["exceptionId"], "S");
}
