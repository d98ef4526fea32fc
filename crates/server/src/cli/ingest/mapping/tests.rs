//! Maps and the exceptions they make.

use super::*;

const MAP: &str = r#"{
  "sourceSystem": "SettlementSystem",
  "exceptionType": "column:Break Type",
  "timestamp": {"column": "Booked", "as": "time", "format": "%d.%m.%Y"},
  "rawPayload": {
    "accountId": "column:Account",
    "difference": {"column": "Diff", "as": "number", "decimal": ","},
    "tags": {"column": "Tags", "as": "list"},
    "origin": {"desk": "column:Desk"},
    "version": 2, "note": {"value": "column:no"}
  }
}"#;

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn made(mapping: &Mapping, cells: &[&str]) -> (String, Vec<Fault>) {
    mapping.exception(&cells.iter().collect::<Cells>(), || "MADE".to_owned())
}

#[test]
fn a_row_becomes_what_the_map_looks_like() {
    let columns = columns(&["Break Type", "Booked", "Account", "Diff", "Tags", "Desk"]);
    let mapping = Mapping::read(MAP, &columns, &Defaults::default()).expect("a map");
    let (json, faults) = made(&mapping, &["BREAK", "23.11.2026", "0071", "1.204,50", "a;b", " "]);
    let expected = r#"{"exceptionId":"MADE","sourceSystem":"SettlementSystem","exceptionType":"BREAK","timestamp":"2026-11-23T00:00:00Z","rawPayload":{"accountId":"0071","difference":1204.50,"tags":["a","b"],"version":2,"note":"column:no"}}"#;
    assert_eq!((json.as_str(), faults.len()), (expected, 0));
    let (json, faults) = made(&mapping, &["BREAK", "yesterday", "0071", "much", "", "D"]);
    let told: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.message)).collect();
    assert_eq!(
        told,
        [
            "/timestamp \"yesterday\" is not a time written %d.%m.%Y",
            "/rawPayload/difference \"much\" is not a number"
        ]
    );
    assert!(json.contains(r#""difference":"much","origin":{"desk":"D"}"#), "{json}");
}

#[test]
fn without_a_map_columns_are_members_of_the_same_name() {
    let defaults = Defaults {
        source: Some("Ledger".into()),
        kind: Some("BREAK".into()),
    };
    let mapping = Mapping::plain(&columns(&["exceptionId", "exceptionType", "amount"]), &defaults);
    mapping.check().expect("a source");
    assert_eq!(
        made(&mapping, &["A-1", "OTHER", "5"]).0,
        r#"{"sourceSystem":"Ledger","exceptionId":"A-1","exceptionType":"OTHER","rawPayload":{"amount":"5"}}"#
    );
    assert_eq!(
        made(&mapping, &["", "", ""]).0,
        r#"{"exceptionId":"MADE","sourceSystem":"Ledger","exceptionType":"BREAK","rawPayload":{}}"#
    );
    assert!(Mapping::plain(&columns(&["amount"]), &Defaults::default()).check().is_err());
}

#[test]
fn a_map_that_is_wrong_says_where() {
    let refused = |map: &str| {
        let error = Mapping::read(map, &columns(&["Account", "Diff"]), &Defaults::default()).expect_err(map);
        format!("{error:#}")
    };
    assert_eq!(
        refused(r#"{"rawPayload": {"a": "column:Dif"}}"#),
        "/rawPayload/a of the map names the column \"Dif\", which is not there. The columns are: Account, Diff"
    );
    for (map, told) in [
        ("[]", "a map is a JSON object"),
        (r#"{"rawPayload": "column:Diff"}"#, "/rawPayload must be an object"),
        (
            r#"{"rawPayload": {"a": {"column": "Diff", "as": "money"}}}"#,
            "unknown variant `money`",
        ),
        (r#"{"rawPayload": {"a": {"column": "Diff", "fmt": 1}}}"#, "unknown field `fmt`"),
        (
            r#"{"rawPayload": {"a": {"column": "Diff", "format": "%Y"}}}"#,
            "format does not belong",
        ),
        (
            r#"{"rawPayload": {"a": {"column": "Diff", "as": "date", "format": "%Q!"}}}"#,
            "is no format",
        ),
        (
            r#"{"rawPayload": {"a": {"column": "Diff", "as": "time", "zone": "Mars"}}}"#,
            "of the map",
        ),
    ] {
        assert!(refused(map).contains(told), "{map}: {}", refused(map));
    }
}
