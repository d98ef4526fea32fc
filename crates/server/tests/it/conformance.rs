//! Requests from chance, for every operation of the OpenAPI document: whatever is sent, the server does not fail, and it
//! answers as the document says. What was sent follows from a seed, which is told.

use std::time::Duration;

use domain::role::Role;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use super::{
    app::{Answer, TestApp, burnt},
    chance::{Chance, seed},
};

/// Per operation.
const CASES: usize = 300;
const PATIENCE: Duration = Duration::from_secs(5);
const CODES: &str = include_str!("../../../../docs/api.md");

/// Texts that have broken programs before.
const HOSTILE: [&str; 30] = [
    "",
    " ",
    "\0",
    "\n",
    "%",
    "%00",
    "'",
    "\"",
    "\\",
    ",",
    ",,",
    "-",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    "NaN",
    "null",
    "true",
    "../..",
    "a/b",
    "é€😀",
    "\u{feff}",
    "\u{202e}",
    "${x}",
    "' or 1=1 --",
    "{}",
    "[",
    "OPEN,OPEN",
    "x,\0",
];
/// Values that fit somewhere, and some that nearly do.
const FITTING: [&str; 24] = [
    "OPEN",
    "HIGH,LOW",
    "BURNT_BREAD",
    "-created",
    "due",
    "-severity",
    "type",
    "late",
    "today,later",
    "1",
    "500",
    "501",
    "2026-11-23T09:30:00Z",
    "2026-11-23",
    "-9999-01-01T00:00:00",
    "+262000-01-01T00:00:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T09:30:60Z",
    "2026-11-23T09:30:00+25:00",
    "1969-12-31T23:59:59Z",
    "O-1",
];
const MEDIA: [&str; 12] = [
    "application/json",
    "application/x-ndjson",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/cloudevents+xml",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/problem+json",
    ";",
    "é",
    "a/b;charset=x",
];
const HEADERS: [(&str, &[&str]); 10] = [
    ("content-encoding", &["gzip", "zstd", "br", "gzip, gzip", "identity", ""]),
    ("accept", &["*/*", "application/json", "text/html", "x"]),
    ("accept-encoding", &["gzip", "zstd;q=1", "*;q=0", ";"]),
    ("if-none-match", &["*", "\"1\"", "W/\"1\"", "é"]),
    ("ce-specversion", &["1.0", "0.3", "%ff"]),
    ("ce-id", &["1", "\"", "%e2%82%ac", "%00"]),
    ("ce-source", &["/s", "", "%00"]),
    ("ce-type", &["BURNT_BREAD", "a.BURNT_BREAD", "."]),
    ("cookie", &["sentinai_session=x", "sentinai_session=", "=;;", "é"]),
    ("sec-fetch-site", &["same-origin", "cross-site", "none"]),
];
const NAMES: [&str; 16] = [
    "exception",
    "exceptions",
    "exceptionId",
    "sourceSystem",
    "exceptionType",
    "severity",
    "timestamp",
    "domain",
    "rawPayload",
    "normalizedContext",
    "specversion",
    "id",
    "source",
    "type",
    "data",
    "tenantId",
];

/// An operation, with what the document says of it.
struct Operation {
    method: Method,
    path: String,
    query: Vec<String>,
    responses: Value,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(server::http::openapi()).unwrap();
    let of = |(path, methods): (&String, &Value)| {
        let operation = |(method, said): (&String, &Value)| {
            let parameters = said["parameters"].as_array().into_iter().flatten();
            let queried = parameters.filter(|parameter| parameter["in"] == "query");
            Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                query: queried.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect(),
                responses: said["responses"].clone(),
            }
        };
        methods.as_object().unwrap().iter().map(operation).collect::<Vec<_>>()
    };
    document["paths"].as_object().unwrap().iter().flat_map(of).collect()
}

impl Operation {
    fn request(&self, app: &TestApp, chance: &mut Chance) -> RequestBuilder {
        let encoded = |text: &str| percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string();
        let tenant = if chance.within(0..5) > 0 {
            app.tenant.to_string()
        } else {
            text(chance) + "."
        };
        let id = if chance.within(0..3) > 0 {
            "E-1".to_owned()
        } else {
            text(chance) + "."
        };
        let path = self
            .path
            .replace("{tenant}", &encoded(&tenant))
            .replace("{exceptionId}", &encoded(&id));
        let mut query = Vec::new();
        for _ in 0..chance.within(0..4) {
            let known = !self.query.is_empty() && chance.within(0..10) > 0;
            let name = if known { chance.of_list(&self.query).clone() } else { text(chance) };
            query.push(format!("{}={}", encoded(&name), encoded(&text(chance))));
        }
        if chance.within(0..20) == 0 {
            query.push("%ff&=&%".into());
        }
        let url = format!("{}{path}?{}", app.base, query.join("&"));
        let mut request = app.client.request(self.method.clone(), url).headers(headers(app, chance));
        if self.method == Method::POST {
            request = request.body(body(chance));
        }
        request
    }

    /// What is wrong with an answer.
    fn check(&self, answer: &Answer) -> Result<(), String> {
        let status = answer.status.to_string();
        let documented = self
            .responses
            .get(&status)
            .or_else(|| self.responses.get(format!("{}XX", &status[..1])));
        let said = documented.ok_or("the status is not documented")?;
        let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("");
        let kinds: Vec<&String> = said["content"].as_object().into_iter().flatten().map(|(kind, _)| kind).collect();
        let nothing = kinds.is_empty() && kind.is_empty();
        if !nothing && !kinds.iter().any(|said| *said == kind) {
            return Err(format!("the media type is {kind}, documented are {kinds:?}"));
        }
        // What is compressed is not looked into.
        if answer.status < 400 || answer.headers.contains_key("content-encoding") {
            return Ok(());
        }
        let code = answer.body["code"].as_str().unwrap_or("");
        let detail = answer.body["detail"].as_str().unwrap_or("");
        match kind == "application/problem+json" && answer.body["status"] == answer.status && !detail.is_empty() {
            true if CODES.contains(&format!("| {status} | `{code}` |")) => Ok(()),
            true => Err(format!("docs/api.md does not list {code} for {status}")),
            false => Err("this is no problem as they should be".into()),
        }
    }
}

fn text(chance: &mut Chance) -> String {
    match chance.within(0..10) {
        0..4 => (*chance.of_list(&FITTING)).to_owned(),
        4..8 => (*chance.of_list(&HOSTILE)).to_owned(),
        8 => chance.of_list(&HOSTILE).repeat(300),
        _ => (0..chance.within(1..30))
            .filter_map(|_| char::from_u32(u32::try_from(chance.within(0..0x1_0000)).unwrap()))
            .collect(),
    }
}

fn headers(app: &TestApp, chance: &mut Chance) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append(HeaderName::from_static(name), value);
        }
    };
    match chance.within(0..12) {
        0 => set("x-api-key", &text(chance)),
        1 => set("authorization", &format!("Bearer {}", text(chance))),
        2 => {}
        _ => set("x-api-key", app.key(Role::Operator)),
    }
    if chance.within(0..6) > 0 {
        let usual = chance.within(0..2) == 0;
        set("content-type", if usual { MEDIA[0] } else { chance.of_list::<&str>(&MEDIA) });
    }
    for (name, values) in HEADERS {
        if chance.within(0..12) == 0 {
            set(name, chance.of_list::<&str>(values));
        }
    }
    headers
}

fn json(chance: &mut Chance, depth: u32) -> Value {
    match chance.within(0..if depth > 4 { 4 } else { 8 }) {
        0 => Value::Null,
        1 => json!(chance.next()),
        2 | 3 => text(chance).into(),
        4 => (0..chance.within(0..3)).map(|_| json(chance, depth + 1)).collect(),
        _ => {
            let member = |_| (chance.of_list(&NAMES).to_string(), json(chance, depth + 1));
            Value::Object((0..4).map(member).collect())
        }
    }
}

/// A good body, one with a wrong member, made of chance, cut, or not even text.
fn body(chance: &mut Chance) -> Vec<u8> {
    let mut object = burnt(&format!("E-{}", chance.within(0..5)), 1.0);
    for _ in 0..chance.within(0..3) {
        let wrong = json(chance, 3);
        let place = if chance.within(0..2) == 0 {
            &mut object
        } else {
            &mut object["rawPayload"]
        };
        if let Some(members) = place.as_object_mut() {
            members.insert((*chance.of_list(&NAMES)).to_owned(), wrong);
        }
    }
    let event = json!({"specversion": "1.0", "id": text(chance), "source": "/s", "type": "BURNT_BREAD", "data": object});
    let mut bytes = match chance.within(0..10) {
        0 | 1 => json!({"exception": object}).to_string(),
        2 => json!({"exceptions": [object, json(chance, 0), object]}).to_string(),
        3 => event.to_string(),
        4 => json!([event, json(chance, 0)]).to_string(),
        5 => format!("{object}\n{}\r\n\n{{\"exception\":{object}}}", json(chance, 0)),
        6 => format!(
            "{{\"exception\":{{\"x\":{}1{},\"rawPayload\":{{}}}}}}",
            "[".repeat(9000),
            "]".repeat(9000)
        ),
        7 => format!(
            "{{\"exception\":{{\"x\":{},\"rawPayload\":{{}},\"sourceSystem\":\"S\"}}}}",
            chance.of_list(&["1e999", "\"\\ud800\"", "-0", "tru"])
        ),
        8 => json!({"tenantId": text(chance), "key": text(chance)}).to_string(),
        _ => json(chance, 0).to_string(),
    }
    .into_bytes();
    for _ in 0..chance.within(0..3).saturating_sub(1) {
        let at = usize::try_from(chance.within(0..bytes.len() as u64)).unwrap();
        bytes[at] = u8::try_from(chance.within(0..256)).unwrap();
    }
    if chance.within(0..10) == 0 {
        bytes.truncate(usize::try_from(chance.within(0..bytes.len() as u64)).unwrap());
    }
    bytes
}

/// Reads an answer; of one that never ends, only how it begins.
async fn ask(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    if response.status() == StatusCode::OK && response.headers()["content-type"] == "text/event-stream" {
        let (status, headers, body) = (200, response.headers().clone(), Value::Null);
        return Answer { status, body, headers };
    }
    Answer::of(response).await
}

#[tokio::test]
async fn whatever_is_sent_is_answered_as_documented() {
    let app = TestApp::start().await;
    assert_eq!(app.send(burnt("E-1", 1.0)).await.status, 202);
    let (seed, mut broken) = (seed(), Vec::new());
    for (number, operation) in (0..).zip(operations()) {
        let mut chance = Chance::of(seed, number);
        for case in 0..CASES {
            let request = operation.request(&app, &mut chance);
            let sent = format!("{:?}", request.try_clone().unwrap().build().unwrap());
            let Ok(answer) = tokio::time::timeout(PATIENCE, ask(request)).await else {
                broken.push(format!("case {case} of {}: no end within {PATIENCE:?}\n{sent}", operation.path));
                continue;
            };
            if let Err(why) = operation.check(&answer) {
                broken.push(format!("case {case} of {}: {why}\n{sent}\n{answer:?}", operation.path));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "TEST_SEED={seed}: {} answers, the first:\n{}",
        broken.len(),
        broken[..broken.len().min(5)].join("\n\n")
    );
}
