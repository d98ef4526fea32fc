//! What an exception can be found by: the words of its title, id and entities, and the values of its declared fields.
//!
//! A word is found by its beginning; a field or an entity by its whole value. Letter case does not matter.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::{display::decimal_text, pack::document::FieldDocument, triage::Entity};

/// Longest term, in characters; what is longer is cut, when stored as when sought.
const MAX_TERM: usize = 100;
/// Most values taken from one field that is a list.
const MAX_VALUES: usize = 10;
/// Leads values, and the names of fields before them; words never contain it, so none is the beginning of a value.
const SEPARATOR: char = '\u{1f}';

/// All terms of an exception.
pub fn of(
    id: &str,
    title: &str,
    entities: &[Entity],
    payload: &Map<String, Value>,
    fields: Option<&IndexMap<String, FieldDocument>>,
) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    terms.extend(word(id));
    // People remember an id without its prefix.
    terms.extend(id.split_once('-').and_then(|(_, rest)| word(rest)));
    for text in [title].into_iter().chain(entities.iter().map(|entity| entity.value.as_str())) {
        for token in text.split_whitespace() {
            terms.extend(word(token));
            // As with an id, what follows a prefix is remembered alone.
            terms.extend(token.split_once(['-', '/', '_', ':']).and_then(|(_, rest)| word(rest)));
        }
    }
    terms.extend(entities.iter().map(|entity| entity_value(&entity.value)));
    for name in fields.into_iter().flat_map(IndexMap::keys) {
        match payload.get(name) {
            Some(Value::Array(values)) => terms.extend(values.iter().take(MAX_VALUES).filter_map(|value| scalar(name, value))),
            Some(value) => terms.extend(scalar(name, value)),
            None => {}
        }
    }
    terms
}

/// The words of a search: every one must be the beginning of a term.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().filter_map(word).collect()
}

/// The term of an entity's value.
pub fn entity_value(value: &str) -> String {
    format!("{SEPARATOR}{}", folded(value))
}

/// The term of a field's value, written as text.
pub fn field_value(name: &str, value: &str) -> String {
    format!(
        "{SEPARATOR}{}{SEPARATOR}{}",
        folded(name),
        number(value).unwrap_or_else(|| folded(value))
    )
}

fn scalar(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(field_value(name, text)),
        Value::Number(_) | Value::Bool(_) => Some(field_value(name, &value.to_string())),
        _ => None,
    }
}

/// Numbers that mean the same are the same term: `1200.50` and `1200.5`.
fn number(text: &str) -> Option<String> {
    let decimal = decimal_text(&Value::String(text.to_owned()))?;
    if !decimal.contains('.') {
        return Some(decimal);
    }
    Some(decimal.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// A word without the punctuation around it, if anything is left.
fn word(token: &str) -> Option<String> {
    let bare = folded(token.trim_matches(|c: char| !c.is_alphanumeric()));
    (!bare.is_empty()).then_some(bare)
}

fn folded(text: &str) -> String {
    let visible = text.trim().chars().filter(|c| !c.is_control());
    visible.flat_map(char::to_lowercase).take(MAX_TERM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_by_their_parts() {
        let found = of("FIN-1b2c-0001", "Settlement fail, ORD-77 (late)", &[], &Map::new(), None);
        let expected = ["1b2c-0001", "77", "fail", "fin-1b2c-0001", "late", "ord-77", "settlement"];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn equal_numbers_are_one_term_whatever_their_writing() {
        assert_eq!(field_value("Amount", "1200.50"), field_value("amount", "+1200.5"));
        assert_eq!(field_value("amount", "1200.00"), field_value("amount", "1200"));
        assert_ne!(field_value("id", "007"), field_value("id", "7"));
    }

    #[test]
    fn a_word_of_a_title_is_never_taken_for_a_field() {
        let found = of("a", "cusip\u{1f}1", &[], &Map::new(), None);
        assert!(!found.contains(&field_value("cusip", "1")), "{found:?}");
        assert!(
            !field_value("cusip", "1").starts_with("cusip"),
            "nor the name of a field for a word"
        );
    }
}
