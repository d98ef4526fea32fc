//! Files of everything that a filter selects.

use async_compression::tokio::bufread::GzipDecoder;
use domain::role::Role;
use futures::StreamExt;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::http::Auth;
use sqlx::{Connection, PgConnection};
use tokio::io::AsyncReadExt;

use super::{
    app::{Answer, TestApp, burnt, client, make_keys, serve},
    database::{self, TestTenant},
};

async fn export(app: &TestApp, query: &str) -> Response {
    let response = app
        .as_role(Role::Viewer, Method::GET, &format!("/exceptions:export?{query}"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200, "{query}");
    response
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn filled() -> TestApp {
    let app = TestApp::start().await;
    let mut exceptions: Vec<Value> = (0..40)
        .map(|index| burnt(&format!("X-{index:02}"), f64::from(index) * 37.5))
        .collect();
    exceptions[3]["rawPayload"]["oven"] = json!("=SUM(A1), \"quoted\"");
    exceptions[4]["rawPayload"]["loss"] = json!(-12.5);
    exceptions[5]["sourceSystem"] = json!("Till");
    assert_eq!(app.post(json!({"exceptions": exceptions}).to_string()).await.body["accepted"], 40);
    app
}

#[tokio::test]
async fn an_export_is_what_the_list_shows_and_what_was_sent() {
    let app = filled().await;
    for query in [
        "sort=-severity",
        "severity=HIGH&sort=due",
        "q=burnt&source=Till",
        "field.kind=WHEAT",
        "severity=CRITICAL&type=SOUR_MILK",
    ] {
        let list = app.get(&format!("/exceptions?limit=500&{query}")).await;
        let response = export(&app, query).await;
        let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(
            name.starts_with(&format!("attachment; filename=\"exceptions-{}-", app.tenant)) && name.ends_with(".ndjson\""),
            "{name}"
        );
        let mut exported = lines(&response.text().await.unwrap());
        for line in &mut exported {
            assert!(line["rawPayload"]["oven"].is_string(), "{line}");
            line.as_object_mut().unwrap().remove("rawPayload");
        }
        assert_eq!(Value::Array(exported), list["items"], "{query}");
        let counted = app.get(&format!("/exceptions:count?{query}")).await;
        assert_eq!(counted["count"], list["items"].as_array().unwrap().len(), "{query}");
    }
}

#[tokio::test]
async fn a_payload_with_line_breaks_stays_on_its_line() {
    let app = TestApp::start().await;
    let body = "{\"exception\": {\"exceptionId\": \"N-1\", \"sourceSystem\": \"Oven\", \"exceptionType\": \"BURNT_BREAD\",
        \"rawPayload\": {\r\n\"oven\": \"O-1\",\n\"note\": \"two\\nlines\"}}}";
    assert_eq!(app.post(body).await.status, 202);
    let exported = lines(&export(&app, "").await.text().await.unwrap());
    assert_eq!(exported[0]["rawPayload"], json!({"oven": "O-1", "note": "two\nlines"}));
}

#[tokio::test]
async fn a_table_has_a_column_per_field_of_the_chosen_types_and_runs_no_formulas() {
    let app = filled().await;
    let response = export(&app, "format=csv&sort=due&q=x-03").await;
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    let text = response.text().await.unwrap();
    let (head, line) = text.split_once("\r\n").unwrap();
    assert!(head.starts_with("exceptionId,status,severity,"), "{head}");
    assert!(
        head.ends_with(",field.oven,field.loss,field.currency,field.kind,field.loaves,field.bakedOn,field.bakers,field.fridge"),
        "{head}"
    );
    assert!(line.contains(",\"'=SUM(A1), \"\"quoted\"\"\",112.5,EUR,WHEAT,"), "{line}");
    let milk = export(&app, "format=csv&type=SOUR_MILK").await.text().await.unwrap();
    assert!(milk.ends_with("findingCount,field.fridge\r\n"), "{milk}");
    let negative = export(&app, "format=csv&q=x-04").await.text().await.unwrap();
    assert!(negative.contains(",O-X-04,-12.5,EUR,"), "{negative}");
}

#[tokio::test]
async fn a_file_is_compressed_where_the_receiver_asks() {
    let app = filled().await;
    let request = app
        .as_role(Role::Viewer, Method::GET, "/exceptions:export")
        .header("accept-encoding", "gzip");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = response.bytes().await.unwrap();
    let mut text = String::new();
    GzipDecoder::new(&packed[..]).read_to_string(&mut text).await.unwrap();
    assert_eq!(lines(&text).len(), 40);
}

#[tokio::test]
async fn exports_that_make_no_sense_say_so() {
    let app = TestApp::start().await;
    for (query, says) in [
        ("format=xlsx", "ndjson, csv"),
        ("limit=10", "no pages"),
        ("cursor=x", "no pages"),
        ("severity=URGENT", "a severity is one of"),
        (
            "field.flour=1",
            "no type of Bakery declares a field 'flour'; it declares oven, loss",
        ),
    ] {
        let request = app.as_role(Role::Viewer, Method::GET, &format!("/exceptions:export?{query}"));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains(says), "{query}: {}", answer.detail());
    }
}

#[tokio::test]
async fn a_database_that_fails_midway_breaks_the_file_off() {
    const ROWS: i64 = 5_001;
    let ours = TestTenant::new().await;
    let keys = make_keys(&ours.owner, &ours.tenant).await;
    let base = serve(ours.store.clone(), Auth::Key).await;
    let address = format!("{base}/v1/tenants/{}/exceptions", ours.tenant);
    let sent = client()
        .post(&address)
        .header("x-api-key", &keys[&Role::Operator])
        .body(json!({"exception": burnt("B-0", 1.0)}).to_string());
    assert_eq!(sent.send().await.unwrap().status(), 202);
    // More than the connection holds on its way.
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    for copy in [
        "insert into exception (tenant_id, exception_id, domain, pack_version, exception_type, severity, status, title, source_system, queue,
             created_at, received_at, respond_due_at, due_at, version, content_hash, facet_bucket, search_terms, entities, findings,
             raw_payload, normalized_context, envelope, aged_from, finding_count, escalation)
         select tenant_id, 'B-' || i, domain, pack_version, exception_type, severity, status, title, source_system, queue, created_at, received_at,
             respond_due_at, due_at, version, content_hash, facet_bucket, search_terms, entities, findings,
             json_build_object('note', repeat(i::text || ' ', 2000)), normalized_context, envelope, aged_from, 0, 0
         from exception, generate_series(1, $2) as i where tenant_id = $1 and exception_id = 'B-0'",
        "update facet_count set exceptions = exceptions + $2 where tenant_id = $1",
    ] {
        let statement = sqlx::query(copy).bind(ours.tenant.as_str()).bind(ROWS - 1);
        statement.execute(&mut admin).await.unwrap();
    }
    let request = client().get(format!("{address}:export")).header("x-api-key", &keys[&Role::Viewer]);
    let mut body = request.send().await.unwrap().bytes_stream();
    let mut received = body.next().await.unwrap().unwrap().to_vec();
    ours.store.close().await;
    let mut broken = false;
    while let Some(chunk) = body.next().await {
        match chunk {
            Ok(chunk) => received.extend(chunk),
            Err(_) => broken = true,
        }
        if broken {
            break;
        }
    }
    assert!(broken, "half a file looked like a whole one");
    let lines = String::from_utf8_lossy(&received).lines().count();
    assert!(lines < usize::try_from(ROWS).unwrap(), "{lines}");
}

#[tokio::test]
async fn recurrences_are_told_and_listed() {
    let app = filled().await;
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    for change in [
        "insert into recurrence (tenant_id, exception_id, occurrences, last_seen_at) values ($1, 'X-00', 3, '2026-11-24T10:00:00Z')",
        "update exception set recurrence_of = 'X-00' where tenant_id = $1 and exception_id in ('X-01', 'X-02')",
    ] {
        sqlx::query(change).bind(app.tenant.as_str()).execute(&mut admin).await.unwrap();
    }
    let first = app.get("/exceptions/X-00").await;
    assert_eq!(
        (&first["occurrences"], &first["lastSeenAt"]),
        (&json!(3), &json!("2026-11-24T10:00:00Z"))
    );
    let second = app.get("/exceptions/X-01").await;
    assert_eq!((&second["recurrenceOf"], &second["occurrences"]), (&json!("X-00"), &json!(1)));
    assert_eq!(second["lastSeenAt"], second["receivedAt"]);
    let page = app.get("/exceptions/X-00/recurrences?limit=1").await;
    assert_eq!((&page["items"][0]["exceptionId"], &page["next"]), (&json!("X-01"), &json!("X-01")));
    let page = app.get("/exceptions/X-00/recurrences?limit=1&cursor=X-01").await;
    assert_eq!((&page["items"][0]["exceptionId"], &page["next"]), (&json!("X-02"), &Value::Null));
    assert_eq!(app.get("/exceptions/X-01/recurrences").await["items"], json!([]));
    let listed = app.get("/exceptions?q=x-00").await;
    assert_eq!((&listed["items"][0]["occurrences"], &listed["total"]), (&json!(3), &Value::Null));
    assert_eq!(app.get("/exceptions?severity=HIGH,LOW,MEDIUM,CRITICAL").await["total"], 40);
}
