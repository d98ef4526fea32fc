//! CloudEvents over HTTP (CloudEvents HTTP protocol binding 1.0.2): attributes from headers, events as items.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use domain::{
    exception::Arrival,
    fault::{Fault, pointer_step},
    intake::cloud_event::CloudEvent,
    pack::Pack,
};
use indexmap::IndexMap;
use percent_encoding::percent_decode;
use serde_json::value::RawValue;

use super::item::{Item, Sent};
use crate::http::{body::require_json, problem::ApiError};

const PREFIX: &str = "ce-";
/// Any of them makes a request an event in binary mode.
const REQUIRED: [&str; 4] = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

/// An event in structured mode, at a place of the body.
pub fn structured<'b>(event: &'b RawValue, at: &str, pack: &Arc<Pack>, arrival: Arrival) -> Item<'b> {
    item(CloudEvent::structured(event), (Sent::Event(event), at), pack, arrival)
}

/// An event in binary mode. Its faults are told as though it had come in structured mode.
pub fn binary<'b>(attributes: &'b IndexMap<String, String>, data: &'b RawValue, pack: &Arc<Pack>, arrival: Arrival) -> Item<'b> {
    item(
        CloudEvent::beside(attributes, data),
        (Sent::EventInHeaders(attributes, data), ""),
        pack,
        arrival,
    )
}

fn item<'b>(event: Result<CloudEvent, Vec<Fault>>, (sent, at): (Sent<'b>, &str), pack: &Arc<Pack>, arrival: Arrival) -> Item<'b> {
    match event {
        Ok(event) => {
            let mapped = event.into_exception(|name| pack.exception_type(name).is_some());
            let placed = |pointer: &str| format!("{at}{}", mapped.pointer(pointer));
            Item::placed(&mapped.object, (sent, at), (pack, arrival), placed)
        }
        Err(faults) => {
            let placed = faults.into_iter().map(|fault| Fault {
                pointer: format!("{at}{}", fault.pointer),
                ..fault
            });
            Item::refused(Some((sent, at)), placed.collect())
        }
    }
}

/// The attributes of an event in binary mode, none where the request is no event.
pub fn attributes(headers: &HeaderMap) -> Result<Option<IndexMap<String, String>>, ApiError> {
    if !REQUIRED.iter().any(|name| headers.contains_key(*name)) {
        return Ok(None);
    }
    let mut attributes = IndexMap::new();
    for (name, value) in headers {
        if let Some(attribute) = name.as_str().strip_prefix(PREFIX) {
            attributes.insert(attribute.to_owned(), decoded(attribute, value)?);
        }
    }
    // The content type of the request is that of the data; no header of its own may say otherwise.
    attributes.shift_remove("datacontenttype");
    // Where it is the default of a small tool, it says nothing.
    if let Some(media) = headers.get(header::CONTENT_TYPE).filter(|_| require_json(headers).is_err()) {
        attributes.insert("datacontenttype".to_owned(), String::from_utf8_lossy(media.as_bytes()).into_owned());
    }
    Ok(Some(attributes))
}

/// A header's value as text: quotes removed, then percent-decoded once (HTTP binding 1.0.2, section 3.1.3.2).
fn decoded(attribute: &str, value: &HeaderValue) -> Result<String, ApiError> {
    percent_decode(&unquoted(value.as_bytes()))
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| {
            ApiError::Refused(vec![Fault::at(
                format!("/{}", pointer_step(attribute)),
                "not-utf8",
                format!("the header {PREFIX}{attribute} is not percent-encoded UTF-8"),
            )])
        })
}

/// Takes a quoted string apart (RFC 9110, section 5.6.4); anything else stays as it is.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return value.to_vec();
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut escaped = false;
    for &byte in inner {
        escaped = !escaped && byte == b'\\';
        if !escaped {
            plain.push(byte);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_unquoted_and_then_decoded_once() {
        for (sent, meant) in [
            ("plain", "plain"),
            ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            ("%2520", "%20"),
            (r#""a \"b\" \\ c""#, r#"a "b" \ c"#),
            (r#""%20""#, " "),
            ("%zz", "%zz"),
        ] {
            assert_eq!(decoded("subject", &HeaderValue::from_static(sent)).expect("text"), meant);
        }
        assert!(decoded("subject", &HeaderValue::from_static("%ff")).is_err());
    }
}
