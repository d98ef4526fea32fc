//! What an exception can be found by: the words of its title, id and entities, and the values of its entities and declared fields.
//!
//! A word is found by its beginning, whatever its letter case. A value is found whole: its term is its one form by the type, or the
//! standard format, that its field has in the pack that triaged it. Equal forms are equal terms, and no others are.

use std::{borrow::Cow, collections::BTreeSet};

use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use crate::{
    decimal::Decimal,
    format::Format,
    json::{Json, Object},
    pack::document::{FieldDocument, FieldType},
    text::{composed, folded},
    triage::entities,
};

/// Longest word, in characters: twice what a search may have, because lower case may be longer.
const MAX_WORD: usize = 400;
/// Longest term of a value that is kept as it is, in bytes; of others the hash.
const MAX_VALUE: usize = 200;
/// Most bytes of all terms of an exception, by [`size`]: PostgreSQL keeps a `tsvector` below 1 MiB.
pub const MAX_SIZE: usize = 512 << 10;
/// Bytes that a term takes beside its text: the tag of its tenant and an entry of the `tsvector`.
const BESIDE: usize = 10;
/// Leads the terms of values and divides them; words never contain it, so none is the beginning of a value.
const SEPARATOR: char = '\u{1f}';
/// Scope of entities.
const ENTITY: &str = "e";
/// Form of texts, also of words such as `true`.
const TEXT: &str = "t";
/// Form of numbers.
const NUMBER: &str = "n";

/// All terms of an exception.
pub fn of(id: &str, title: &str, payload: &Object, fields: Option<&IndexMap<String, FieldDocument>>) -> BTreeSet<String> {
    let mut terms: Vec<String> = [id, title].into_iter().flat_map(text_words).collect();
    add_declared(payload, fields, &mut terms);
    // Sorted once.
    terms.into_iter().collect()
}

fn add_declared(payload: &Object, fields: Option<&IndexMap<String, FieldDocument>>, terms: &mut Vec<String>) {
    let Some(fields) = fields else { return };
    for named in entities::all(payload, fields) {
        terms.extend(text_words(&named.text));
        terms.push(term(ENTITY, TEXT, &composed(&named.text)));
        terms.extend(scalar(ENTITY, named.field, named.value));
    }
    for (name, field) in fields {
        if let Some(value) = payload.get(name) {
            add_values(&field_scope(name), field, value, terms);
        }
    }
}

/// Returns the bytes that terms take in the search index, with `BESIDE` for each.
pub fn size(terms: &BTreeSet<String>) -> usize {
    terms.iter().map(|term| term.len() + BESIDE).sum()
}

/// The words of a search: every one must be the beginning of a term.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().filter_map(word).collect()
}

/// The terms of an entity's value; any of them must be there.
pub fn entity_terms(value: &str) -> Vec<String> {
    any_form(ENTITY, value)
}

/// The terms of a field's value; any of them must be there.
pub fn field_terms(name: &str, value: &str) -> Vec<String> {
    any_form(&field_scope(name), value)
}

fn field_scope(name: &str) -> String {
    format!("f{name}")
}

/// Words of a text, and what follows the prefix of each: people remember an id without its prefix.
fn text_words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().flat_map(|token| {
        let rest = token.split_once(['-', '/', '_', ':']).and_then(|(_, rest)| word(rest));
        word(token).into_iter().chain(rest)
    })
}

/// A word without the punctuation around it, if anything is left.
fn word(token: &str) -> Option<String> {
    let bare = folded(token.trim_matches(|c: char| !c.is_alphanumeric()));
    let visible = if bare.len() <= MAX_WORD && !bare.contains(char::is_control) {
        bare
    } else {
        bare.chars().filter(|c| !c.is_control()).take(MAX_WORD).collect()
    };
    (!visible.is_empty()).then_some(visible)
}

/// The values of a field: of a list those of its items.
fn add_values(scope: &str, field: &FieldDocument, value: &Json, terms: &mut Vec<String>) {
    match value {
        Json::List(items) => {
            let field = field.items.as_deref().unwrap_or(field);
            for item in items {
                add_values(scope, field, item, terms);
            }
        }
        value => terms.extend(scalar(scope, field, value)),
    }
}

/// The term of a stored value, by what its field is declared as. Objects have none.
fn scalar(scope: &str, field: &FieldDocument, value: &Json) -> Option<String> {
    let (text, is_number) = match value {
        Json::Text(text) => (Cow::Borrowed(text.as_str()), false),
        Json::Number(number) => (Cow::Owned(number.decimal().to_string()), true),
        Json::Bool(value) => (Cow::Borrowed(if *value { "true" } else { "false" }), false),
        Json::Null | Json::List(_) | Json::Object(_) => return None,
    };
    if let Some(normal) = field.format.and_then(|format| format.normal_form(&text)) {
        return Some(term(scope, field.format.map_or(TEXT, Format::name), &normal));
    }
    let counts = match field.kind {
        FieldType::Decimal | FieldType::Integer => true,
        FieldType::String => false,
        _ => is_number,
    };
    let number = if counts { number(&text) } else { None };
    Some(match number {
        Some(number) => term(scope, NUMBER, &number),
        None => term(scope, TEXT, &composed(&text)),
    })
}

/// The terms of a value that is sought, for each way in which a field may be declared.
fn any_form(scope: &str, value: &str) -> Vec<String> {
    let mut terms = vec![term(scope, TEXT, &composed(value))];
    terms.extend(number(value).map(|number| term(scope, NUMBER, &number)));
    let identifiers = Format::ALL
        .into_iter()
        .filter_map(|format| Some((format, format.normal_form(value)?)));
    terms.extend(identifiers.map(|(format, normal)| term(scope, format.name(), &normal)));
    terms
}

fn number(text: &str) -> Option<String> {
    text.trim().parse::<Decimal>().ok().map(|number| number.to_string())
}

fn term(scope: &str, form: &str, value: &str) -> String {
    let mut whole = String::with_capacity(scope.len() + form.len() + value.len() + 3);
    for part in [scope, form, value] {
        whole.push(SEPARATOR);
        whole.push_str(part);
    }
    if whole.len() <= MAX_VALUE && !value.contains(char::is_control) {
        return whole;
    }
    // A second separator instead of a scope: no other term begins so.
    format!("{SEPARATOR}{SEPARATOR}{}", hex::encode(Sha256::digest(whole)))
}

#[cfg(test)]
mod tests;
