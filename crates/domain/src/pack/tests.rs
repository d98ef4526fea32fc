//! A pack is read whole or refused with every fault and its place.

use super::{Pack, examples};

const BAKERY: &str = include_str!("../../testdata/bakery.json");

/// The bakery with one text replaced, which must occur exactly once.
fn broken(old: &str, new: &str) -> Vec<String> {
    assert_eq!(BAKERY.matches(old).count(), 1, "{old}");
    Pack::parse(&BAKERY.replace(old, new))
        .expect_err("refused")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_bakery_is_whole_and_its_examples_hold() {
    let pack = Pack::parse(BAKERY).expect("a whole pack");
    assert_eq!(examples::run(&pack), []);
    assert_eq!(pack.label(), "Bakery 1.2.0");
}

#[test]
fn a_pack_that_names_no_waiting_reasons_knows_those_that_stop_its_clocks() {
    let mut bakery: serde_json::Value = serde_json::from_str(BAKERY).expect("JSON");
    bakery
        .as_object_mut()
        .expect("an object")
        .remove("waitingReasons")
        .expect("named before");
    bakery["exceptionTypes"]["BURNT_BREAD"]["sla"]["pauseOn"] = serde_json::json!(["OVEN_MAKER"]);
    let pack = Pack::parse(&bakery.to_string()).expect("whole, as packs were before they could name them");
    let reasons: Vec<(&str, &str)> = pack
        .document()
        .waiting_reasons
        .iter()
        .map(|(code, label)| (&**code, &**label))
        .collect();
    assert_eq!(reasons, [("OVEN_MAKER", "Oven maker")]);
}

#[test]
fn versions_are_compared_as_versions() {
    let pack = Pack::parse(BAKERY).expect("a whole pack");
    assert_eq!(
        ["1.1.9", "1.2.0", "1.10.0", "1.2.0-draft"].map(|version| pack.supersedes(version)),
        [true, false, false, true]
    );
}

#[test]
fn an_example_that_fails_says_what_was_expected() {
    let pack = Pack::parse(&BAKERY.replace("\"severity\": \"CRITICAL\", \"queue\"", "\"severity\": \"LOW\", \"queue\"")).expect("whole");
    let failures = examples::run(&pack);
    assert_eq!(failures[0].differences, ["severity: expected Low, got Critical"]);
}

#[test]
fn typos_have_line_and_column() {
    insta::assert_debug_snapshot!(broken("\"idPrefix\"", "\"idPerfix\""));
    insta::assert_debug_snapshot!(broken("\"version\": \"1.2.0\",", "\"version\": \"1.2.0\""));
    insta::assert_debug_snapshot!(broken("\"role\": \"exposure\"", "\"role\": \"exposur\""));
}

#[test]
fn references_that_lead_nowhere_have_line_and_column() {
    insta::assert_debug_snapshot!(broken("\"escalatesTo\": \"owner\"", "\"escalatesTo\": \"onwer\""));
    insta::assert_debug_snapshot!(broken(
        "\"fingerprint\": [\"oven\", \"kind\"]",
        "\"fingerprint\": [\"oven\", \"knid\"]"
    ));
    insta::assert_debug_snapshot!(broken("\"calendar\": \"shop\"", "\"calendar\": \"shpo\""));
    insta::assert_debug_snapshot!(broken("burnt in {oven}\"", "burnt in {ovne}\""));
}

#[test]
fn rules_that_cannot_work_have_line_and_column() {
    insta::assert_debug_snapshot!(broken("rawPayload.loss > 100.0", "rawPayload.los > 100.0"));
    insta::assert_debug_snapshot!(broken("rawPayload.loss > 100.0", "rawPayload.kind > 100.0"));
    insta::assert_debug_snapshot!(broken("rawPayload.loss > 100.0", "rawPayload.loss >"));
    insta::assert_debug_snapshot!(broken("\"resolve\": \"PT8H\"", "\"resolve\": \"8 hours\""));
}

#[test]
fn a_name_that_occurs_twice_is_refused() {
    insta::assert_debug_snapshot!(broken("\"SOUR_MILK\"", "\"BURNT_BREAD\""));
}

#[test]
fn a_demand_for_a_second_person_that_could_never_apply_is_refused() {
    let cases = [
        (
            "\"resolutions\": [\"GIVEN_AWAY\"]",
            "\"resolutions\": [\"GIVEN_AWY\"]",
            "there is no resolution 'GIVEN_AWY'",
        ),
        (
            "\"expiresAfterHours\": 2",
            "\"expiresAfterHours\": 0",
            "a request stands for 1 to 8784 hours",
        ),
        (
            "\"expiresAfterHours\": 2",
            "\"expiresAfterHours\": 4294967295",
            "a request stands for 1 to 8784 hours",
        ),
        ("\"expiresAfterHours\": 2", "\"moreThan\": 2", "only a snooze has days"),
        (
            "\"expiresAfterHours\": 2",
            "\"resolutions\": [\"THROWN_AWAY\"]",
            "only resolving knows resolutions",
        ),
        ("\"approver\": \"admin\"", "\"approver\": \"viewer\"", "a viewer decides nothing"),
    ];
    for (old, new, expected) in cases {
        let faults = broken(old, new);
        assert!(faults.len() == 1 && faults[0].contains(expected), "{new}: {faults:?}");
    }
}

#[test]
fn an_exposure_is_an_amount_that_is_not_personal() {
    for (old, new, expected) in [
        (
            "\"role\": \"exposure\", \"class\": \"financial\"",
            "\"role\": \"exposure\", \"class\": \"pii\"",
            "it cannot be pii or phi",
        ),
        (
            "\"role\": \"exposure\", \"class\": \"financial\"",
            "\"role\": \"exposure\", \"class\": \"phi\"",
            "it cannot be pii or phi",
        ),
        (
            "{\"type\": \"decimal\", \"label\": \"Loss\"",
            "{\"type\": \"string\", \"label\": \"Loss\"",
            "an exposure is a number",
        ),
    ] {
        let faults = broken(old, new);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{new}: {faults:?}");
    }
}
