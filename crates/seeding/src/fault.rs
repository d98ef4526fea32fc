//! What is wrong with the seed part of a pack.

use domain::{calendar::CalendarFault, expression::ExpressionFault};

/// A fault and its place in the pack document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {problem}")]
pub struct SeedFault {
    /// JSON pointer of the part that is wrong, e.g. `/exceptionTypes/LATE/seed/fields/amount`.
    pub pointer: String,
    /// What is wrong with it.
    pub problem: SeedProblem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SeedProblem {
    #[error("no exception type has a seed with a weight above 0")]
    NothingToSeed,
    #[error("there is no {what} {name:?}")]
    Unknown { what: &'static str, name: String },
    #[error("{name:?} is not known here: only values made earlier are")]
    UnknownValue { name: String },
    #[error("the required field {name:?} is never made, or not always")]
    RequiredField { name: String },
    #[error("the range is empty: {what} is above {than}")]
    EmptyRange { what: &'static str, than: &'static str },
    #[error("{what} must be {must}")]
    Number { what: &'static str, must: &'static str },
    #[error("there is nothing to choose from")]
    NothingToChoose,
    #[error("weights must be 0 or more, and one of them above 0")]
    Weights,
    #[error("{0:?} has a placeholder that does not end")]
    OpenPlaceholder(String),
    #[error("{0:?} is not a time of day like 09:30")]
    TimeOfDay(String),
    #[error("the pool {pool:?} has fewer members than one exception needs ({needed})")]
    SmallPool { pool: String, needed: usize },
    #[error("a pool may only use pools declared before it, not {0:?}")]
    LaterPool(String),
    #[error(transparent)]
    Calendar(CalendarFault),
    #[error("the expression `{source_text}` is refused: {fault}")]
    Expression { source_text: String, fault: ExpressionFault },
    #[error("the expression `{source_text}` fails: {reason}")]
    Evaluation { source_text: String, reason: String },
    #[error("the condition `{0}` is neither true nor false")]
    NotACondition(String),
    #[error("{name:?} is {value} and not a date")]
    NotADate { name: String, value: String },
    #[error("{0}")]
    TooLarge(&'static str),
    #[error("a date is out of range")]
    DateRange,
}

/// Adds a name to a JSON pointer.
pub(crate) fn join(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
