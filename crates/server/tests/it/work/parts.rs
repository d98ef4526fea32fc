//! The roll-up of parts: how many there are, how many are open, how bad they are, and which.

use super::*;

fn link(parent: &str) -> Value {
    json!({"command": "link", "parent": parent})
}

/// What the detail of an exception says of its parts.
async fn parts(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/exceptions/{id}")).await["children"].clone()
}

/// A member of each part, in order.
fn each<'p>(parts: &'p Value, member: &str) -> Vec<&'p Value> {
    parts["items"].as_array().unwrap().iter().map(|part| &part[member]).collect()
}

async fn severity(app: &TestApp, id: &str, severity: &str) {
    let command = json!({"command": "changeSeverity", "severity": severity, "reason": "as seen"});
    done(app, Role::Operator, id, command).await;
}

#[tokio::test]
async fn an_exception_tells_what_became_of_its_parts() {
    let app = TestApp::start().await;
    for id in ["whole", "mild", "worst", "other"] {
        fresh(&app, id, 50.0).await;
    }
    let none = json!({"total": 0, "open": 0, "highestSeverity": null, "items": []});
    assert_eq!(parts(&app, "whole").await, none);
    severity(&app, "worst", "HIGH").await;
    for id in ["mild", "worst"] {
        assert_eq!(
            done(&app, Role::Operator, id, link("whole")).await["children"],
            none,
            "a part has no parts"
        );
    }
    let before = parts(&app, "whole").await;
    assert_eq!(
        (&before["total"], &before["open"], &before["highestSeverity"]),
        (&json!(2), &json!(2), &json!("HIGH"))
    );
    assert_eq!(each(&before, "exceptionId"), ["worst", "mild"], "the worst comes first");
    assert_eq!(each(&before, "severity"), ["HIGH", "MEDIUM"]);
    let worst = app.get("/exceptions/worst").await;
    for member in [
        "exceptionId",
        "title",
        "exceptionType",
        "typeLabel",
        "severity",
        "status",
        "owner",
        "dueAt",
    ] {
        assert_eq!(before["items"][0][member], worst[member], "{member}");
    }

    done(&app, Role::Operator, "worst", resolve()).await;
    let after = parts(&app, "whole").await;
    assert_eq!(
        (&after["total"], &after["open"], &after["highestSeverity"]),
        (&json!(2), &json!(1), &json!("MEDIUM")),
        "what is resolved is no longer urgent"
    );
    assert_eq!(each(&after, "status"), ["RESOLVED", "OPEN"]);
    done(&app, Role::Operator, "mild", resolve()).await;
    let resolved = parts(&app, "whole").await;
    assert_eq!((&resolved["open"], &resolved["highestSeverity"]), (&json!(0), &Value::Null));
    done(&app, Role::Operator, "mild", json!({"command": "unlink"})).await;
    assert_eq!(each(&parts(&app, "whole").await, "exceptionId"), ["worst"]);
}

#[tokio::test]
async fn parts_of_one_severity_come_by_their_due_time_and_fifty_are_named() {
    let app = TestApp::start().await;
    fresh(&app, "whole", 50.0).await;
    for index in 0..52 {
        let id = format!("part-{index}");
        fresh(&app, &id, 50.0).await;
        done(&app, Role::Operator, &id, link("whole")).await;
    }
    let parts = parts(&app, "whole").await;
    assert_eq!((&parts["total"], &parts["open"]), (&json!(52), &json!(52)));
    let due = each(&parts, "dueAt");
    assert_eq!(due.len(), 50);
    assert!(due.is_sorted_by_key(|at| at.as_str()), "{due:?}");
}

#[tokio::test]
async fn a_list_by_parent_has_the_parts_and_nothing_else() {
    let app = TestApp::start().await;
    for id in ["whole", "one", "two", "three", "alone"] {
        fresh(&app, id, 50.0).await;
    }
    for id in ["one", "two", "three"] {
        done(&app, Role::Operator, id, link("whole")).await;
    }
    done(&app, Role::Operator, "two", resolve()).await;
    severity(&app, "three", "HIGH").await;
    let listed = async |query: &str| {
        let list = app.get(&format!("/exceptions?{query}")).await;
        let mut ids: Vec<String> = each(&list, "exceptionId")
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        if !query.contains("sort") {
            ids.sort();
        }
        ids
    };
    assert_eq!(listed("parent=whole").await, ["one", "three", "two"]);
    assert_eq!(listed("parent=whole&status=OPEN&sort=-severity").await, ["three", "one"]);
    assert_eq!(listed("parent=whole&q=alone").await, [""; 0]);
    assert_eq!(listed("parent=alone").await, [""; 0]);
    assert_eq!(app.get("/exceptions:count?parent=whole&status=OPEN").await["count"], 2);
    let facets = app.get("/exceptions:facets?parent=whole").await;
    let resolved = facets["status"]
        .as_array()
        .unwrap()
        .iter()
        .find(|facet| facet["value"] == "RESOLVED")
        .unwrap();
    assert_eq!(resolved["count"], 1);
    let first = app.get("/exceptions?parent=whole&limit=2").await;
    let cursor = first["next"].as_str().expect("a second page");
    assert_eq!(listed(&format!("parent=whole&limit=2&cursor={cursor}")).await.len(), 1);
    let empty = app.as_role(Role::Viewer, Method::GET, "/exceptions?parent=").send().await.unwrap();
    assert_eq!(empty.status(), 400, "an empty filter selects nothing");
}

#[tokio::test]
async fn parts_of_another_tenant_are_no_parts() {
    let (ours, theirs) = (TestApp::start().await, TestApp::start().await);
    for app in [&ours, &theirs] {
        fresh(app, "whole", 50.0).await;
        fresh(app, "part", 50.0).await;
    }
    done(&theirs, Role::Operator, "part", link("whole")).await;
    assert_eq!(parts(&theirs, "whole").await["total"], 1);
    assert_eq!(parts(&ours, "whole").await["total"], 0);
}
