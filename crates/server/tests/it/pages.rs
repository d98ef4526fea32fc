//! Pages end early where what they have is large, and the next one goes on there.

use domain::role::Role;
use serde_json::{Value, json};

use super::{
    app::{TestApp, burnt},
    work::done,
};

/// Texts of a page that follow each other.
fn numbers(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|event| event["seq"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn events_that_are_large_come_in_several_pages() {
    let app = TestApp::start().await;
    app.send(burnt("P-1", 1.0)).await;
    let comment = json!({"command": "comment", "text": "x".repeat(10_000)});
    for _ in 0..120 {
        done(&app, Role::Operator, "P-1", comment.clone()).await;
    }
    let first = app.get("/exceptions/P-1/events").await;
    let second = app.get(&format!("/exceptions/P-1/events?after={}", first["next"])).await;
    assert_eq!((&first["items"][0]["kind"], &second["next"]), (&json!("received"), &Value::Null));
    assert!(first.to_string().len() < 1_200_000, "{}", first.to_string().len());
    let all = [numbers(&first), numbers(&second)].concat();
    assert!(all.len() == 121 && all.is_sorted_by(|one, next| one < next), "{all:?}");
    let few = app.get("/exceptions/P-1/events?limit=2").await;
    assert_eq!((numbers(&few), few["next"].as_i64()), (all[..2].to_vec(), Some(all[1])));
    let behind = app.get(&format!("/exceptions/P-1/events?after={}", all[120])).await;
    assert_eq!(behind, json!({"items": [], "next": null}));
}
