//! One exception object to something that can be stored, or to the faults that refuse it. Pure but for the id it may have to make.

use std::sync::Arc;

use domain::{
    exception::{Arrival, Received},
    fault::Fault,
    ids::ExceptionId,
    intake::{RawException, State},
    pack::Pack,
    reception::{Arriving, Clearing},
    terms,
    triage::{clears, triage},
};
use serde_json::value::RawValue;

use crate::secrets;

/// An exception object that was refused.
#[derive(Debug)]
pub struct Rejected {
    /// Its id, where it had a valid one.
    pub id: Option<ExceptionId>,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
}

/// Reads and triages an exception object.
pub fn take_in(object: &RawValue, pack: &Arc<Pack>, arrival: Arrival) -> Result<Arriving, Rejected> {
    let raw = RawException::parse(object).map_err(|faults| Rejected { id: None, faults })?;
    if raw.state == State::Cleared {
        return match clears(&raw, pack) {
            Ok(by) => Ok(Arriving::Clearing(Box::new(Clearing {
                by,
                raw,
                pack: Arc::clone(pack),
                arrival,
            }))),
            Err(faults) => Err(Rejected {
                id: raw.exception_id,
                faults,
            }),
        };
    }
    match triage(&raw, pack, arrival.at) {
        Ok(triaged) => {
            let id = raw.exception_id.clone().unwrap_or_else(|| make_id(pack));
            let received = Received::new(id, raw, triaged, pack, arrival);
            match too_many_values(&received) {
                None => Ok(Arriving::Exception(Box::new(received))),
                Some(fault) => Err(Rejected {
                    id: Some(received.id),
                    faults: vec![fault],
                }),
            }
        }
        Err(faults) => Err(Rejected {
            id: raw.exception_id,
            faults,
        }),
    }
}

/// The fault of an exception with more values than it can be found by: none is stored that a filter would miss.
fn too_many_values(received: &Received) -> Option<Fault> {
    let size = terms::size(&received.terms);
    let message = || {
        let most = terms::MAX_SIZE;
        format!("the values of its declared fields take {size} bytes in the search index, at most {most} can be kept: send shorter lists")
    };
    (size > terms::MAX_SIZE).then(|| Fault::at("/rawPayload", "too-many-values", message()))
}

fn make_id(pack: &Pack) -> ExceptionId {
    id_of(pack, secrets::uuid())
}

/// An id of ours from 128 bits that the caller chose (RFC 9562, version 8).
pub fn id_from(pack: &Pack, bits: [u8; 16]) -> ExceptionId {
    id_of(pack, uuid::Builder::from_custom_bytes(bits).into_uuid())
}

fn id_of(pack: &Pack, uuid: uuid::Uuid) -> ExceptionId {
    let text = format!("{}-{uuid}", pack.document().id_prefix);
    // Unwrap safety: a prefix of capital letters and a UUID are a valid id.
    text.parse().expect("a valid id")
}
