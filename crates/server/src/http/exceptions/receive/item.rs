//! One exception of a request, read and triaged, with its faults told where they stand in the body.

use domain::{
    exception::Arrival,
    fault::Fault,
    pack::Pack,
    reception::{Arriving, Refusal},
};
use serde_json::value::RawValue;

use crate::intake::{Rejected, take_in};

/// An exception before it is stored.
pub struct Item {
    /// What became of it; pointers go into the body.
    pub taken: Result<Arriving, Rejected>,
    /// Where in the body its id stands.
    pub id_at: String,
}

impl Item {
    /// From an exception object at a place of the body.
    pub fn of_object(object: &RawValue, at: &str, pack: &Pack, arrival: Arrival) -> Self {
        Self::placed(object, pack, arrival, |pointer| format!("{at}{pointer}"))
    }

    /// From an exception object whose places stand elsewhere in the body.
    pub fn placed(object: &RawValue, pack: &Pack, arrival: Arrival, place: impl Fn(&str) -> String) -> Self {
        let taken = take_in(object, pack, arrival).map_err(|mut rejected| {
            for fault in &mut rejected.faults {
                fault.pointer = place(&fault.pointer);
            }
            rejected
        });
        Self {
            taken,
            id_at: place("/exceptionId"),
        }
    }

    /// What never became an exception object.
    pub fn refused(faults: Vec<Fault>) -> Self {
        Self {
            taken: Err(Rejected { id: None, faults }),
            id_at: String::new(),
        }
    }
}

/// The id an arrival names, if it names one.
pub fn id_of(arriving: &Arriving) -> Option<String> {
    match arriving {
        Arriving::Exception(received) => Some(received.id.to_string()),
        Arriving::Clearing(clearing) => clearing.raw.exception_id.as_ref().map(ToString::to_string),
    }
}

/// The fault of an arrival that the store refused.
pub fn refused(id_at: String, id: Option<&str>, refusal: &Refusal) -> Fault {
    match refusal {
        Refusal::Differs(members) => {
            let (id, members) = (id.unwrap_or_default(), members.join(", "));
            let message =
                format!("{id} is stored with other content; it differs in {members}. To replace it, send it with ?onConflict=revise");
            Fault::at(id_at, "differs", message)
        }
        Refusal::NothingToClear => {
            let message =
                "no exception is meant by this clearing: send the exceptionId, or exceptionType and the fingerprint fields of one we have";
            Fault::at(id_at, "nothing-to-clear", message)
        }
    }
}
