use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

type Fields = IndexMap<String, FieldDocument>;

fn fields() -> Fields {
    serde_json::from_value(json!({
        "text": {"type": "string", "label": "T"},
        "decimal": {"type": "decimal", "label": "D"},
        "any": {"type": "any", "label": "A"},
        "isin": {"type": "string", "label": "I", "format": "isin"},
        "list": {"type": "list", "label": "L", "items": {"type": "string", "label": "V", "role": "entity"}},
        "amount": {"type": "decimal", "label": "M", "role": "entity"},
    }))
    .expect("fields")
}

fn terms(payload: &Value) -> BTreeSet<String> {
    of("", "", &object(payload), Some(&fields()))
}

fn object(payload: &Value) -> Object {
    Json::read_object(&payload.to_string()).expect("an object")
}

fn finds(terms: &BTreeSet<String>, sought: &[String]) -> bool {
    sought.iter().any(|term| terms.contains(term))
}

#[test]
fn words_are_found_whole_and_by_their_parts() {
    let found = of("FIN-1b2c 0001", "Settlement fail, ORD-77 (late)", &Object::new(), None);
    let expected = ["0001", "1b2c", "77", "fail", "fin-1b2c", "late", "ord-77", "settlement"];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_word_of_an_id_is_found_composed_or_not() {
    let found = of("Zu\u{308}rich\u{a0}desk 12/34 #7", "", &Object::new(), None);
    for word in ["z\u{fc}rich", "ZU\u{308}RICH", "desk", "12/34", "34", "#7"] {
        let sought = words(word);
        assert!(
            !sought.is_empty() && sought.iter().all(|word| found.contains(word)),
            "{word}: {found:?}"
        );
    }
}

#[test]
fn a_word_of_a_title_is_never_taken_for_a_value() {
    let found = of("a", "\u{1f}fcusip\u{1f}t\u{1f}1", &Object::new(), None);
    assert!(!finds(&found, &field_terms("cusip", "1")), "{found:?}");
}

#[test]
fn texts_compare_as_texts_and_numbers_as_numbers() {
    let stored = terms(&json!({"text": "7.10", "decimal": "7.10", "any": 7.5, "list": ["aBc9", "x".repeat(300)], "amount": 1_234_567}));
    for (name, value, is_found) in [
        ("text", "7.10", true),
        ("text", "7.1", false),
        ("text", "+7.10", false),
        ("text", "7.10 ", false),
        ("decimal", "7.1", true),
        ("decimal", "+7.100", true),
        ("decimal", "71e-1", true),
        ("decimal", "7.11", false),
        ("any", "7.50", true),
        ("list", "aBc9", true),
        ("list", "abc9", false),
        ("list", &"x".repeat(300), true),
        ("list", &"x".repeat(299), false),
        ("Text", "7.10", false),
    ] {
        assert_eq!(finds(&stored, &field_terms(name, value)), is_found, "{name} {value}");
    }
    for (value, is_found) in [
        ("aBc9", true),
        ("AbC9", false),
        ("1,234,567", true),
        ("1234567.0", true),
        ("7.10", false),
    ] {
        assert_eq!(finds(&stored, &entity_terms(value)), is_found, "{value}");
    }
}

#[test]
fn identifiers_are_found_in_each_of_their_spellings() {
    let stored = terms(&json!({"isin": "us0378331005"}));
    assert!(finds(&stored, &field_terms("isin", "US0378331005")));
    assert!(!finds(&stored, &field_terms("isin", "US0378331006")));
    let invalid = terms(&json!({"isin": "us037833100x"}));
    assert!(finds(&invalid, &field_terms("isin", "us037833100x")));
    assert!(!finds(&invalid, &field_terms("isin", "US037833100X")));
}

/// Texts that are easily mistaken for each other.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aA\u{e9}\u{c9}e\u{301},\\\\ '\u{1f}\u{0}:&|*()]{0,6}",
        r"[+-]?0{0,2}[0-9]{1,3}(\.[0-9]{0,3})?(e[0-9])?",
        "[a-z]{90,110}|[а-я]{95,105}|x{198,202}|[日本]{60,70}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn a_text_finds_itself_and_what_is_composed_of_the_same(one in nasty(), other in nasty()) {
        let stored = terms(&json!({"text": one, "list": ["first", one]}));
        for name in ["text", "list"] {
            prop_assert!(finds(&stored, &field_terms(name, &one)));
            if name == "text" || other != "first" {
                prop_assert_eq!(finds(&stored, &field_terms(name, &other)), composed(&one) == composed(&other));
            }
        }
    }

    #[test]
    fn a_number_finds_itself_however_it_is_written(one in nasty(), other in nasty()) {
        let stored = terms(&json!({"decimal": one}));
        prop_assert!(finds(&stored, &field_terms("decimal", &one)));
        let is_same = match (one.trim().parse::<Decimal>(), other.trim().parse::<Decimal>()) {
            (Ok(one), Ok(other)) => one == other,
            _ => composed(&one) == composed(&other),
        };
        prop_assert_eq!(finds(&stored, &field_terms("decimal", &other)), is_same);
    }
}
