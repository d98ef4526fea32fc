//! CloudEvents 1.0.2 as exception objects: pure mapping, whatever the transport.
//!
//! An event becomes the object that its source could have sent itself, so everything after it is the same road.
//! Faults of that object are told where they stand in the event, see [`Mapped::pointer`].

mod attributes;
#[cfg(test)]
mod tests;

use base64::{Engine, prelude::BASE64_STANDARD};
use indexmap::IndexMap;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use self::attributes::{Attributes, Sources};
use crate::{fault::Fault, ids::ExceptionId};

type Members<'b> = IndexMap<String, &'b RawValue>;

/// An event: well-formed, with data that is a JSON object.
#[derive(Debug)]
pub struct CloudEvent {
    attributes: Attributes,
    data: Box<RawValue>,
    data_at: &'static str,
}

/// An event as an exception object.
#[derive(Debug)]
pub struct Mapped {
    /// The exception object, for [`super::RawException::parse`].
    pub object: Box<RawValue>,
    places: Vec<(&'static str, String)>,
}

impl CloudEvent {
    /// Reads an event of the JSON format (CloudEvents JSON Event Format 1.0.2, section 3).
    pub fn structured(event: &RawValue) -> Result<Self, Vec<Fault>> {
        let Ok(members) = serde_json::from_str::<Members<'_>>(event.get()) else {
            return Err(vec![Fault::at("", "not-an-object", "a CloudEvent is a JSON object")]);
        };
        let mut faults = Vec::new();
        let attributes = Attributes::read(&Sources::Members(&members), &mut faults);
        let data = structured_data(&members).map_err(|fault| faults.push(fault)).ok();
        Self::complete(attributes, data, faults)
    }

    /// Reads an event whose attributes stand beside its data (binary content mode). Names are lower case, without a prefix.
    pub fn beside(attributes: &IndexMap<String, String>, data: &RawValue) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let attributes = Attributes::read(&Sources::Texts(attributes), &mut faults);
        let data = checked(data.to_owned(), "/data").map_err(|fault| faults.push(fault)).ok();
        Self::complete(attributes, data, faults)
    }

    fn complete(
        attributes: Option<Attributes>,
        data: Option<(Box<RawValue>, &'static str)>,
        faults: Vec<Fault>,
    ) -> Result<Self, Vec<Fault>> {
        match (attributes, data) {
            (Some(attributes), Some((data, data_at))) if faults.is_empty() => Ok(Self { attributes, data, data_at }),
            _ => Err(faults),
        }
    }

    /// The exception object. `knows` tells whether a name is a type of the pack.
    ///
    /// * Data with a member `rawPayload` is an exception object and taken as it is; attributes fill in what it does not say.
    /// * Any other data is the source's own fields and becomes `rawPayload`. Then the attributes `type` and `time` go before
    ///   members of the same meaning within it.
    /// * The id depends on `source` and `id` together, which name an event (specification 1.0.2, section 3.1); see [`id_of`].
    pub fn into_exception(self, knows: impl Fn(&str) -> bool) -> Mapped {
        let sent: Members<'_> = serde_json::from_str(self.data.get()).unwrap_or_default();
        let whole = sent.contains_key("rawPayload");
        let mut made = Made::new(&self.data, &sent, self.data_at);
        let (id, source) = (&self.attributes.id, &self.attributes.source);
        // The id of the event names the event, not the problem that it says is gone.
        let clears = whole && sent.get("state").is_some_and(|state| state.get() == r#""cleared""#);
        if !clears && !made.has("exceptionId") && !made.payload_has("exceptionId") {
            made.add("exceptionId", &id_of(source, id), "/id");
        }
        if !made.has("sourceSystem") {
            made.add("sourceSystem", system_of(source), "/source");
        }
        let name = type_of(&self.attributes.kind, &knows);
        if !made.names_a_type() || (!whole && knows(name)) {
            made.add("exceptionType", name, "/type");
        }
        if let Some(time) = &self.attributes.time
            && !made.has("timestamp")
            && !(whole && made.payload_has("timestamp"))
        {
            made.add("timestamp", time, "/time");
        }
        if let Some(subject) = &self.attributes.subject {
            made.add_subject(subject);
        }
        made.finish()
    }
}

impl Mapped {
    /// Where in the event a place of the exception object comes from.
    pub fn pointer(&self, pointer: &str) -> String {
        // The most special place was added last.
        let place = self.places.iter().rev().find_map(|(ours, theirs)| {
            let rest = pointer.strip_prefix(ours)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{theirs}{rest}"))
        });
        place.unwrap_or_else(|| pointer.to_owned())
    }
}

/// Exception id of an event: `source#id`, with `#` and `%` of the id percent-encoded, so that no two pairs share one.
///
/// Where that is no valid exception id (more than 200 characters, say), `ce-` and the SHA-256 of it in hex.
pub fn id_of(source: &str, id: &str) -> String {
    let text = format!("{source}#{}", id.replace('%', "%25").replace('#', "%23"));
    match text.parse::<ExceptionId>() {
        Ok(id) => id.into(),
        Err(_) => format!("ce-{}", hex::encode(Sha256::digest(&text))),
    }
}

/// Sending system of an event: the last segment of the path of `source`, or all of it where it has none.
pub(super) fn system_of(source: &str) -> &str {
    let bare = source.split(['?', '#']).next().unwrap_or(source);
    let path = match bare.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => rest.split_once('/').map_or("", |(_, path)| path),
        _ if bare.contains('/') => bare,
        _ => "",
    };
    path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or(source)
}

/// Exception type of an event: its `type` where the pack knows it, else what follows the last dot.
fn type_of<'t>(kind: &'t str, knows: &impl Fn(&str) -> bool) -> &'t str {
    match kind.rsplit_once('.') {
        Some((_, last)) if !knows(kind) && !last.is_empty() => last,
        _ => kind,
    }
}

fn structured_data(members: &Members<'_>) -> Result<(Box<RawValue>, &'static str), Fault> {
    let present = |name: &str| members.get(name).filter(|raw| raw.get() != "null");
    match (present("data"), present("data_base64")) {
        (Some(_), Some(_)) => Err(Fault::at("/data_base64", "both", "an event has data or data_base64, not both")),
        (Some(data), None) => checked((*data).to_owned(), "/data"),
        (None, Some(encoded)) => decoded(encoded).and_then(|data| checked(data, "/data_base64")),
        (None, None) => Err(Fault::at(
            "/data",
            "missing",
            "data is missing: an exception object, or the source's own fields",
        )),
    }
}

fn decoded(encoded: &RawValue) -> Result<Box<RawValue>, Fault> {
    let fault = |code, message: &str| Fault::at("/data_base64", code, message);
    let text: String = serde_json::from_str(encoded.get()).map_err(|_| fault("not-a-text", "data_base64 must be a text"))?;
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|error| fault("not-base64", &format!("this is not Base64 (RFC 4648, section 4): {error}")))?;
    serde_json::from_slice(&bytes).map_err(|error| fault("not-json", &format!("what is encoded here is not JSON: {error}")))
}

fn checked(data: Box<RawValue>, at: &'static str) -> Result<(Box<RawValue>, &'static str), Fault> {
    match serde_json::from_str::<Members<'_>>(data.get()) {
        Ok(_) => Ok((data, at)),
        Err(_) => Err(Fault::at(at, "not-an-object", "the data of an event must be a JSON object")),
    }
}

/// An exception object while it is put together.
struct Made<'b> {
    members: IndexMap<String, Box<RawValue>>,
    payload: Members<'b>,
    context: Members<'b>,
    places: Vec<(&'static str, String)>,
}

impl<'b> Made<'b> {
    fn new(data: &RawValue, sent: &Members<'b>, data_at: &str) -> Self {
        let inner = |name: &str| {
            sent.get(name)
                .and_then(|raw| serde_json::from_str(raw.get()).ok())
                .unwrap_or_default()
        };
        if sent.contains_key("rawPayload") {
            return Self {
                members: sent.iter().map(|(name, raw)| (name.clone(), (*raw).to_owned())).collect(),
                payload: inner("rawPayload"),
                context: inner("normalizedContext"),
                places: vec![("", data_at.to_owned())],
            };
        }
        Self {
            members: IndexMap::from([("rawPayload".to_owned(), data.to_owned())]),
            payload: sent.clone(),
            context: Members::new(),
            places: vec![("", data_at.to_owned()), ("/rawPayload", data_at.to_owned())],
        }
    }

    fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|raw| raw.get() != "null")
    }

    fn payload_has(&self, name: &str) -> bool {
        self.payload.get(name).is_some_and(|raw| raw.get() != "null")
    }

    /// Whether it names its type in one of the places where [`super::RawException`] looks for it.
    fn names_a_type(&self) -> bool {
        let text = |raw: Option<&&RawValue>| raw.is_some_and(|raw| raw.get().starts_with('"'));
        self.has("exceptionType") || text(self.context.get("exceptionType")) || text(self.payload.get("type"))
    }

    fn add(&mut self, name: &'static str, value: &str, from: &str) {
        let place = match name {
            "exceptionId" => "/exceptionId",
            "sourceSystem" => "/sourceSystem",
            "exceptionType" => "/exceptionType",
            _ => "/timestamp",
        };
        self.members.insert(name.to_owned(), text(value));
        self.places.push((place, from.to_owned()));
    }

    /// `normalizedContext.subject`, unless there is one; a context that is no object is left alone to be refused as that.
    fn add_subject(&mut self, subject: &str) {
        let is_object = self
            .members
            .get("normalizedContext")
            .is_none_or(|raw| raw.get().starts_with(['{', 'n']));
        if !is_object || self.context.contains_key("subject") {
            return;
        }
        let subject = text(subject);
        let mut context = self.context.clone();
        context.insert("subject".to_owned(), &subject);
        if let Ok(context) = to_raw_value(&context) {
            self.members.insert("normalizedContext".to_owned(), context);
            self.places.push(("/normalizedContext/subject", "/subject".to_owned()));
        }
    }

    fn finish(self) -> Mapped {
        Mapped {
            object: to_raw_value(&self.members).unwrap_or_else(|_| RawValue::NULL.to_owned()),
            places: self.places,
        }
    }
}

fn text(value: &str) -> Box<RawValue> {
    // Texts always have a form in JSON.
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
