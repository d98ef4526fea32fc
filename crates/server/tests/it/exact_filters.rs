//! A filter by a value finds every exception with that value and no other, whatever the value.

use std::collections::BTreeSet;

use domain::{role::Role, text::composed};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{Answer, TestApp, burnt},
    chance::{Chance, seed},
};

/// What values are made of: numbers that are equal as numbers, letters that are equal without case or accents, signs of query languages.
const PIECES: [&str; 22] = [
    "7.10", "7.1", "+7.1", "007", "A", "a", "é", "e\u{301}", "e", "Ж", "ж", "ß", "ss", ",", "\\", "'", "\"", "%", "*", " ", ":", "😀",
];

fn random_value(chance: &mut Chance) -> String {
    let pieces = chance.within(1..5);
    let text: String = (0..pieces).map(|_| *chance.of_list(&PIECES)).collect();
    // Some differ only behind a long beginning.
    if chance.within(0..6) == 0 { "Ж".repeat(150) + &text } else { text }
}

/// The ids that a filter finds.
async fn found(app: &TestApp, name: &str, value: &str) -> BTreeSet<String> {
    let query = format!("/exceptions?limit=500&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    let answer = Answer::of(app.as_role(Role::Viewer, Method::GET, &query).send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "{name}={value:?}: {answer:?}");
    let items = answer.body["items"].as_array().unwrap().iter();
    items.map(|item| item["exceptionId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_filter_finds_the_exceptions_with_its_value_and_no_others() {
    let app = TestApp::start().await;
    let seed = seed();
    let mut chance = Chance::of(seed, 11);
    let values: Vec<String> = std::iter::repeat_with(|| random_value(&mut chance))
        .filter(|value| !value.trim().is_empty())
        .take(120)
        .collect();
    let exceptions = values.iter().enumerate().map(|(index, value)| {
        let mut exception = burnt(&format!("X-{index}"), 1.0);
        exception["rawPayload"]["oven"] = json!(value);
        exception
    });
    let batch = json!({"exceptions": exceptions.collect::<Vec<Value>>()});
    let sent = app.post(batch.to_string()).await;
    assert_eq!(
        (sent.status, &sent.body["rejected"]),
        (200, &json!(0)),
        "TEST_SEED={seed}: {sent:?}"
    );
    // An entity is also found as it is shown: without white space at its ends.
    let as_stored = |other: &str, value: &str| composed(other) == composed(value);
    let as_shown = |other: &str, value: &str| as_stored(other, value) || as_stored(other.trim(), value);
    for value in &values {
        let ids = |same: &dyn Fn(&str, &str) -> bool| -> BTreeSet<String> {
            let found = values.iter().enumerate().filter(|(_, other)| same(other, value));
            found.map(|(index, _)| format!("X-{index}")).collect()
        };
        for (name, expected) in [("field.oven", ids(&as_stored)), ("entity", ids(&as_shown))] {
            assert_eq!(found(&app, name, value).await, expected, "TEST_SEED={seed}: {name}={value:?}");
        }
    }
}

#[tokio::test]
async fn numbers_are_found_by_their_value_however_they_are_written() {
    let app = TestApp::start().await;
    for (id, number) in [
        ("N-1", "7.10"),
        ("N-2", "7.1"),
        ("N-3", "71e-1"),
        ("N-4", "7.100000000000000000001"),
        ("N-5", "-7.1"),
    ] {
        let body = format!(
            r#"{{"exception": {{"exceptionId": "{id}", "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {{"oven": "{id}", "loss": {number}}}}}}}"#
        );
        assert_eq!(app.post(body).await.status, 202, "{number}");
    }
    let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    for sought in ["7.1", "7.10", "+7.1", "0.71e1"] {
        assert_eq!(found(&app, "field.loss", sought).await, ids(&["N-1", "N-2", "N-3"]), "{sought}");
    }
    assert_eq!(found(&app, "field.loss", "7.100000000000000000001").await, ids(&["N-4"]));
    assert_eq!(found(&app, "field.loss", "-7.1").await, ids(&["N-5"]));
}
