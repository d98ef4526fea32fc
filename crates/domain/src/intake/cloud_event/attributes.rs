//! Context attributes of an event (CloudEvents 1.0.2, section 3.1): those we use, checked.
//!
//! Extensions are read past: what changes from delivery to delivery must not make an event another one.

use indexmap::IndexMap;
use serde_json::{Value, value::RawValue};

use crate::{
    fault::{Fault, pointer_step},
    text::shown,
    time::{NOT_A_TIME, parse_time},
};

/// What an event says about itself.
#[derive(Debug)]
pub struct Attributes {
    pub id: String,
    pub source: String,
    pub kind: String,
    pub subject: Option<String>,
    pub time: Option<String>,
}

/// Where attributes are looked up.
pub enum Sources<'s> {
    /// Members of a JSON object.
    Members(&'s IndexMap<String, &'s RawValue>),
    /// Texts, as headers carry them.
    Texts(&'s IndexMap<String, String>),
}

impl Sources<'_> {
    /// The text, none where it is absent or null; anything but a text is a fault.
    fn text(&self, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
        let value = match self {
            Sources::Texts(texts) => texts.get(name).cloned().map(Value::String)?,
            Sources::Members(members) => serde_json::from_str(members.get(name)?.get()).ok()?,
        };
        match value {
            Value::Null => None,
            Value::String(text) if !text.trim().is_empty() => Some(text),
            Value::String(_) => refuse(faults, name, "empty", format!("{name} must not be empty")),
            other => refuse(faults, name, "not-a-text", format!("{name} must be a text, not {other}")),
        }
    }
}

impl Attributes {
    /// Reads and checks all of them; none where a required one is missing or faulty.
    pub fn read(sources: &Sources<'_>, faults: &mut Vec<Fault>) -> Option<Self> {
        let version = required(sources, "specversion", "the version of CloudEvents, \"1.0\"", faults);
        if let Some(version) = version.filter(|version| version != "1.0") {
            let message = format!("CloudEvents {version} is not supported; send specversion \"1.0\"");
            refuse(faults, "specversion", "unknown-version", message);
        }
        let id = required(sources, "id", "the id of the event at its source", faults);
        let source = required(sources, "source", "a URI reference that names where the event arose", faults);
        let kind = required(sources, "type", "the kind of event, which names the exception type", faults);
        let subject = sources.text("subject", faults);
        let time = sources.text("time", faults);
        if let Some(text) = time.as_ref().filter(|text| parse_time(text).is_none()) {
            let message = format!("'{}' {NOT_A_TIME}", shown(text));
            refuse(faults, "time", "not-a-time", message);
        }
        if let Some(media) = sources.text("datacontenttype", faults).filter(|media| !is_json(media)) {
            let message = format!("data of the type {media} is not supported; send application/json");
            refuse(faults, "datacontenttype", "not-json", message);
        }
        Some(Self {
            id: id?,
            source: source?,
            kind: kind?,
            subject,
            time,
        })
    }
}

fn required(sources: &Sources<'_>, name: &str, what: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let before = faults.len();
    let text = sources.text(name, faults);
    if text.is_none() && faults.len() == before {
        return refuse(faults, name, "missing", format!("{name} is missing: {what}"));
    }
    text
}

fn refuse(faults: &mut Vec<Fault>, name: &str, code: &'static str, message: String) -> Option<String> {
    faults.push(Fault::at(format!("/{}", pointer_step(name)), code, message));
    None
}

/// Media types whose data is JSON: a subtype `json`, or the suffix `+json` (JSON Event Format 1.0.2, section 3.1).
fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    essence
        .split_once('/')
        .is_some_and(|(_, subtype)| subtype == "json" || subtype.ends_with("+json"))
}
