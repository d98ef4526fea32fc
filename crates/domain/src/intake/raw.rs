//! One exception as its source sent it.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use indexmap::IndexMap;
use serde_json::{Map, Value, value::RawValue};

use super::content::Content;
use crate::{
    fault::{Fault, pointer_step},
    ids::ExceptionId,
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
    pub payload: Map<String, Value>,
    /// The context, parsed.
    pub context: Map<String, Value>,
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
        let sent = Content::of(&members)?;
        let mut read = Reader {
            members,
            faults: Vec::new(),
        };
        let state = read.state();
        // A clearing that names its exception needs no payload.
        let presence = if state == State::Cleared && read.members.contains_key("exceptionId") {
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
            content: sent,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

struct Reader<'b> {
    members: IndexMap<String, &'b RawValue>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        // Whatever became the content can be read.
        self.members
            .get(name)
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .filter(|value: &Value| !value.is_null())
    }

    fn object(&mut self, name: &'static str, presence: Presence) -> Map<String, Value> {
        match self.value(name) {
            Some(Value::Object(members)) => return members,
            Some(other) => self.fault(name, "not-an-object", format!("{name} must be an object, not {}", kind(&other))),
            None if presence == Presence::Required => {
                self.fault(
                    name,
                    "missing",
                    format!("{name} is missing: the object with the source's own fields"),
                );
            }
            None => {}
        }
        Map::new()
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => self.checked(&format!("/{name}"), &text),
            other => {
                self.fault(name, "not-a-text", format!("{name} must be a text, not {}", kind(&other)));
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
        (!text.is_empty()).then(|| text.to_owned())
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

    fn exception_id(&mut self, payload: &Map<String, Value>) -> Option<ExceptionId> {
        let (value, pointer) = match self.value("exceptionId") {
            Some(value) => (value, "/exceptionId"),
            None => (
                payload.get("exceptionId").filter(|value| !value.is_null())?.clone(),
                "/rawPayload/exceptionId",
            ),
        };
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other => {
                self.faults.push(Fault::at(
                    pointer,
                    "not-an-id",
                    format!("an exception id is a text, not {}", kind(&other)),
                ));
                return None;
            }
        };
        text.parse()
            .map_err(|error| self.faults.push(Fault::at(pointer, "not-an-id", format!("{error}"))))
            .ok()
    }

    fn claimed_type(&mut self, payload: &Map<String, Value>, context: &Map<String, Value>) -> Option<ClaimedType> {
        let inner = |members: &Map<String, Value>, name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let found = match self.text("exceptionType") {
            Some(name) => Some((name, "/exceptionType")),
            None => inner(context, "exceptionType")
                .map(|name| (name, "/normalizedContext/exceptionType"))
                .or_else(|| inner(payload, "type").map(|name| (name, "/rawPayload/type"))),
        };
        let (name, pointer) = found?;
        self.checked(pointer, &name).map(|name| ClaimedType { name, pointer })
    }

    fn created_at(&mut self, payload: &Map<String, Value>) -> Option<DateTime<Utc>> {
        let (value, pointer) = match self.value("timestamp") {
            Some(value) => (value, "/timestamp"),
            None => (
                payload.get("timestamp").filter(|value| !value.is_null())?.clone(),
                "/rawPayload/timestamp",
            ),
        };
        let time = value.as_str().and_then(parse_time);
        if time.is_none() {
            let message = format!("{value} is not a time; write RFC 3339 as in 2026-11-23T09:30:00Z (without an offset it is UTC)");
            self.faults.push(Fault::at(pointer, "not-a-time", message));
        }
        time
    }

    fn fault(&mut self, member: &str, code: &'static str, message: String) {
        self.faults.push(Fault::at(format!("/{}", pointer_step(member)), code, message));
    }
}

/// RFC 3339, or the same without an offset, then UTC. Years have four digits, and microseconds are the finest, as PostgreSQL keeps it.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok().or_else(|| {
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|time| time.and_utc())
    })?;
    DateTime::from_timestamp_micros(time.timestamp_micros()).filter(|time| (0..=9999).contains(&time.year()))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
