//! In which form a request brings exceptions, from its headers.

use axum::http::HeaderMap;
use indexmap::IndexMap;

use super::events;
use crate::http::{
    body::{essence, require_json},
    problem::ApiError,
};

/// Forms of a body.
pub enum Form {
    /// Read whole, up to a limit.
    Whole(Whole),
    /// One exception per line, read as a stream.
    Lines,
}

/// Forms of a body that is read whole.
pub enum Whole {
    /// An envelope of ours.
    Json,
    /// A CloudEvent in structured mode.
    Event,
    /// CloudEvents in batch mode.
    Events,
    /// A CloudEvent in binary mode: attributes in the headers, decoded; the body is its data.
    EventInHeaders(IndexMap<String, String>),
}

impl Form {
    /// The form that the headers declare.
    ///
    /// The media type goes before `ce-` headers (CloudEvents HTTP binding 1.0.2, section 3).
    pub fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        match essence(headers).as_str() {
            "application/cloudevents+json" => return Ok(Form::Whole(Whole::Event)),
            "application/cloudevents-batch+json" => return Ok(Form::Whole(Whole::Events)),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => return Ok(Form::Lines),
            other if other.starts_with("application/cloudevents") => return Err(ApiError::UnsupportedMediaType(other.to_owned())),
            _ => {}
        }
        if let Some(attributes) = events::attributes(headers)? {
            return Ok(Form::Whole(Whole::EventInHeaders(attributes)));
        }
        require_json(headers)?;
        Ok(Form::Whole(Whole::Json))
    }
}
