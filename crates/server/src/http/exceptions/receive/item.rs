//! One exception of a request, read and triaged, with its faults told where they stand in the body.

use std::sync::Arc;

use std::borrow::Cow;

use domain::{
    exception::Arrival,
    fault::Fault,
    intake::quarantine::{Form, Outline, id_of, stable_id},
    pack::Pack,
    reception::{Arriving, NotAllowed, Refusal},
};
use indexmap::IndexMap;
use serde_json::value::{RawValue, to_raw_value};
use store::quarantine::Refused;

use crate::{
    http::idempotency::Asked,
    intake::{Rejected, id_from, take_in},
};

/// An exception before it is stored.
pub struct Item<'b> {
    /// What became of it; pointers go into the body.
    pub taken: Result<Arriving, Rejected>,
    /// Where it came from.
    pub place: Place<'b>,
}

/// Where in a body an exception came from.
pub struct Place<'b> {
    /// What was sent; none where it is not JSON.
    sent: Option<Sent<'b>>,
    /// Pointer to what was sent.
    at: String,
    /// Pointer to its id.
    pub id_at: String,
}

/// What was sent for one exception.
pub enum Sent<'b> {
    /// An exception object.
    Exception(&'b RawValue),
    /// A CloudEvent.
    Event(&'b RawValue),
    /// A CloudEvent whose attributes stood beside its data.
    EventInHeaders(&'b IndexMap<String, String>, &'b RawValue),
}

impl<'b> Item<'b> {
    /// From an exception object at a place of the body.
    pub fn of_object(object: &'b RawValue, at: &str, pack: &Arc<Pack>, arrival: Arrival) -> Self {
        let placed = |pointer: &str| format!("{at}{pointer}");
        Self::placed(object, (Sent::Exception(object), at), (pack, arrival), placed)
    }

    /// From an exception object whose places stand elsewhere in the body, made of what was sent.
    pub fn placed(
        object: &RawValue,
        (sent, at): (Sent<'b>, &str),
        (pack, arrival): (&Arc<Pack>, Arrival),
        place: impl Fn(&str) -> String,
    ) -> Self {
        let taken = take_in(object, pack, arrival).map_err(|mut rejected| {
            for fault in &mut rejected.faults {
                fault.pointer = place(&fault.pointer);
            }
            rejected
        });
        let id_at = place("/exceptionId");
        let (sent, at) = (Some(sent), at.to_owned());
        Self {
            taken,
            place: Place { sent, at, id_at },
        }
    }

    /// With an id that follows from an idempotent request, unless its source gave one: carried out again, it is a duplicate.
    pub fn named_by(mut self, asked: Option<Asked>, index: usize, pack: &Pack) -> Self {
        if let (Ok(Arriving::Exception(received)), Some(asked)) = (&mut self.taken, asked)
            && received.raw.exception_id.is_none()
        {
            received.id = id_from(pack, asked.seed(index));
        }
        self
    }

    /// What was sent never became an exception object.
    pub fn refused(sent: Option<(Sent<'b>, &str)>, faults: Vec<Fault>) -> Self {
        let (sent, at) = sent.map_or((None, ""), |(sent, at)| (Some(sent), at));
        let (at, id_at) = (at.to_owned(), String::new());
        Self {
            taken: Err(Rejected { id: None, faults }),
            place: Place { sent, at, id_at },
        }
    }
}

impl Place<'_> {
    /// What is kept of it when it is refused; its pointers go into what was sent.
    pub fn refused(&self, faults: &[Fault], pack: &Pack) -> Option<Refused> {
        let (form, object) = self.sent.as_ref()?.object();
        let id = id_of(form, object.get());
        let outline = Outline::of(form, &object, |name| pack.exception_type(name).is_some());
        let faults = faults.iter().map(|fault| Fault {
            pointer: fault.pointer.strip_prefix(&self.at).unwrap_or(&fault.pointer).to_owned(),
            ..fault.clone()
        });
        Some(Refused {
            exception_id: outline.exception_id.unwrap_or_else(|| stable_id(&pack.document().id_prefix, &id)),
            exception_type: outline.exception_type,
            source_system: outline.source_system,
            faults: faults.collect(),
            object: object.get().to_owned(),
            form,
            id,
        })
    }
}

impl Sent<'_> {
    /// What was sent as one object, and what it was meant to be.
    fn object(&self) -> (Form, Cow<'_, RawValue>) {
        match self {
            Sent::Exception(object) => (Form::Exception, Cow::Borrowed(*object)),
            Sent::Event(event) => (Form::Event, Cow::Borrowed(*event)),
            Sent::EventInHeaders(attributes, data) => (Form::Event, Cow::Owned(structured(attributes, data))),
        }
    }
}

/// An event in binary mode, written as the same event in structured mode.
fn structured(attributes: &IndexMap<String, String>, data: &RawValue) -> Box<RawValue> {
    let texts = attributes
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "data" | "data_base64"));
    let mut members: IndexMap<&str, Box<RawValue>> = texts
        .filter_map(|(name, text)| Some((name.as_str(), to_raw_value(text).ok()?)))
        .collect();
    members.insert("data", data.to_owned());
    // Texts and JSON are JSON.
    to_raw_value(&members).unwrap_or_else(|_| data.to_owned())
}

/// The id an arrival names, if it names one.
pub fn named(arriving: &Arriving) -> Option<String> {
    match arriving {
        Arriving::Exception(received) => Some(received.id.to_string()),
        Arriving::Clearing(clearing) => clearing.raw.exception_id.as_ref().map(ToString::to_string),
    }
}

/// The fault of an arrival that the store refused.
pub fn refused(id_at: &str, id: Option<&str>, refusal: &Refusal) -> Fault {
    match refusal {
        Refusal::Differs(members) => {
            let (id, members) = (id.unwrap_or_default(), members.join(", "));
            let message =
                format!("{id} is stored with other content; it differs in {members}. To replace it, send it with ?onConflict=revise");
            Fault::at(id_at, "differs", message)
        }
        Refusal::SourceNotAllowed(NotAllowed::Send) => {
            let message = "the key is one of other source systems: send it with a key of the sourceSystem that it names";
            Fault::at(id_at.replace("/exceptionId", "/sourceSystem"), "source-not-allowed", message)
        }
        Refusal::SourceNotAllowed(NotAllowed::Change { source_system }) => {
            let message = format!(
                "only {source_system} clears and revises what it sent: name it as sourceSystem, and send it with a source key, which \
                 `sentinai key create --source '{source_system}'` makes"
            );
            Fault::at(id_at.replace("/exceptionId", "/sourceSystem"), "source-not-allowed", message)
        }
        Refusal::NothingToClear => {
            let message = "no exception of this source system is meant by this clearing: send the exceptionId, or exceptionType and the fingerprint fields of one we have";
            Fault::at(id_at, "nothing-to-clear", message)
        }
        Refusal::NotStorable => {
            let message = "the database refuses this exception, for a reason in the log of the server: it is our fault. It is kept; replay it once that is mended";
            Fault::at(id_at, "not-stored", message)
        }
    }
}
