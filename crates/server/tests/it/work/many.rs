//! A hundred at once on one exception: each is decided after the other.

use futures::future::join_all;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_who_claim_at_once_one_has_it() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let answers = join_all((0..100).map(|_| does(&app, Role::Operator, "a", claim()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.status == 409 && answer.body["code"] == "conflict")
            .count(),
        99
    );
    assert_eq!(kinds(&app, "a").await, ["received", "claimed"]);
    assert_eq!(verify_chain(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_commands_at_once_are_a_hundred_versions_and_links() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let step = |index: usize| json!({"command": "completeStep", "step": "open", "note": format!("by {index}")});
    let answers = join_all((0..100).map(|index| does(&app, Role::Operator, "a", step(index)))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(app.get("/exceptions/a").await["version"], 101);
    assert_eq!(verify_chain(&app).await, 101);
    // Each says what the one before left.
    let events = app.get("/exceptions/a/events").await;
    let steps: Vec<&Value> = events["items"].as_array().unwrap()[1..]
        .iter()
        .map(|event| &event["data"])
        .collect();
    assert!(
        steps.windows(2).all(|pair| pair[1]["before"]["steps"] == pair[0]["after"]["steps"]),
        "{events}"
    );
}
