//! A severity that a person set is explained by who set it and why, whatever happens afterwards.

use super::*;

/// Values and reasons of the severity in a detail, in order.
fn severity_reasons(exception: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let reasons = exception["reasons"].as_array().unwrap().iter();
    reasons
        .filter(|reason| reason["about"] == "severity")
        .map(|reason| (text(&reason["value"]), text(&reason["because"])))
        .collect()
}

fn change(severity: &str, reason: &str) -> Value {
    json!({"command": "changeSeverity", "severity": severity, "reason": reason})
}

fn reason(value: &str, because: &str) -> (String, String) {
    (value.to_owned(), because.to_owned())
}

#[tokio::test]
async fn a_severity_that_a_member_set_is_explained_also_after_a_revision() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let by_rule = reason("MEDIUM", "default of BURNT_BREAD in Bakery 1.2.0");
    let raised = done(&app, Role::Operator, "a", change("CRITICAL", "the mayor eats here")).await;
    assert_eq!(raised["severity"], "CRITICAL");
    let by_member = "severity set from MEDIUM to CRITICAL by test operator at 2026-11-23T12:00:00Z";
    let set = reason("CRITICAL", &format!("{by_member}: the mayor eats here"));
    assert_eq!(severity_reasons(&raised), [by_rule.clone(), set.clone()]);

    // The source would lower it again: that takes two, so the severity and its reason stay.
    let revision = async |loss: f64| {
        let mut exception = burnt("a", loss);
        exception.as_object_mut().unwrap().remove("timestamp");
        let answer = app.source_sends("?onConflict=revise", &json!({"exception": exception})).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        app.get("/exceptions/a").await
    };
    let revised = revision(51.0).await;
    assert_eq!(revised["severity"], "CRITICAL");
    assert_eq!(severity_reasons(&revised), [by_rule.clone(), set]);

    // A member agrees: the reason stays, and says that the severity was replaced.
    let lowered = done(&app, Role::Supervisor, "a", json!({"command": "grant"})).await;
    assert_eq!(lowered["severity"], "MEDIUM");
    let replaced = format!("{by_member}; a later revision replaced it: the mayor eats here");
    assert_eq!(severity_reasons(&lowered), [by_rule, reason("CRITICAL", &replaced)]);
    let revised = revision(150.0).await;
    let by_rule = reason("HIGH", "rule 1 of BURNT_BREAD in Bakery 1.2.0: more than 100 lost");
    assert_eq!(severity_reasons(&revised), [by_rule, reason("CRITICAL", &replaced)]);
    verify_chain(&app).await;
}

#[tokio::test]
async fn a_severity_that_a_second_person_allowed_is_explained_by_who_asked() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let asked = does(&app, Role::Operator, "a", change("LOW", "it is **only** bread")).await;
    assert_eq!(asked.body["outcome"], "approvalRequested", "{}", asked.body);
    assert_eq!(severity_reasons(&asked.body["exception"]).len(), 1, "nothing is changed yet");
    app.clock.advance(chrono::TimeDelta::minutes(5));
    let granted = done(&app, Role::Supervisor, "a", json!({"command": "grant"})).await;
    let because = "severity set from MEDIUM to LOW by test operator at 2026-11-23T12:05:00Z: it is **only** bread";
    assert_eq!(severity_reasons(&granted)[1], reason("LOW", because));
}

#[tokio::test]
async fn a_severity_that_a_repetition_raised_is_explained_by_the_repetition() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let cleared = json!({"exception": {"state": "cleared", "sourceSystem": "Oven", "exceptionId": "a"}});
    assert_eq!(app.source_sends("", &cleared).await.status, 202);
    let mut again = burnt("b", 150.0);
    again["rawPayload"]["oven"] = json!("O-a");
    assert_eq!(app.send(again).await.status, 202);
    let reopened = app.get("/exceptions/a").await;
    assert_eq!((&reopened["status"], &reopened["severity"]), (&json!("OPEN"), &json!("HIGH")));
    let because = severity_reasons(&reopened)[1].1.clone();
    assert!(because.ends_with(": repeated by b, which is more severe"), "{because}");
}
