//! Lists, counts and live changes.

use domain::role::Role;
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use super::app::{Answer, TestApp, burnt};

async fn filled() -> TestApp {
    let app = TestApp::start().await;
    let mut exceptions: Vec<Value> = (0..12)
        .map(|index| burnt(&format!("L-{index:02}"), f64::from(index) * 100.0))
        .collect();
    exceptions[3]["sourceSystem"] = json!("Till");
    exceptions[4]["rawPayload"]["oven"] = json!("O-9");
    exceptions[5]["timestamp"] = json!("2026-11-21T00:00:00Z");
    let answer = app.post(json!({"exceptions": exceptions}).to_string()).await;
    assert_eq!(answer.body["accepted"], 12);
    app
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["exceptionId"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn filters_select_and_facets_count_what_they_select() {
    let app = filled().await;
    for (query, expected) in [
        ("severity=CRITICAL", 1),
        ("severity=CRITICAL,HIGH", 10),
        ("status=OPEN", 12),
        ("status=RESOLVED", 0),
        ("type=SOUR_MILK", 0),
        ("queue=owner", 1),
        ("source=Till", 1),
        ("owner=nobody", 0),
        ("entity=O-9", 1),
        ("q=o-9%20wheat", 1),
        ("q=100%25", 1),
        ("q=heat", 0),
        ("field.oven=o-9", 0),
        ("field.loss=300&field.loss=400.00", 2),
        ("field.loss=3", 0),
        ("field.oven=O-L-11&q=wheat&severity=CRITICAL", 1),
        ("q=l-07", 1),
        ("createdFrom=2026-11-21T00:00:00Z", 1),
        ("createdTo=2026-11-21T00:00:00Z", 11),
        ("dueFrom=2030-01-01T00:00:00Z", 0),
        ("severity=HIGH&source=Till", 1),
    ] {
        let page = app.get(&format!("/exceptions?{query}")).await;
        let facets = app.get(&format!("/exceptions:facets?{query}")).await;
        assert_eq!(
            (ids(&page).len(), facets["total"].as_u64()),
            (expected, Some(expected as u64)),
            "{query}"
        );
    }
    let facets = app.get("/exceptions:facets?severity=CRITICAL").await;
    let severities: u64 = facets["severity"]
        .as_array()
        .unwrap()
        .iter()
        .map(|facet| facet["count"].as_u64().unwrap())
        .sum();
    assert_eq!(severities, 12, "a facet ignores its own choice");
    assert_eq!(facets["queue"], json!([{"value": "bakers", "count": 1}]));
}

#[tokio::test]
async fn pages_follow_each_other_by_cursor_and_link() {
    let app = filled().await;
    let mut path = "/exceptions?sort=severity&limit=5".to_owned();
    let mut seen = Vec::new();
    loop {
        let response = app.as_role(Role::Viewer, Method::GET, &path).send().await.unwrap();
        let answer = Answer::of(response).await;
        seen.extend(ids(&answer.body).into_iter().map(str::to_owned));
        let Some(next) = answer.body["next"].as_str() else { break };
        assert!(answer.headers["link"].to_str().unwrap().contains(next));
        path = format!("/exceptions?sort=severity&limit=5&cursor={next}");
    }
    assert_eq!(seen.len(), 12);
    let severities: Vec<Value> = app.get("/exceptions?sort=-severity").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["severity"].clone())
        .collect();
    assert_eq!(severities[0], "CRITICAL");
    assert_eq!(severities[11], "MEDIUM");
}

#[tokio::test]
async fn queries_that_make_no_sense_say_so() {
    let app = TestApp::start().await;
    for (query, says) in [
        ("severity=URGENT", "a severity is one of"),
        ("status=DONE", "a status is one of"),
        ("due=never", "late, nextHour, today, later"),
        ("sort=colour", "sort by created, due"),
        ("limit=0", "from 1 to 500"),
        ("limit=501", "from 1 to 500"),
        ("cursor=xyz", "not one this list gave out"),
        ("createdFrom=monday", "RFC 3339"),
        ("statsu=OPEN", "statsu: there is no such parameter; there are status, severity"),
        ("q=a&q=b", "more than once"),
        ("source=a%5Cb", "a backslash stands before"),
        ("q=%00", "NUL"),
        ("q=%25%25", "a letter or a digit"),
        (
            "field.flour=1",
            "no type of Bakery declares a field 'flour'; it declares oven, loss",
        ),
        ("source=%00", "NUL"),
    ] {
        let response = app
            .as_role(Role::Viewer, Method::GET, &format!("/exceptions?{query}"))
            .send()
            .await
            .unwrap();
        let answer = Answer::of(response).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains(says), "{query}: {}", answer.detail());
    }
}

#[tokio::test]
async fn an_empty_value_selects_nothing_anywhere() {
    let app = TestApp::start().await;
    let filters = [
        "status",
        "severity",
        "type",
        "queue",
        "source",
        "owner",
        "parent",
        "entity",
        "q",
        "field.oven",
        "createdFrom",
        "createdTo",
        "agedFrom",
        "agedTo",
        "dueFrom",
        "dueTo",
        "due",
    ];
    let lists = ["status", "severity", "type", "queue", "source", "owner", "due"];
    let queries = filters.iter().map(|name| format!("{name}=&limit=1"));
    let queries = queries.chain(
        lists
            .iter()
            .flat_map(|name| [format!("{name}=%20"), format!("{name}=,"), format!("{name}=A,,B")]),
    );
    for query in queries.chain(["sort=", "limit=", "cursor="].map(str::to_owned)) {
        let request = app.as_role(Role::Viewer, Method::GET, &format!("/exceptions?{query}"));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains("empty"), "{query}: {}", answer.detail());
    }
    for (path, names) in [
        ("/quarantine", &["state", "code", "source", "type", "limit", "cursor"][..]),
        ("/audit/events", &["after", "before", "kind", "actor", "limit"]),
        ("/approvals", &["state"]),
    ] {
        for name in names {
            let request = app.as_role(Role::Supervisor, Method::GET, &format!("{path}?{name}="));
            assert_eq!(request.send().await.unwrap().status(), 400, "{path} {name}");
        }
    }
    let claim = json!({"command": "claim"}).to_string();
    for name in filters {
        let request = app.as_role(Role::Operator, Method::POST, &format!("/exceptions:bulk?{name}="));
        let request = request.header("Content-Type", "application/json").body(claim.clone());
        assert_eq!(request.send().await.unwrap().status(), 400, "{name}");
    }
}

#[tokio::test]
async fn a_value_with_a_comma_selects_what_has_it_and_nothing_else() {
    let app = TestApp::start().await;
    let sources = ["DTCC", "Inc.", "DTCC, Inc.", r"a\b", r"a\, Inc."];
    for (id, source) in sources.iter().enumerate() {
        let mut exception = burnt(&id.to_string(), 1.0);
        exception["sourceSystem"] = json!(source);
        app.post(json!({"exception": exception}).to_string()).await;
    }
    for (query, expected) in [
        (r"source=DTCC\, Inc.", &["2"][..]),
        ("source=DTCC, Inc.", &["0", "1"]),
        ("source=DTCC&source=Inc.", &["0", "1"]),
        (r"source=DTCC\, Inc.&source=a\\b", &["2", "3"]),
        (r"source=a\\\, Inc.,Inc.", &["1", "4"]),
    ] {
        let query = query.replace('\\', "%5C").replace(' ', "%20");
        let page = app.get(&format!("/exceptions?{query}&sort=created")).await;
        let mut found = ids(&page);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        assert_eq!(
            app.get(&format!("/exceptions:count?{query}")).await["count"],
            expected.len(),
            "{query}"
        );
        assert_eq!(
            app.get(&format!("/exceptions:facets?{query}")).await["total"],
            expected.len(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let app = filled().await;
    let next = app.get("/exceptions?sort=due&limit=1").await["next"].as_str().unwrap().to_owned();
    let response = app
        .as_role(Role::Viewer, Method::GET, &format!("/exceptions?sort=queue&cursor={next}"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn live_tells_of_new_exceptions_of_the_own_tenant_only() {
    let app = TestApp::start().await;
    let mut stream = app.as_role(Role::Viewer, Method::GET, "/live").send().await.unwrap().bytes_stream();
    assert_eq!(stream.next().await.unwrap().unwrap(), ": connected\n\n");
    app.post(json!({"exceptions": [burnt("1", 1.0), burnt("2", 1.0)]}).to_string())
        .await;
    loop {
        let event = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
        // The feed may first say that it began to listen.
        if event.contains("\"received\":2") {
            assert!(event.starts_with("event: exceptions\n"), "{event}");
            break;
        }
        assert!(event.contains("\"received\":0"), "{event}");
    }
}

#[tokio::test]
async fn the_pack_is_there_in_short_and_whole() {
    let app = TestApp::start().await;
    insta::assert_json_snapshot!(app.get("/pack").await);
    assert_eq!(app.get("/pack/document").await["idPrefix"], "BAK");
}

#[tokio::test]
async fn wrong_addresses_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    for (method, path, status) in [
        (Method::GET, "/nothing", 404),
        (Method::DELETE, "/exceptions", 405),
        (Method::GET, "/exceptions/none", 404),
    ] {
        let answer = Answer::of(app.as_role(Role::Admin, method, path).send().await.unwrap()).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.detail().is_empty());
    }
}
