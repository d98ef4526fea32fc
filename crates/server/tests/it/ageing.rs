//! Every figure of the ageing matrix is the length of the list it leads to.

use domain::role::Role;
use reqwest::Method;
use serde_json::json;

use super::{
    app::{TestApp, burnt},
    database::noon,
};

#[tokio::test]
async fn each_figure_is_what_its_list_counts() {
    let app = TestApp::start().await;
    let today = noon().date_naive();
    let mut exceptions = Vec::new();
    for (number, back) in [0_u64, 1, 1, 3, 4, 8, 9, 20, 45, 46, 47, 400].into_iter().enumerate() {
        let mut exception = burnt(&format!("A-{number}"), 1.0);
        exception["rawPayload"]["bakedOn"] = json!((today - chrono::Days::new(back)).to_string());
        exceptions.push(exception);
    }
    app.post(json!({"exceptions": exceptions}).to_string()).await;
    let body = r#"{"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "TIMER"}"#;
    let resolved = app.as_role(Role::Operator, Method::POST, "/exceptions/A-11/commands").body(body);
    assert_eq!(resolved.send().await.unwrap().status(), 200);

    let matrix = app.get("/ageing").await;
    let bread = matrix
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["exceptionType"] == "BURNT_BREAD")
        .unwrap();
    assert_eq!(bread["total"], 11);
    let mut sum = 0;
    for bucket in bread["buckets"].as_array().unwrap() {
        let bound = |name: &str| bucket[name].as_str().map(|day| format!("&{name}={day}")).unwrap_or_default();
        let filter = format!(
            "type=BURNT_BREAD&status=OPEN,IN_PROGRESS,WAITING,PENDING_APPROVAL{}{}",
            bound("agedFrom"),
            bound("agedTo")
        );
        assert_eq!(
            app.get(&format!("/exceptions:count?{filter}")).await["count"],
            bucket["count"],
            "{filter}"
        );
        let list = app.get(&format!("/exceptions?{filter}&sort=due")).await;
        assert_eq!(
            list["items"].as_array().unwrap().len() as u64,
            bucket["count"].as_u64().unwrap(),
            "{filter}"
        );
        sum += bucket["count"].as_i64().unwrap();
    }
    assert_eq!(sum, 11, "every one is in a bucket: {bread}");
}
