//! Every verb once with its event, and every way to be refused.

use chrono::Days;
use reqwest::header;

use super::*;

/// Commands that follow each other, by whom, and the event each leaves.
fn story() -> Vec<(Role, Value, &'static str)> {
    let operator = Role::Operator;
    let until = noon() + Days::new(1);
    vec![
        (operator, claim(), "claimed"),
        (operator, json!({"command": "release"}), "released"),
        (Role::Supervisor, json!({"command": "assign", "owner": "test operator"}), "assigned"),
        (operator, json!({"command": "start"}), "claimed"),
        (operator, json!({"command": "comment", "text": "**hm**"}), "commented"),
        (
            operator,
            json!({"command": "wait", "reason": "FLOUR", "until": until, "note": "ordered"}),
            "waiting",
        ),
        (operator, json!({"command": "resume"}), "resumed"),
        (
            operator,
            json!({"command": "changeSeverity", "severity": "HIGH", "reason": "the mayor's"}),
            "severity_changed",
        ),
        (operator, json!({"command": "escalate", "reason": "help"}), "escalated"),
        (operator, json!({"command": "handBack", "reason": "ours"}), "handed_back"),
        (
            Role::Supervisor,
            json!({"command": "move", "queue": "owner", "reason": "his"}),
            "moved",
        ),
        (
            operator,
            json!({"command": "snooze", "until": business_day(), "reason": "tomorrow"}),
            "snoozed",
        ),
        (operator, json!({"command": "wake"}), "woken"),
        (operator, json!({"command": "link", "parent": "whole"}), "linked"),
        (operator, json!({"command": "unlink"}), "unlinked"),
        (
            operator,
            json!({"command": "completeStep", "step": "open", "note": "all of them"}),
            "step_completed",
        ),
        (
            operator,
            json!({"command": "skipStep", "step": "open", "reason": "there are none"}),
            "step_skipped",
        ),
        (operator, give_away(), "approval_requested"),
        (operator, json!({"command": "withdraw"}), "approval_withdrawn"),
        (operator, give_away(), "approval_requested"),
        (
            Role::Supervisor,
            json!({"command": "refuse", "reason": "sell it"}),
            "approval_refused",
        ),
        (operator, resolve(), "resolved"),
        (operator, json!({"command": "reopen", "reason": "it still smells"}), "reopened"),
        (operator, give_away(), "approval_requested"),
        (Role::Admin, json!({"command": "grant"}), "approval_granted"),
    ]
}

/// A day on which the shop is open, after Monday noon.
fn business_day() -> chrono::NaiveDate {
    (noon() + Days::new(2)).date_naive()
}

#[tokio::test]
async fn every_verb_leaves_its_event() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    fresh(&app, "whole", 50.0).await;
    let mut expected = vec!["received"];
    for (role, command, event) in story() {
        let answer = does(&app, role, "a", command.clone()).await;
        assert_eq!(answer.status, 200, "{command}: {}", answer.body);
        let version = answer.body["exception"]["version"].clone();
        assert_eq!(answer.headers[header::ETAG], format!("\"{version}\""), "{command}");
        expected.push(event);
    }
    // What is granted is done.
    expected.push("resolved");
    assert_eq!(kinds(&app, "a").await, expected);
    assert_eq!(app.get("/exceptions/a").await["status"], "RESOLVED");
    assert_eq!(verify_chain(&app).await, expected.len() + 1);
}

#[tokio::test]
async fn a_version_that_is_not_the_one_that_was_seen_is_412() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let with = async |seen: &str, command: Value| {
        let request = app
            .as_role(Role::Operator, Method::POST, "/exceptions/a/commands")
            .header(header::IF_MATCH, seen);
        Answer::of(request.json(&command).send().await.unwrap()).await
    };
    assert_eq!(with("\"1\"", claim()).await.status, 200);
    let stale = with("\"1\"", json!({"command": "release"})).await;
    assert_eq!((stale.status, &stale.body["code"]), (412, &json!("version-mismatch")));
    assert!(stale.detail().contains("version is 2"), "{}", stale.detail());
    // What is only said does not change it.
    assert_eq!(with("\"2\"", json!({"command": "comment", "text": "hm"})).await.status, 200);
    assert_eq!(with("\"2\"", json!({"command": "release"})).await.status, 200);
    assert_eq!(with("*", claim()).await.status, 200);
    assert_eq!(with("yesterday", resolve()).await.status, 400);
    assert_eq!(kinds(&app, "a").await, ["received", "claimed", "commented", "released", "claimed"]);
}

#[tokio::test]
async fn what_a_status_does_not_know_is_409_with_what_it_knows() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    done(&app, Role::Operator, "a", resolve()).await;
    let refused = does(&app, Role::Operator, "a", claim()).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("invalid-status")));
    assert_eq!(
        refused.detail(),
        "It is RESOLVED; what can be done with it now: reopen, comment, link, unlink"
    );
    assert_eq!(
        app.get("/exceptions/a").await["workflow"]["allowed"],
        json!(["reopen", "comment", "link", "unlink"])
    );
}

#[tokio::test]
async fn a_faulty_command_is_422_with_the_place_of_each_fault() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    done(&app, Role::Operator, "a", claim()).await;
    let before = (app.get("/exceptions/a").await, kinds(&app, "a").await);
    let far = "+262000-01-01T00:00:00Z";
    let cases = [
        (
            json!({"command": "wait", "reason": "RAIN", "until": "9999-12-31T23:59:59Z"}),
            vec!["/reason", "/until"],
        ),
        (
            json!({"command": "wait", "reason": "FLOUR", "until": "2020-01-01T00:00:00Z", "note": " "}),
            vec!["/note", "/until"],
        ),
        (json!({"command": "wait", "reason": "FLOUR", "until": far}), vec!["/until"]),
        (
            json!({"command": "resolve", "resolution": "EATEN", "rootCause": "HUNGER"}),
            vec!["/resolution", "/rootCause"],
        ),
        (json!({"command": "comment", "text": "a\u{0}b"}), vec!["/text"]),
        (json!({"command": "comment", "text": "x".repeat(10_001)}), vec!["/text"]),
        (json!({"command": "assign", "owner": noise(3000)}), vec!["/owner"]),
        (json!({"command": "assign", "owner": "nobody"}), vec!["/owner"]),
        (json!({"command": "assign", "owner": "test viewer"}), vec!["/owner"]),
        (json!({"command": "move", "queue": "nowhere", "reason": "so"}), vec!["/queue"]),
        (json!({"command": "link", "parent": "a\u{0}b"}), vec!["/parent"]),
        (json!({"command": "link", "parent": noise(3000)}), vec!["/parent"]),
        (json!({"command": "link", "parent": "nobody"}), vec!["/parent"]),
        (json!({"command": "completeStep", "step": "close"}), vec!["/step"]),
        (json!({"command": "skipStep", "step": "close", "reason": "so"}), vec!["/step"]),
        (json!({"command": "snooze", "until": "2099-01-01", "reason": "so"}), vec!["/until"]),
        (
            json!({"command": "snooze", "until": "2026-01-01", "reason": ""}),
            vec!["/reason", "/until"],
        ),
    ];
    for (command, pointers) in cases {
        let refused = does(&app, Role::Supervisor, "a", command.clone()).await;
        assert!(matches!(refused.status, 422 | 400), "{command}: {}", refused.body);
        if refused.status == 422 {
            let told: Vec<&str> = refused.body["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|fault| fault["pointer"].as_str().unwrap())
                .collect();
            assert_eq!(told, pointers, "{command}");
        } else {
            assert!(command["until"] == far, "only what is no time is malformed: {command}");
        }
    }
    for body in [
        json!({"command": "dance"}),
        json!({"command": "claim", "owner": "me"}),
        json!({}),
        json!([]),
    ] {
        let refused = does(&app, Role::Operator, "a", body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.body);
    }
    assert_eq!(
        (app.get("/exceptions/a").await, kinds(&app, "a").await),
        before,
        "refusals change nothing"
    );
}

/// A text that does not compress.
fn noise(length: usize) -> String {
    let mut chance = crate::chance::Chance::of(7, 7);
    (0..length)
        .map(|_| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(chance.within(0..36)).unwrap()]))
        .collect()
}

#[tokio::test]
async fn who_may_not_is_403_and_who_is_elsewhere_is_404() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let moved = does(
        &app,
        Role::Operator,
        "a",
        json!({"command": "move", "queue": "owner", "reason": "so"}),
    )
    .await;
    assert_eq!((moved.status, &moved.body["code"]), (403, &json!("insufficient-role")));
    assert_eq!(does(&app, Role::Viewer, "a", claim()).await.status, 403);
    assert_eq!(does(&app, Role::Operator, "b", claim()).await.status, 404);
    let url = format!("{}/v1/tenants/{}/exceptions/a/commands", app.base, app.tenant);
    let stranger = app
        .client
        .post(url)
        .header("x-api-key", app.strangers_key().await)
        .json(&claim())
        .send()
        .await
        .unwrap();
    assert_eq!(stranger.status(), 404);
    // What somebody has is theirs and their supervisor's.
    done(&app, Role::Operator, "a", json!({"command": "assign", "owner": "test admin"})).await;
    let theirs = does(&app, Role::Operator, "a", resolve()).await;
    assert_eq!((theirs.status, &theirs.body["code"]), (409, &json!("conflict")));
    assert!(theirs.detail().contains("test admin works on it"), "{}", theirs.detail());
    done(&app, Role::Supervisor, "a", resolve()).await;
}

#[tokio::test]
async fn a_part_is_a_part_of_a_whole() {
    let app = TestApp::start().await;
    for id in ["a", "b", "c"] {
        fresh(&app, id, 50.0).await;
    }
    let link = |parent: &str| json!({"command": "link", "parent": parent});
    let conflict = async |id: &str, parent: &str| {
        let refused = does(&app, Role::Operator, id, link(parent)).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (409, &json!("conflict")),
            "{id} to {parent}: {}",
            refused.body
        );
    };
    conflict("a", "a").await;
    assert_eq!(done(&app, Role::Operator, "a", link("b")).await["workflow"]["parent"], "b");
    conflict("a", "b").await;
    conflict("c", "a").await;
    conflict("b", "c").await;
    done(&app, Role::Operator, "a", json!({"command": "unlink"})).await;
    done(&app, Role::Operator, "b", link("c")).await;
}
