//! JSON values whose numbers keep their digits, for everything that is derived from what a source sent.
//!
//! `serde_json`'s own values hold floats, and take some objects of a sender for something else. They serve for what we write ourselves.

mod read;

use std::fmt;

use indexmap::IndexMap;
use serde::{Serialize, Serializer, ser};
use serde_json::value::RawValue;

pub use self::read::Unusable;
use crate::decimal::{Decimal, NotADecimal};

/// Members of an object in the order in which they were sent; of equal names the last counts.
pub type Object = IndexMap<String, Json>;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of JSON")]
pub enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// A number as it was written, and what it means.
#[derive(Debug, Clone)]
pub struct Number {
    written: String,
    decimal: Decimal,
}

impl Number {
    /// Takes a number in JSON's grammar.
    pub fn read(text: &str) -> Result<Self, NotADecimal> {
        let decimal = text.parse()?;
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| NotADecimal::Malformed)?;
        Ok(Self {
            written: text.to_owned(),
            decimal,
        })
    }

    /// Whether it has neither point nor exponent: rules see such as an int.
    pub fn is_written_whole(&self) -> bool {
        !self.written.contains(['.', 'e', 'E'])
    }

    /// Returns the value, with every digit.
    pub fn decimal(&self) -> &Decimal {
        &self.decimal
    }
}

/// Equal numbers are equal however they are written.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.decimal == other.decimal
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        Self {
            written: decimal.to_string(),
            decimal,
        }
    }
}

impl Json {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// Returns the kind of value, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    /// JSON with sorted members, no white space, and one form for equal numbers.
    pub fn canonical(&self, out: &mut dyn FnMut(&str)) {
        match self {
            Json::Number(number) => out(&number.decimal.to_string()),
            Json::List(items) => {
                out("[");
                for (index, item) in items.iter().enumerate() {
                    out(if index > 0 { "," } else { "" });
                    item.canonical(out);
                }
                out("]");
            }
            Json::Object(members) => canonical(members.iter(), out),
            plain => out(&plain.to_string()),
        }
    }
}

/// The canonical form of an object with these members, see [`Json::canonical`].
pub fn canonical<'m>(members: impl Iterator<Item = (&'m String, &'m Json)>, out: &mut dyn FnMut(&str)) {
    let mut sorted: Vec<(&String, &Json)> = members.collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    out("{");
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        out(if index > 0 { "," } else { "" });
        out(&quoted(name));
        out(":");
        value.canonical(out);
    }
    out("}");
}

fn quoted(text: &str) -> String {
    // Every text has a form in JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// JSON without white space; numbers as they were written.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => f.write_str(&number.written),
            Json::Text(text) => f.write_str(&quoted(text)),
            Json::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", if index > 0 { "," } else { "" }, quoted(name))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A value that we made ourselves.
impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(value) => Json::Bool(*value),
            // A number of 64 bits is within every limit.
            serde_json::Value::Number(number) => Number::read(&number.to_string()).map_or(Json::Null, Json::Number),
            serde_json::Value::String(text) => Json::Text(text.clone()),
            serde_json::Value::Array(items) => Json::List(items.iter().map(Json::from).collect()),
            serde_json::Value::Object(members) => {
                Json::Object(members.iter().map(|(name, value)| (name.clone(), Json::from(value))).collect())
            }
        }
    }
}

/// For what we tell ourselves, where doubles do. A number that no double holds is a text.
impl From<&Json> for serde_json::Value {
    fn from(value: &Json) -> Self {
        match value {
            Json::Null => serde_json::Value::Null,
            Json::Bool(value) => (*value).into(),
            Json::Number(number) => serde_json::from_str(&number.written).unwrap_or_else(|_| number.written.clone().into()),
            Json::Text(text) => text.clone().into(),
            Json::List(items) => items.iter().map(serde_json::Value::from).collect(),
            Json::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), serde_json::Value::from(value)))
                .collect(),
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Number(number) => RawValue::from_string(number.written.clone())
                .map_err(ser::Error::custom)?
                .serialize(serializer),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items),
            Json::Object(members) => serializer.collect_map(members),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_as_they_were_sent() {
        let text = r#"{"b":[77014103211118510720,1.50,-0,1E+08,1e400],"a":{"x":"\u0000"}}"#;
        let value = Json::read(text).expect("JSON");
        assert_eq!(value.to_string(), text);
        assert_eq!(serde_json::to_string(&value).expect("JSON"), text);
        let mut canonical = String::new();
        value.canonical(&mut |part| canonical.push_str(part));
        assert_eq!(
            canonical,
            r#"{"a":{"x":"\u0000"},"b":[77014103211118510720,1.5,0,100000000,1e400]}"#
        );
        assert_eq!(serde_json::Value::from(&value)["b"][4], "1e400");
    }

    #[test]
    fn only_json_is_read() {
        for text in ["", "+1", ".5", "01", "1.", "nul", "[1,]", "{\"a\"}", "1 2", "--1"] {
            assert!(Json::read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn equal_numbers_are_equal_values_with_one_canonical_form(whole in any::<i64>(), zeros in 0_usize..20) {
            let plain = Json::read(&whole.to_string()).expect("JSON");
            let other = Json::read(&format!("{whole}{}.{}e-{zeros}", "0".repeat(zeros), "0".repeat(zeros + 1))).expect("JSON");
            let canonical = |value: &Json| {
                let mut text = String::new();
                value.canonical(&mut |part| text.push_str(part));
                text
            };
            prop_assert_eq!(&plain, &other);
            prop_assert_eq!(canonical(&plain), canonical(&other));
        }
    }
}
