//! The identity of a value of a payload: fingerprints compare identities and nothing else.
//!
//! The declared type decides: texts compare as texts in form C, decimals as decimals, days and times as such, codes of a standard in their
//! normal form. A blank value or one of the wrong type identifies nothing.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::{
    decimal::Decimal,
    format::Format,
    json::Json,
    pack::document::{FieldDocument, FieldType},
    text::{is_blank, normalized},
    time::{parse_date, parse_time},
};

/// A single value as it is compared. `Display` gives its one form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// A text in form C. Letter case counts.
    Text(String),
    /// An identifier of a standard in its normal form.
    Code(String),
    /// Number, equal in every spelling.
    Number(Decimal),
    /// True or false.
    Flag(bool),
    /// Day without a time.
    Day(NaiveDate),
    /// Moment with its offset applied (UTC).
    Time(DateTime<Utc>),
}

impl Identity {
    /// Returns the identity of a single value of a field; lists and objects have none.
    pub fn of(field: &FieldDocument, value: &Json) -> Option<Self> {
        match (field.kind, value) {
            (_, Json::Text(text)) => Self::of_text(field.kind, field.format, text),
            (FieldType::String, Json::Number(number)) => Self::of_text(field.kind, field.format, &number.decimal().to_string()),
            (FieldType::Any | FieldType::Decimal, Json::Number(number)) => Some(Identity::Number(number.decimal().clone())),
            (FieldType::Integer, Json::Number(number)) if number.decimal().is_integer() => Some(Identity::Number(number.decimal().clone())),
            (FieldType::Boolean, Json::Bool(value)) => Some(Identity::Flag(*value)),
            _ => None,
        }
    }

    fn of_text(kind: FieldType, format: Option<Format>, text: &str) -> Option<Self> {
        if is_blank(text) {
            return None;
        }
        match kind {
            FieldType::String | FieldType::Any => {
                let code = format.and_then(|format| Some(Identity::Code(format.normal_form(text)?)));
                Some(code.unwrap_or_else(|| Identity::Text(normalized(text).into_owned())))
            }
            FieldType::Decimal => Some(Identity::Number(text.trim().parse().ok()?)),
            FieldType::Integer => Some(Identity::Number(text.trim().parse().ok()?)).filter(|_| is_whole(text)),
            FieldType::Date => parse_date(text).map(Identity::Day),
            FieldType::Datetime => parse_time(text).map(Identity::Time).or_else(|| parse_date(text).map(Identity::Day)),
            FieldType::Boolean | FieldType::List | FieldType::Object => None,
        }
    }
}

fn is_whole(text: &str) -> bool {
    text.trim().parse::<Decimal>().is_ok_and(|number| number.is_integer())
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Text(text) | Identity::Code(text) => f.write_str(text),
            Identity::Number(number) => write!(f, "{number}"),
            Identity::Flag(value) => write!(f, "{value}"),
            Identity::Day(day) => write!(f, "{day}"),
            Identity::Time(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true)),
        }
    }
}

/// Returns the identity of a value of any type as text; `None` where it is blank or of the wrong type.
///
/// A list or object identifies something where one of its parts does, and nothing in it has the wrong type.
pub fn whole(field: &FieldDocument, value: &Json) -> Option<String> {
    match (field.kind, value) {
        (FieldType::List | FieldType::Any, Json::List(items)) => {
            let parts = items.iter().filter(|item| !shows_nothing(item));
            let parts: Vec<String> = parts.map(|item| part(field.items.as_deref(), item)).collect::<Option<_>>()?;
            (!parts.is_empty()).then(|| joined(&parts))
        }
        (FieldType::Object | FieldType::Any, Json::Object(members)) => {
            let mut sorted: Vec<_> = members.iter().filter(|(_, value)| !shows_nothing(value)).collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            let mut parts = Vec::new();
            for (name, value) in sorted {
                parts.extend([
                    name.clone(),
                    part(field.fields.as_ref().and_then(|fields| fields.get(name)), value)?,
                ]);
            }
            (!parts.is_empty()).then(|| joined(&parts))
        }
        _ => Identity::of(field, value).map(|identity| identity.to_string()),
    }
}

fn part(field: Option<&FieldDocument>, value: &Json) -> Option<String> {
    match (field, value) {
        (Some(field), value) => whole(field, value),
        // Flags beside others tell objects apart.
        (None, Json::Bool(value)) => Some(value.to_string()),
        (None, value) => whole(&FieldDocument::any(), value),
    }
}

/// Parts with their lengths, so that a comma in one is no border.
fn joined(parts: &[String]) -> String {
    parts
        .iter()
        .map(|part| format!("{}:{part}", part.len()))
        .collect::<Vec<_>>()
        .concat()
}

/// Whether a value is not there: null, a blank text, or a list or object of nothing but such values.
pub fn shows_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => is_blank(text),
        Json::List(items) => items.iter().all(shows_nothing),
        Json::Object(members) => members.values().all(shows_nothing),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn field(document: &Value) -> FieldDocument {
        let mut document = document.clone();
        document["label"] = json!("L");
        serde_json::from_value(document).expect("a field")
    }

    fn identifies(document: &Value, text: &str) -> Option<String> {
        whole(&field(document), &Json::read(text).expect("JSON"))
    }

    #[test]
    fn blank_and_mistyped_values_identify_nothing() {
        let nothing = [
            "null",
            r#""""#,
            r#"" ""#,
            "\"\u{a0}\"",
            "\"\\u200b\\t\"",
            "{}",
            "[]",
            "[null, \" \"]",
            r#"{"a": {}}"#,
        ];
        for kind in [
            "string", "integer", "decimal", "boolean", "date", "datetime", "list", "object", "any",
        ] {
            for text in nothing {
                assert_eq!(
                    identifies(&json!({"type": kind, "items": {"type": "any", "label": "I"}}), text),
                    None,
                    "{kind} {text}"
                );
            }
        }
        for (kind, text) in [
            ("string", "false"),
            ("any", "false"),
            ("string", "[\"A\"]"),
            ("string", "{\"a\": 1}"),
            ("decimal", "\"a lot\""),
            ("integer", "1.5"),
            ("integer", "\"1.5\""),
            ("boolean", "\"true\""),
            ("boolean", "0"),
            ("date", "20261123"),
            ("list", "\"A\""),
            ("object", "[1]"),
        ] {
            assert_eq!(identifies(&json!({"type": kind}), text), None, "{kind} {text}");
        }
    }

    #[test]
    fn the_declared_type_decides_what_is_equal() {
        let same = |document: Value, texts: &[&str]| {
            let all: Vec<_> = texts.iter().map(|text| identifies(&document, text).expect(text)).collect();
            all.windows(2).all(|pair| pair[0] == pair[1])
        };
        assert!(same(
            json!({"type": "decimal"}),
            &["1", "1.0", "1e0", "\"1.00\"", "\" +1 \"", "\"1E+00\""]
        ));
        assert!(same(json!({"type": "string"}), &["7", "\"7\"", "7.0", "\"\u{a0}7\""]));
        assert!(!same(json!({"type": "string"}), &["\"7.10\"", "\"7.1\""]));
        assert!(!same(json!({"type": "string"}), &["\"A\"", "\"a\""]));
        assert!(!same(json!({"type": "string"}), &["77014103211118510720", "77014103211118510721"]));
        assert!(same(json!({"type": "string"}), &["\"Z\u{fc}rich\"", "\"Zu\u{308}rich\""]));
        assert!(same(
            json!({"type": "string", "format": "ndc11"}),
            &["\"12345-0678-90\"", "\"12345067890\"", "12345067890"]
        ));
        assert!(same(json!({"type": "date"}), &["\"2026-11-23\"", "\"2026-11-23T22:00:00Z\""]));
        assert!(same(
            json!({"type": "datetime"}),
            &[
                "\"2026-11-23T09:30:00Z\"",
                "\"2026-11-23 10:30:00+01:00\"".replace(' ', "T").as_str()
            ]
        ));
        assert!(!same(
            json!({"type": "list", "items": {"type": "string", "label": "I"}}),
            &["[\"a\",\"b\"]", "[\"a,1:b\"]"]
        ));
    }
}
