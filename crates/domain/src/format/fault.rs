//! Why a text is not an identifier: one line an operator understands.

use std::borrow::Cow;

use super::Format;

/// What is wrong with an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// Too short or too long.
    #[error("{} has {got} characters, expected {expected}", .format.name())]
    Length {
        /// The format asked for.
        format: Format,
        /// Possible lengths.
        expected: Cow<'static, str>,
        /// Length of the text.
        got: usize,
    },
    /// A character the format does not have at this place.
    #[error("{} has {found:?} at position {position}, expected {expected}", .format.name())]
    Character {
        /// The format asked for.
        format: Format,
        /// Place in the text, from 1.
        position: usize,
        /// What is there.
        found: char,
        /// What may be there.
        expected: &'static str,
    },
    /// The check digits do not belong to the rest: most often a typing error.
    #[error("{} check {} {got}, expected {expected}", .format.name(), if .got.len() == 1 { "digit is" } else { "digits are" })]
    CheckDigit {
        /// The format asked for.
        format: Format,
        /// What the other characters give.
        expected: String,
        /// What is there.
        got: String,
    },
    /// A code that is in no list.
    #[error("{} {got:?} is unknown", .list)]
    Unknown {
        /// The format asked for.
        format: Format,
        /// What the list is of, e.g. `IBAN country`.
        list: &'static str,
        /// What is there.
        got: String,
    },
    /// An identifier that another one is made of is wrong.
    #[error("{} holds a wrong number: {inner}", .format.name())]
    Part {
        /// The format asked for.
        format: Format,
        /// What is wrong with the part.
        inner: Box<FormatFault>,
    },
}
