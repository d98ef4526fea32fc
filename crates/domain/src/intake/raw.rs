//! One exception as its source sent it.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::content::Content;
use crate::{
    fault::{Fault, pointer_step},
    ids::ExceptionId,
    json::{Json, Object},
    text,
    time::{NOT_A_TIME, parse_time},
};

const MAX_NAME: usize = 200;

/// An exception as sent: well-formed, but not yet known to any pack.
#[derive(Debug, Clone)]
pub struct RawException {
    /// Id of the source, if it gave one.
    pub exception_id: Option<ExceptionId>,
    /// Type as claimed, and where it stood.
    pub claimed_type: Option<ClaimedType>,
    /// Sending system.
    pub source_system: String,
    /// Severity as claimed; kept, never trusted.
    pub claimed_severity: Option<String>,
    /// When it arose, if the source said so. UTC, to the microsecond.
    pub created_at: Option<DateTime<Utc>>,
    /// Domain, if the source said so.
    pub domain: Option<String>,
    /// Whether there is a problem, or one is gone.
    pub state: State,
    /// The payload, parsed.
    pub payload: Object,
    /// The context, parsed.
    pub context: Object,
    /// Payload, context and further members as text, exactly as sent.
    pub content: Content,
}

/// What a source says about its problem.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// There is one.
    #[default]
    Open,
    /// It is gone.
    Cleared,
}

/// A claimed type and the pointer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedType {
    /// The name.
    pub name: String,
    /// Where it stood.
    pub pointer: &'static str,
}

impl RawException {
    /// Reads an exception object. All faults are told at once.
    pub fn parse(object: &RawValue) -> Result<Self, Vec<Fault>> {
        if !object.get().starts_with('{') {
            return Err(vec![Fault::at("", "not-an-object", "an exception is a JSON object")]);
        }
        let members = serde_json::from_str::<IndexMap<String, &RawValue>>(object.get())
            .map_err(|error| vec![Fault::at("", "unreadable", format!("the name of a member cannot be read: {error}"))])?;
        let (content, values) = Content::of(&members)?;
        let mut read = Reader {
            values,
            faults: Vec::new(),
        };
        let state = read.state();
        // A clearing that names its exception needs no payload.
        let presence = if state == State::Cleared && read.values.contains_key("exceptionId") {
            Presence::Optional
        } else {
            Presence::Required
        };
        let payload = read.object("rawPayload", presence);
        let context = read.object("normalizedContext", Presence::Optional);
        let exception_id = read.exception_id(&payload);
        let claimed_type = read.claimed_type(&payload, &context);
        let source_system = read.source_system();
        let claimed_severity = read.text("severity");
        let created_at = read.created_at(&payload);
        let domain = read.text("domain");
        if !read.faults.is_empty() {
            return Err(read.faults);
        }
        Ok(Self {
            exception_id,
            claimed_type,
            source_system,
            claimed_severity,
            created_at,
            domain,
            state,
            payload,
            context,
            content,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

struct Reader {
    values: Object,
    faults: Vec<Fault>,
}

impl Reader {
    fn take(&mut self, name: &str) -> Option<Json> {
        self.values.swap_remove(name).filter(|value| !value.is_null())
    }

    fn object(&mut self, name: &'static str, presence: Presence) -> Object {
        match self.take(name) {
            Some(Json::Object(members)) => return members,
            Some(other) => self.fault(name, "not-an-object", format!("{name} must be an object, not {}", other.kind())),
            None if presence == Presence::Required => {
                self.fault(
                    name,
                    "missing",
                    format!("{name} is missing: the object with the source's own fields"),
                );
            }
            None => {}
        }
        Object::new()
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Json::Text(text) => self.checked(&format!("/{name}"), &text),
            other => {
                self.fault(name, "not-a-text", format!("{name} must be a text, not {}", other.kind()));
                None
            }
        }
    }

    fn checked(&mut self, pointer: &str, text: &str) -> Option<String> {
        let text = text.trim();
        if text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
            self.faults.push(Fault::at(
                pointer,
                "not-a-name",
                format!("at most {MAX_NAME} characters, no control characters"),
            ));
            return None;
        }
        (!text::is_blank(text)).then(|| text.to_owned())
    }

    fn state(&mut self) -> State {
        match self.text("state").as_deref() {
            None | Some("open") => State::Open,
            Some("cleared") => State::Cleared,
            Some(other) => {
                let message = format!("'{other}' is no state; write \"cleared\" where the problem is gone, else \"open\" or nothing");
                self.fault("state", "unknown-state", message);
                State::Open
            }
        }
    }

    fn source_system(&mut self) -> String {
        let before = self.faults.len();
        let source = self.text("sourceSystem");
        if source.is_none() && self.faults.len() == before {
            self.fault(
                "sourceSystem",
                "missing",
                "sourceSystem is missing: the name of the sending system".into(),
            );
        }
        source.unwrap_or_default()
    }

    fn exception_id(&mut self, payload: &Object) -> Option<ExceptionId> {
        let (value, pointer) = self.outside_or_in_payload("exceptionId", payload)?;
        let id = match value {
            Json::Text(text) => text,
            // The same number is the same id however it is written.
            Json::Number(number) => number.decimal().to_string(),
            other => {
                let message = format!("an exception id is a text, not {}", other.kind());
                self.faults.push(Fault::at(pointer, "not-an-id", message));
                return None;
            }
        };
        id.parse()
            .map_err(|error| self.faults.push(Fault::at(pointer, "not-an-id", format!("{error}"))))
            .ok()
    }

    fn claimed_type(&mut self, payload: &Object, context: &Object) -> Option<ClaimedType> {
        let inner = |members: &Object, name: &str| members.get(name).and_then(Json::as_text).map(str::to_owned);
        let found = match self.text("exceptionType") {
            Some(name) => Some((name, "/exceptionType")),
            None => inner(context, "exceptionType")
                .map(|name| (name, "/normalizedContext/exceptionType"))
                .or_else(|| inner(payload, "type").map(|name| (name, "/rawPayload/type"))),
        };
        let (name, pointer) = found?;
        self.checked(pointer, &name).map(|name| ClaimedType { name, pointer })
    }

    fn created_at(&mut self, payload: &Object) -> Option<DateTime<Utc>> {
        let (value, pointer) = self.outside_or_in_payload("timestamp", payload)?;
        let time = value.as_text().and_then(parse_time);
        if time.is_none() {
            self.faults.push(Fault::at(pointer, "not-a-time", format!("{value} {NOT_A_TIME}")));
        }
        time
    }

    /// A member of the object, else of its payload, with the pointer to it.
    fn outside_or_in_payload(&mut self, name: &'static str, payload: &Object) -> Option<(Json, String)> {
        if let Some(value) = self.take(name) {
            return Some((value, format!("/{name}")));
        }
        let value = payload.get(name).filter(|value| !value.is_null())?;
        Some((value.clone(), format!("/rawPayload/{name}")))
    }

    fn fault(&mut self, member: &str, code: &'static str, message: String) {
        self.faults.push(Fault::at(format!("/{}", pointer_step(member)), code, message));
    }
}
