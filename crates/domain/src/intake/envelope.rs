//! The body of a request: one exception, or several.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

/// The exception objects of a body, each as the JSON text that was sent.
#[derive(Debug)]
pub enum Envelope<'b> {
    /// `{"exception": {…}}`
    Single(&'b RawValue),
    /// `{"exceptions": [{…}, …]}`
    Batch(Vec<&'b RawValue>),
}

/// The body is no envelope; the message says where and what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Malformed {
    #[error("the body is not UTF-8: the byte at offset {0} does not belong to it")]
    NotUtf8(usize),
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    #[error(r#"the body must be an object with "exception" (one object) or "exceptions" (a list of objects){0}"#)]
    NotAnEnvelope(&'static str),
    #[error("the body must be a list")]
    NotAList,
}

#[derive(Deserialize)]
struct Body<'b> {
    #[serde(borrow)]
    exception: Option<&'b RawValue>,
    #[serde(borrow)]
    exceptions: Option<Vec<&'b RawValue>>,
}

/// Finds the exception objects in a body.
pub fn split(body: &[u8]) -> Result<Envelope<'_>, Malformed> {
    let text = text(body)?;
    if text.trim().is_empty() {
        return Err(Malformed::NotAnEnvelope("; it is empty"));
    }
    let body: Body<'_> = serde_json::from_str(text).map_err(|error| refused(text, &error))?;
    match (body.exception, body.exceptions) {
        (Some(one), None) => Ok(Envelope::Single(one)),
        (None, Some(several)) => Ok(Envelope::Batch(several)),
        (Some(_), Some(_)) => Err(Malformed::NotAnEnvelope("; it has both")),
        (None, None) => Err(Malformed::NotAnEnvelope("; it has neither")),
    }
}

/// The one JSON value of a body.
pub fn value(body: &[u8]) -> Result<&RawValue, Malformed> {
    serde_json::from_str(text(body)?).map_err(|error| Malformed::NotJson(error.to_string()))
}

/// The items of a body that is a JSON list.
pub fn list(body: &[u8]) -> Result<Vec<&RawValue>, Malformed> {
    serde_json::from_str(value(body)?.get()).map_err(|_| Malformed::NotAList)
}

/// The exception object of one line, bare or as `{"exception": {…}}`, and the pointer to it.
pub fn line(text: &str) -> Result<(&RawValue, &'static str), Malformed> {
    #[derive(Deserialize)]
    struct Wrapped<'l> {
        #[serde(borrow)]
        exception: &'l RawValue,
        #[serde(rename = "rawPayload")]
        payload: Option<IgnoredAny>,
    }
    // Most lines are bare: a look at the text saves reading them twice. A name may be written with escapes.
    if (text.contains("\"exception\"") || text.contains("\\u"))
        && let Ok(Wrapped { exception, payload: None }) = serde_json::from_str(text)
    {
        return Ok((exception, "/exception"));
    }
    let object = serde_json::from_str(text).map_err(|error| Malformed::NotJson(error.to_string()))?;
    Ok((object, ""))
}

fn text(body: &[u8]) -> Result<&str, Malformed> {
    let text = std::str::from_utf8(body).map_err(|error| Malformed::NotUtf8(error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn refused(text: &str, error: &serde_json::Error) -> Malformed {
    // A body that is JSON but of another shape deserves the sentence about the shape.
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Malformed::NotAnEnvelope(""),
        Err(_) => Malformed::NotJson(error.to_string()),
    }
}
