//! How much one exception may consist of: a pack may nest lists and repeat texts, and must not exhaust the machine by it.

use serde_json::Value;

use crate::fault::SeedProblem;

/// Most values made for one exception, those within lists and objects and those that are not sent included.
const MOST_VALUES: u32 = 10_000;
/// Greatest size of one value, in bytes of its texts and 8 for anything else.
const LARGEST_VALUE: usize = 64 << 10;
/// Greatest size of all values of one exception.
const LARGEST_EXCEPTION: usize = 1 << 20;

/// What is left for one exception.
#[derive(Debug)]
pub(crate) struct Budget {
    values: u32,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Budget {
            values: MOST_VALUES,
            bytes: LARGEST_EXCEPTION,
        }
    }

    /// Before a value is made.
    pub(crate) fn spend_value(&mut self) -> Result<(), SeedProblem> {
        let left = self.values.checked_sub(1);
        self.values = left.ok_or(SeedProblem::TooLarge("one exception consists of more than 10,000 values"))?;
        Ok(())
    }

    /// After it is made, before it can become part of others.
    pub(crate) fn spend_size(&mut self, value: &Value) -> Result<(), SeedProblem> {
        let size = size(value);
        check(size)?;
        let left = self.bytes.checked_sub(size);
        self.bytes = left.ok_or(SeedProblem::TooLarge("the values of one exception have more than 1 MiB"))?;
        Ok(())
    }
}

/// Refuses what is too large for one value.
pub(crate) fn check(size: usize) -> Result<(), SeedProblem> {
    if size > LARGEST_VALUE {
        return Err(SeedProblem::TooLarge("the value has more than 64 KiB"));
    }
    Ok(())
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
