//! What is kept of an object that a rule refused: an id that its content decides, and what can be read of it all the same.
//!
//! Nothing here may fail: the object has faults, or it would not be here.

use std::{fmt, str::FromStr};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::cloud_event::{CloudEvent, system_of};
use crate::{
    ids::{ExceptionId, QuarantineId},
    json::Json,
};

const MAX_NAME: usize = 200;

/// What a refused object was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An exception object.
    Exception,
    /// A CloudEvent in the JSON format.
    Event,
}

impl Form {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Exception => "EXCEPTION",
            Form::Event => "EVENT",
        }
    }
}

/// Where a refused object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Somebody has to decide.
    Held,
    /// It was taken in later.
    Replayed,
    /// It was given up.
    Discarded,
}

impl State {
    /// All states, in the order of a list.
    pub const ALL: [State; 3] = [State::Held, State::Replayed, State::Discarded];

    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Held => "HELD",
            State::Replayed => "REPLAYED",
            State::Discarded => "DISCARDED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        State::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// The text is no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a state is one of HELD, REPLAYED, DISCARDED")]
pub struct UnknownState;

/// The id of an object: white space and the order of its members do not matter, its form does.
///
/// # Panics
/// Never: `Q-` and 24 hex digits are an id.
pub fn id_of(form: Form, object: &str) -> QuarantineId {
    let mut hasher = Sha256::new();
    if form == Form::Event {
        hasher.update("event:");
    }
    match Json::read(object) {
        Ok(value) => value.canonical(&mut |text| hasher.update(text.as_bytes())),
        // Nested too deeply, or with half a surrogate pair: then the text itself.
        Err(_) => hasher.update(object.as_bytes()),
    }
    let digits = hex::encode(&hasher.finalize()[..12]);
    format!("Q-{digits}").parse().expect("a valid id")
}

/// The id under which an object without one is stored when it is taken in later: always the same.
///
/// # Panics
/// Never: a pack's prefix of capital letters and hex digits are an id.
pub fn stable_id(prefix: &str, id: &QuarantineId) -> ExceptionId {
    let digits = id.as_str().trim_start_matches("Q-");
    format!("{prefix}-{digits}").parse().expect("a valid id")
}

/// What a refused object says about itself, as far as it can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its id, where it has a valid one.
    pub exception_id: Option<ExceptionId>,
    /// The type it claims.
    pub exception_type: Option<String>,
    /// The system it names.
    pub source_system: Option<String>,
}

impl Outline {
    /// Reads what can be read. `knows` tells whether a name is a type of the pack.
    pub fn of(form: Form, object: &RawValue, knows: impl Fn(&str) -> bool) -> Self {
        match form {
            Form::Exception => Self::of_exception(object),
            Form::Event => match CloudEvent::structured(object) {
                Ok(event) => Self::of_exception(&event.into_exception(knows).object),
                Err(_) => Self::of_event(object),
            },
        }
    }

    fn of_exception(object: &RawValue) -> Self {
        let Ok(value) = Json::read(object.get()) else {
            return Self::default();
        };
        let id = first(&value, &["/exceptionId", "/rawPayload/exceptionId"]);
        Self {
            exception_id: id.and_then(|id| id.parse().ok()),
            exception_type: first(&value, &["/exceptionType", "/normalizedContext/exceptionType", "/rawPayload/type"]),
            source_system: first(&value, &["/sourceSystem"]),
        }
    }

    fn of_event(object: &RawValue) -> Self {
        let Ok(value) = Json::read(object.get()) else {
            return Self::default();
        };
        Self {
            exception_id: None,
            exception_type: first(&value, &["/type"]),
            source_system: first(&value, &["/source"]).map(|source| system_of(&source).to_owned()),
        }
    }
}

/// The first of the places that has a name.
fn first(value: &Json, places: &[&str]) -> Option<String> {
    let mut texts = places.iter().filter_map(|place| {
        let found = place.split('/').skip(1).try_fold(value, |value, name| match value {
            Json::Object(members) => members.get(name),
            _ => None,
        });
        match found? {
            Json::Text(text) => Some(text.trim().to_owned()),
            Json::Number(number) => Some(number.decimal().to_string()),
            _ => None,
        }
    });
    texts.find(|text| !text.is_empty() && text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn outline(form: Form, object: &Value) -> (Option<String>, Option<String>, Option<String>) {
        let object = to_raw_value(object).expect("JSON");
        let outline = Outline::of(form, &object, |name| name == "BURNT");
        (outline.exception_id.map(Into::into), outline.exception_type, outline.source_system)
    }

    #[test]
    fn the_same_content_has_the_same_id_however_it_is_written() {
        let id = id_of(Form::Exception, r#"{"a": 1, "b": [2]}"#);
        assert_eq!(id, id_of(Form::Exception, r#"{"b":[2],"a":1}"#));
        assert_ne!(id, id_of(Form::Exception, r#"{"b":[2],"a":2}"#));
        assert_ne!(id, id_of(Form::Event, r#"{"b":[2],"a":1}"#));
        assert_eq!(id.as_str(), "Q-0855bfc20eb6cfaa4be7d6b5");
        assert_eq!(stable_id("BAK", &id).as_str(), format!("BAK-{}", &id.as_str()[2..]));
    }

    #[test]
    fn what_cannot_be_parsed_has_an_id_too() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for odd in [deep.as_str(), r#"{"a": "\ud800"}"#, r#"{"a": "\ud801"}"#] {
            assert_eq!(id_of(Form::Exception, odd), id_of(Form::Exception, odd));
        }
        assert_ne!(
            id_of(Form::Exception, r#"{"a": "\ud800"}"#),
            id_of(Form::Exception, r#"{"a": "\ud801"}"#)
        );
    }

    #[test]
    fn an_outline_has_what_can_be_read() {
        let some = |text: &str| Some(text.to_owned());
        for (form, object, expected) in [
            (Form::Exception, json!(7), (None, None, None)),
            (
                Form::Exception,
                json!({"exceptionId": " x", "exceptionType": "A\u{0}", "sourceSystem": []}),
                (some("x"), None, None),
            ),
            (
                Form::Exception,
                json!({"exceptionId": {}, "sourceSystem": "S", "rawPayload": {"exceptionId": 4, "type": "T"}}),
                (some("4"), some("T"), some("S")),
            ),
            (
                Form::Event,
                json!({"source": "/shop/Oven", "type": "a.BURNT"}),
                (None, some("a.BURNT"), some("Oven")),
            ),
            (
                Form::Event,
                json!({"specversion": "1.0", "id": "1", "source": "/shop/Oven", "type": "a.BURNT", "data": {}}),
                (some("/shop/Oven#1"), some("BURNT"), some("Oven")),
            ),
        ] {
            assert_eq!(outline(form, &object), expected, "{object}");
        }
    }
}
