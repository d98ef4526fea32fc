//! Filters, orders and facets of owners, waiting, escalation and resolutions, over HTTP.

use super::*;

fn ids(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["exceptionId"].as_str().unwrap()).collect()
}

/// One exception per kind of work, and one that nobody touched.
async fn worked() -> TestApp {
    let app = TestApp::start().await;
    for (id, loss) in [
        ("claimed", 20.0),
        ("waiting", 30.0),
        ("raised", 40.0),
        ("escalated", 50.0),
        ("resolved", 60.0),
        ("untouched", 10.0),
    ] {
        fresh(&app, id, loss).await;
    }
    let raise = json!({"command": "changeSeverity", "severity": "CRITICAL", "reason": "the mayor's"});
    let wait = json!({"command": "wait", "reason": "FLOUR", "until": noon() + chrono::TimeDelta::hours(5), "note": "ordered"});
    for (id, command) in [
        ("claimed", claim()),
        ("waiting", claim()),
        ("waiting", wait),
        ("raised", raise),
        ("escalated", json!({"command": "escalate", "reason": "help"})),
        ("resolved", resolve()),
    ] {
        done(&app, Role::Operator, id, command).await;
    }
    app
}

#[tokio::test]
async fn what_work_has_made_of_them_selects_sorts_and_is_counted() {
    let app = worked().await;
    for (query, expected) in [
        ("owner=me&sort=due", &["claimed", "resolved", "waiting"][..]),
        ("owner=none", &["escalated", "raised", "untouched"]),
        ("owner=none,me&status=WAITING", &["waiting"]),
        ("waitingFor=FLOUR", &["waiting"]),
        ("waitingFor=OVEN_MAKER", &[]),
        ("resolution=THROWN_AWAY,GIVEN_AWAY", &["resolved"]),
        ("rootCause=TIMER", &["resolved"]),
        ("rootCause=HEAT", &[]),
        ("resolvedFrom=2026-11-23T00:00:00Z", &["resolved"]),
        ("resolvedTo=2026-11-23T00:00:00Z", &[]),
        ("escalated=true", &["escalated"]),
        ("severityChanged=true", &["raised"]),
        ("breached=true", &[]),
        ("breached=false&escalated=false&severityChanged=false&owner=none", &["untouched"]),
    ] {
        let path = format!("/exceptions?{query}");
        let page = Answer::of(app.as_role(Role::Operator, Method::GET, &path).send().await.unwrap()).await;
        let mut found = ids(&page.body);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        let path = format!("/exceptions:count?{query}");
        let count = Answer::of(app.as_role(Role::Operator, Method::GET, &path).send().await.unwrap()).await;
        assert_eq!(count.body["count"], json!(expected.len()), "{query}");
    }
    let by_exposure = app.get("/exceptions?sort=-exposure").await;
    assert_eq!(
        ids(&by_exposure),
        ["resolved", "escalated", "raised", "waiting", "claimed", "untouched"]
    );
    let by_owner = app.get("/exceptions?sort=owner&limit=2").await;
    let next = by_owner["next"].as_str().unwrap();
    let rest = app.get(&format!("/exceptions?sort=owner&cursor={next}")).await;
    let owned: Vec<&Value> = [&by_owner, &rest]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|item| &item["owner"])
        .collect();
    assert!(
        owned[..3].iter().all(|owner| owner.is_string()) && owned[3..].iter().all(|owner| owner.is_null()),
        "{owned:?}"
    );
    let facets = app.get("/exceptions:facets?status=RESOLVED").await;
    assert_eq!(facets["resolution"], json!([{"value": "THROWN_AWAY", "count": 1}]));
    assert_eq!(facets["rootCause"], json!([{"value": "TIMER", "count": 1}]));
    let facets = app.get("/exceptions:facets?owner=none").await;
    let owners: Vec<u64> = facets["owner"]
        .as_array()
        .unwrap()
        .iter()
        .map(|facet| facet["count"].as_u64().unwrap())
        .collect();
    assert_eq!(owners, [3, 3], "{facets}");
}

#[tokio::test]
async fn a_revision_that_brings_another_severity_replaces_a_changed_one() {
    let app = worked().await;
    let changed = "/exceptions?severityChanged=true";
    let revise = async |id: &str, loss: f64| {
        let mut revised = burnt(id, loss);
        revised.as_object_mut().unwrap().remove("timestamp");
        let revise = app.as_source(Method::POST, "/exceptions?onConflict=revise");
        assert_eq!(revise.json(&json!({"exception": revised})).send().await.unwrap().status(), 202);
    };
    // Lowering is decided by two in this pack: until then the member's severity stands.
    revise("raised", 900.0).await;
    assert_eq!(ids(&app.get(changed).await), ["raised"]);
    let raised = json!({"command": "changeSeverity", "severity": "HIGH", "reason": "burnt"});
    done(&app, Role::Operator, "untouched", raised).await;
    assert_eq!(ids(&app.get(changed).await), ["untouched", "raised"]);
    revise("untouched", 90_000.0).await;
    assert_eq!(app.get("/exceptions/untouched").await["severity"], "CRITICAL");
    assert_eq!(ids(&app.get(changed).await), ["raised"]);
}

#[tokio::test]
async fn flags_that_are_neither_say_so() {
    let app = TestApp::start().await;
    for query in ["breached=yes", "escalated=1", "severityChanged=TRUE"] {
        let path = format!("/exceptions?{query}");
        let answer = Answer::of(app.as_role(Role::Viewer, Method::GET, &path).send().await.unwrap()).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains("neither true nor false"), "{}", answer.detail());
    }
}
