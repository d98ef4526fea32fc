//! Pages end early where what they have is large, and the next one goes on there.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{Answer, TestApp, burnt},
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

#[tokio::test]
async fn a_chain_of_large_events_comes_in_several_pages_both_ways() {
    let app = TestApp::start().await;
    app.send(burnt("P-1", 1.0)).await;
    let comment = json!({"command": "comment", "text": "x".repeat(10_000)});
    for _ in 0..120 {
        done(&app, Role::Operator, "P-1", comment.clone()).await;
    }
    let page = async |query: String| {
        let path = format!("/audit/events?limit=1000&kind=commented&{query}");
        let page = app.as_role(Role::Supervisor, Method::GET, &path).send().await.unwrap();
        Answer::of(page).await.body
    };
    for way in ["after=0", "before=9000000"] {
        let first = page(way.to_owned()).await;
        let second = page(format!("{}={}", &way[..way.find('=').unwrap()], first["next"])).await;
        let (some, others) = (numbers(&first), numbers(&second));
        assert!(
            some.len() < 120 && some.len() + others.len() == 120,
            "{way}: {} and {}",
            some.len(),
            others.len()
        );
        assert!(some.iter().all(|seq| !others.contains(seq)), "{way}");
    }
}
