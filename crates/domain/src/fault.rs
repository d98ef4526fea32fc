//! What is wrong with an input, and where.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::text::printable;

/// One fault: a JSON pointer (RFC 6901) to the place, a stable code, a sentence for people.
///
/// Faults that refuse an exception and findings shown on an accepted one have the same shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer into the exception object; empty for the whole.
    pub pointer: String,
    /// Stable code in kebab case.
    pub code: Cow<'static, str>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault at a place. Texts of a sender that it quotes lose their control characters, which cannot be stored.
    pub fn at(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into().replace(char::is_control, " "),
            code: Cow::Borrowed(code),
            message: printable(&message.into()).into_owned(),
        }
    }
}

/// Escapes one step of a JSON pointer.
pub fn pointer_step(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        Cow::Owned(name.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(name)
    }
}
