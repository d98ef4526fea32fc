//! One exception of a request, read and triaged, with its faults told where they stand in the body.

use domain::{
    exception::{Arrival, Received},
    fault::Fault,
    pack::Pack,
};
use serde_json::value::RawValue;

use crate::{
    http::idempotency::Asked,
    intake::{Rejected, id_from, take_in},
};

/// An exception before it is stored.
pub struct Item {
    /// What became of it; pointers go into the body.
    pub taken: Result<Received, Rejected>,
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

    /// With an id that follows from an idempotent request, unless its source gave one: carried out again, it is a duplicate.
    pub fn named_by(mut self, asked: Option<Asked>, index: usize, pack: &Pack) -> Self {
        if let (Ok(received), Some(asked)) = (&mut self.taken, asked)
            && received.raw.exception_id.is_none()
        {
            received.id = id_from(pack, asked.seed(index));
        }
        self
    }

    /// What never became an exception object.
    pub fn refused(faults: Vec<Fault>) -> Self {
        Self {
            taken: Err(Rejected { id: None, faults }),
            id_at: String::new(),
        }
    }
}

/// The fault of an id that is taken by other content.
pub fn differs(id_at: String, id: &str, members: &[String]) -> Fault {
    let message = format!("{id} is stored with other content; it differs in {}", members.join(", "));
    Fault::at(id_at, "differs", message)
}
