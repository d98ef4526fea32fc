//! Packs that are refused, and what is said about them.

use serde_json::{Value, json};

use super::{bakery, bakery_with};
use crate::Seeder;

const FIELDS: &str = "/exceptionTypes/LATE_VAN/seed/fields";

/// The faults of the bakery with one more field in the seed of `LATE_VAN`.
fn field(generator: Value) -> String {
    messages(&format!("{FIELDS}/x"), generator)
}

fn messages(pointer: &str, value: Value) -> String {
    let pack = bakery_with(pointer, value);
    let faults = Seeder::faults(&pack);
    assert_eq!(Seeder::new(&pack).err().as_ref(), faults.first());
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_bakery_has_no_faults() {
    assert_eq!(Seeder::faults(&bakery()), []);
}

#[test]
fn generators_are_checked() {
    let cases = [
        (json!({"pick": []}), "there is nothing to choose from"),
        (
            json!({"pickWeighted": {"a": 0}}),
            "weights must be 0 or more, and one of them above 0",
        ),
        (
            json!({"mix": [{"weight": -1, "then": {"const": 1}}]}),
            "weights must be 0 or more, and one of them above 0",
        ),
        (json!({"pool": {"from": "cakes", "field": "a"}}), "there is no pool here \"cakes\""),
        (
            json!({"pool": {"from": "breads", "field": "salt"}}),
            "there is no attribute of every member \"salt\"",
        ),
        (json!({"integer": {"min": 2, "max": 1}}), "the range is empty: min is above max"),
        (json!({"integer": {"min": 1, "max": 2, "step": 0}}), "step must be above 0"),
        (json!({"uniform": {"min": 2, "max": 1}}), "the range is empty: min is above max"),
        (
            json!({"uniform": {"min": 1, "max": 2, "decimals": 12}}),
            "decimals must be at most 9",
        ),
        (
            json!({"uniform": {"min": 1, "max": 2, "currency": "money"}}),
            "\"money\" is not known here: only values made earlier are",
        ),
        (
            json!({"logNormal": {"median": 0, "p95": 2, "min": 0, "max": 9}}),
            "median must be above 0",
        ),
        (
            json!({"logNormal": {"median": 3, "p95": 2, "min": 1, "max": 9}}),
            "p95 must be at least the median",
        ),
        (
            json!({"logNormal": {"median": 3, "p95": 5, "min": 4, "max": 9}}),
            "the range is empty: min is above median",
        ),
        (
            json!({"date": {"from": "later", "min": 0, "max": 1}}),
            "\"later\" is not known here: only values made earlier are",
        ),
        (
            json!({"date": {"min": 0, "max": 1, "calendar": "sea"}}),
            "there is no calendar \"sea\"",
        ),
        (
            json!({"date": {"from": "gap", "min": 0, "max": 1}}),
            "\"gap\" is 2.3 and not a date",
        ),
        (
            json!({"time": {"minMinutes": 1, "maxMinutes": 0}}),
            "the range is empty: minMinutes is above maxMinutes",
        ),
        (
            json!({"list": {"of": {"const": 1}, "min": 2, "max": 1}}),
            "the range is empty: min is above max",
        ),
        (json!({"maybe": {"share": 2, "then": {"const": 1}}}), "share must be from 0 to 1"),
        (json!({"text": "{doors"}), "\"{doors\" has a placeholder that does not end"),
        (
            json!({"text": "{windows}"}),
            "\"windows\" is not known here: only values made earlier are",
        ),
        (
            json!({"expr": {"is": "windows + 1"}}),
            "the expression `windows + 1` is refused: 'windows' is not known here; known are chaseOn, created, doors, \
             dueOn, gap, lateDays, plannedOn, waitDays",
        ),
        (
            json!({"expr": {"is": "doors / 0"}}),
            "the expression `doors / 0` fails: the result is inf",
        ),
        (
            json!({"expr": {"is": "open(doors)"}}),
            "the expression `open(doors)` is refused: 'open' is not a function that rules may use; allowed are size, contains, \
             startsWith, endsWith, matches, int, double, string, bool, abs, round, days, addDays, has, addBusinessDays, businessDays",
        ),
        (
            json!({"choose": {"cases": [{"if": "doors", "then": {"const": 1}}], "else": {"const": 2}}}),
            "the condition `doors` is neither true nor false",
        ),
    ];
    for (generator, message) in cases {
        assert_eq!(field(generator.clone()), format!("{FIELDS}/x: {message}"), "{generator}");
    }
    let syntax = field(json!({"expr": {"is": "1 +"}}));
    assert!(syntax.contains("the expression `1 +` is refused: not a CEL expression"), "{syntax}");
}

#[test]
fn hostile_packs_are_refused_in_no_time() {
    let nested = |of: Value| json!({"list": {"of": of, "min": 1000, "max": 1000}});
    let number = json!({"integer": {"min": 0, "max": 1_000_000}});
    let started = std::time::Instant::now();
    assert!(field(nested(nested(nested(number)))).ends_with("one exception consists of more than 10,000 values"));
    let long = json!({"text": "{doors}".repeat(100_000)});
    assert!(field(long).ends_with("the value has more than 64 KiB"));
    let sum = ["doors"; 60].join(" + ");
    let deep = json!({"expr": {"is": sum}});
    assert!(field(deep).contains("levels deep; at most 48 are allowed"));
    let slow = "[1, 2].all(a, [1, 2].all(b, [1, 2].all(c, a + b + c > 0)))";
    assert!(field(json!({"expr": {"is": slow}})).contains("nested 3 deep; at most 2 are allowed"));
    let same = json!({"zipf": 0, "size": 20_000, "fields": {"bread": {"const": "rye"}, "flour": {"const": 1}}});
    assert_eq!(messages("/seedPools/breads", same), "");
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[test]
fn texts_that_double_are_refused() {
    let mut pack = bakery();
    let seed = pack.exception_types["LATE_VAN"].seed.as_mut().expect("seed");
    let mut add = |name: String, generator: Value| {
        seed.fields.insert(name, serde_json::from_value(generator).expect("generator"));
    };
    add("x0".into(), json!({"const": "0123456789"}));
    for step in 1..64 {
        add(
            format!("x{step}"),
            json!({"expr": {"is": format!("x{} + x{}", step - 1, step - 1)}}),
        );
    }
    let faults: Vec<_> = Seeder::faults(&pack).iter().map(ToString::to_string).collect();
    assert_eq!(faults, [format!("{FIELDS}/x13: the value has more than 64 KiB")]);
}

#[test]
fn a_fault_within_an_object_names_its_place() {
    let nested = field(json!({"object": {"a": {"const": 1}, "b": {"pick": []}}}));
    assert_eq!(nested, format!("{FIELDS}/x/b: there is nothing to choose from"));
}

#[test]
fn names_bound_within_an_expression_are_known() {
    assert_eq!(
        field(json!({"expr": {"is": "[1, 2].exists(n, n == doors) || {'b': 1, 'a': 2}.all(k, k < 'c')"}})),
        ""
    );
}

#[test]
fn the_rest_of_the_seed_is_checked() {
    let seed = "/exceptionTypes/LATE_VAN/seed";
    let cases = [
        (
            format!("{seed}/profile"),
            json!("night"),
            format!("{seed}/profile: there is no seed profile \"night\""),
        ),
        (
            format!("{seed}/sources"),
            json!({"Boat": 1}),
            format!("{seed}/sources/Boat: there is no source system \"Boat\""),
        ),
        (
            format!("{seed}/sources"),
            json!({}),
            format!("{seed}/sources: weights must be 0 or more, and one of them above 0"),
        ),
        (
            format!("{seed}/fields"),
            json!({}),
            format!("{seed}/fields: the required field \"dueOn\" is never made, or not always"),
        ),
        (
            "/seedPools/breads/zipf".to_owned(),
            json!(-1),
            "/seedPools/breads/zipf: zipf must be 0 or more".to_owned(),
        ),
        (
            "/seedProfiles/rounds/weekdays".to_owned(),
            json!({}),
            "/seedProfiles/rounds: weights must be 0 or more, and one of them above 0".to_owned(),
        ),
        (
            "/seedProfiles/rounds/hours/0/to".to_owned(),
            json!("6 pm"),
            "/seedProfiles/rounds/hours: \"6 pm\" is not a time of day like 09:30".to_owned(),
        ),
        (
            "/calendars/shop/hours".to_owned(),
            json!([]),
            "/calendars/shop: the calendar has no working hours at all".to_owned(),
        ),
        (
            "/exceptionTypes".to_owned(),
            json!({}),
            "/exceptionTypes: no exception type has a seed with a weight above 0".to_owned(),
        ),
    ];
    for (pointer, value, message) in cases {
        let found = messages(&pointer, value);
        assert!(found.lines().next() == Some(&message), "{pointer}: {found}");
    }
}

#[test]
fn an_exception_that_needs_more_members_than_there_are_is_refused() {
    let pool = json!({"zipf": 0, "members": [{"bread": "rye", "flour": 1}]});
    let two = json!({"zipf": 0, "members": []});
    assert!(messages("/seedPools/breads", two).starts_with("/seedPools/breads: there is nothing to choose from"));
    let mut pack = bakery_with("/seedPools/breads", pool);
    let seed = pack.exception_types["SHORT_COUNT"].seed.as_mut().expect("seed");
    for alias in ["a", "b"] {
        let generator = json!({"pool": {"from": "breads", "field": "bread", "as": alias}});
        seed.fields
            .insert(alias.to_owned(), serde_json::from_value(generator).expect("generator"));
    }
    let faults: Vec<_> = Seeder::faults(&pack).iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        ["/exceptionTypes/SHORT_COUNT/seed: the pool \"breads\" has fewer members than one exception needs (2)"]
    );
}
