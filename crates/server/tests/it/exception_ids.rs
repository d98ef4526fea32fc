//! Every id that is accepted can be read and worked, whatever characters it has.

use std::collections::BTreeSet;

use domain::role::Role;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::json;

use super::{
    app::{TestApp, burnt},
    chance::{Chance, seed},
    work::{claim, done},
};

/// Ids that look like parts of addresses, of queries or of encodings.
const AWKWARD: [&str; 34] = [
    "count",
    "facets",
    "export",
    "bulk",
    ":count",
    "exceptions:count",
    "x:bulk",
    "a/b",
    "/",
    "//",
    "/exceptions",
    "../x",
    "a/../b",
    "a/./b",
    "...",
    ".a",
    "%",
    "%2F",
    "%2e%2e",
    ".%2e",
    "100%",
    "?",
    "a?b=c",
    "#",
    "a#b",
    "a b",
    "a\u{a0}b",
    "a+b",
    "ä€😀",
    "e\u{301}",
    "\\",
    "{exceptionId}",
    "*",
    "a;b=1",
];

/// As clients that use `encodeURIComponent` or something stricter do.
fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

/// An id of printable characters, punctuation more often than the rest.
fn random_id(chance: &mut Chance) -> String {
    let any = |chance: &mut Chance| match chance.within(0..4) {
        0 => char::from_u32(u32::try_from(chance.within(0xa1..0xd7ff)).unwrap()),
        1 => char::from_u32(u32::try_from(chance.within(0x1_f300..0x1_f6ff)).unwrap()),
        _ => char::from_u32(u32::try_from(chance.within(0x21..0x7f)).unwrap()),
    };
    (0..chance.within(1..40)).filter_map(|_| any(chance)).collect()
}

#[tokio::test]
async fn every_accepted_id_can_be_read_and_worked() {
    let app = TestApp::start().await;
    let seed = seed();
    let mut chance = Chance::of(seed, 9);
    let random = std::iter::repeat_with(|| random_id(&mut chance)).take(60);
    let (mut accepted, mut tried) = (0, 0);
    // Short ones come by chance twice.
    let ids: BTreeSet<String> = AWKWARD.map(str::to_owned).into_iter().chain(random).collect();
    for id in ids {
        tried += 1;
        let sent = app.send(burnt(&id, 1.0)).await;
        if sent.status != 202 {
            assert!(id == "." || id == ".." || id.trim() != id, "TEST_SEED={seed}: {id:?}: {sent:?}");
            continue;
        }
        accepted += 1;
        assert_eq!(sent.body["exceptionId"], id, "TEST_SEED={seed}");
        let path = format!("/exceptions/{}", encoded(&id));
        assert_eq!(app.get(&path).await["exceptionId"], id, "TEST_SEED={seed}");
        assert_eq!(
            app.get(&format!("{path}/events")).await["items"][0]["kind"],
            "received",
            "TEST_SEED={seed}: {id:?}"
        );
        assert_eq!(
            app.get(&format!("{path}/recurrences")).await["items"],
            json!([]),
            "TEST_SEED={seed}: {id:?}"
        );
        let claimed = done(&app, Role::Operator, &encoded(&id), claim()).await;
        assert_eq!(
            (&claimed["exceptionId"], &claimed["status"]),
            (&json!(id), &json!("IN_PROGRESS")),
            "TEST_SEED={seed}"
        );
    }
    assert!(accepted > tried - 5, "TEST_SEED={seed}: {accepted} of {tried}");
    assert_eq!(app.get("/exceptions:count").await["count"], accepted);
}

#[tokio::test]
async fn ids_that_no_address_can_name_are_refused() {
    let app = TestApp::start().await;
    for id in [".", ".."] {
        let refused = app.send(burnt(id, 1.0)).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["pointer"]),
            (422, &json!("/exception/exceptionId"))
        );
        assert!(refused.detail().contains("is not '.' or '..'"), "{}", refused.detail());
        assert!(refused.body["quarantineId"].is_string());
    }
}

#[tokio::test]
async fn actions_on_all_exceptions_have_no_address_below_them() {
    let app = TestApp::start().await;
    for action in ["count", "facets", "export"] {
        let below = app.as_role(Role::Viewer, Method::GET, &format!("/exceptions/{action}"));
        assert_eq!(below.send().await.unwrap().status(), 404, "{action} is an id like any other");
        let beside = app.as_role(Role::Viewer, Method::GET, &format!("/exceptions:{action}"));
        assert_eq!(beside.send().await.unwrap().status(), 200, "{action}");
    }
}
