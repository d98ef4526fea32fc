//! Targets of fuzzing: each takes any bytes and panics where a law is broken.
//!
//! libFuzzer (`make fuzz`) and a short deterministic run (the tests of this crate) drive the same functions.
#![expect(clippy::missing_panics_doc, reason = "to panic is how a target tells what it found")]

mod mutation;
mod rule;

use domain::intake::{
    RawException,
    cloud_event::CloudEvent,
    differences,
    envelope::{Envelope, line, list, split, value},
    lines::{Line, Lines},
};
use serde_json::value::RawValue;

pub use mutation::Mutation;
pub use rule::rule;

/// A function that takes any bytes.
pub type Target = fn(&[u8]);

/// All targets; each has its corpus in `fuzz/corpus/<name>`.
pub const TARGETS: [(&str, Target); 4] = [
    ("envelope", envelope),
    ("lines", lines),
    ("cloud_event", cloud_event),
    ("rule", rule),
];

/// A body in any form, and the exception objects in it.
pub fn envelope(bytes: &[u8]) {
    match split(bytes) {
        Ok(Envelope::Single(object)) => exception(object),
        Ok(Envelope::Batch(objects)) => objects.into_iter().for_each(exception),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok((object, at)) = line(text)
    {
        assert!(at.is_empty() || object.get().len() < text.len());
        exception(object);
    }
}

fn exception(object: &RawValue) {
    match RawException::parse(object) {
        Ok(raw) => {
            assert!(object.get().contains(&raw.content.payload), "the payload is kept as sent");
            assert!(differences(&raw.content, &raw.content).is_empty());
            let whole = format!(r#"{{"rawPayload":{},"sourceSystem":"S"}}"#, raw.content.payload);
            let again: Box<RawValue> = serde_json::from_str(&whole).expect("what was kept is JSON");
            assert!(RawException::parse(&again).is_ok_and(|again| again.content.payload == raw.content.payload) || has_claims(&raw));
        }
        Err(faults) => assert!(faults.iter().all(|fault| !fault.message.is_empty()) && !faults.is_empty()),
    }
}

/// Whether the payload says something that members beside it said better.
fn has_claims(raw: &RawException) -> bool {
    ["exceptionId", "type", "timestamp"]
        .iter()
        .any(|name| raw.payload.contains_key(*name))
}

/// A stream of lines: any pieces give the same lines. The first two bytes say how long lines and pieces may be.
pub fn lines(bytes: &[u8]) {
    let [limit, size, stream @ ..] = bytes else { return };
    let cut = |size: usize| {
        let (mut lines, mut found) = (Lines::new(usize::from(*limit)), Vec::<Line>::new());
        stream
            .chunks(size)
            .for_each(|piece| lines.feed(piece, &mut |line| found.push(line)));
        lines.end(&mut |line| found.push(line));
        found
    };
    let whole = cut(stream.len().max(1));
    assert_eq!(cut(usize::from(*size).max(1)), whole);
    assert!(
        whole
            .iter()
            .flat_map(|line| &line.text)
            .all(|text| text.len() <= usize::from(*limit) && !text.contains('\n'))
    );
}

/// An event, or a list of them, as exception objects.
pub fn cloud_event(bytes: &[u8]) {
    for event in value(bytes).into_iter().chain(list(bytes).unwrap_or_default()) {
        match CloudEvent::structured(event) {
            Ok(read) => {
                let mapped = read.into_exception(|name| name.len() % 2 == 0);
                exception(&mapped.object);
                for fault in RawException::parse(&mapped.object).err().unwrap_or_default() {
                    let pointer = mapped.pointer(&fault.pointer);
                    assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
                }
            }
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
}
