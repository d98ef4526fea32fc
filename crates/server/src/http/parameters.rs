//! Parameters of a query by name. Each is taken once by whoever knows it; an empty value, and what nobody took, is refused.

use axum::http::request::Parts;
use domain::{fault::Fault, filter::list_values};

use super::problem::ApiError;

/// Longest name, id or search text, in characters: no stored one is longer.
pub const MAX_NAME: usize = 200;

/// The parameters of a query, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Parameters {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Parameters {
    /// The parameters of a request in their order.
    pub fn of(parts: &Parts) -> Result<Self, ApiError> {
        let given = serde_urlencoded::from_str(parts.uri.query().unwrap_or(""))
            .map_err(|error| ApiError::Malformed(format!("the query cannot be read: {error}")))?;
        Ok(Self { given, ..Self::default() })
    }

    /// Whether a parameter is there and not yet taken.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// Takes all values whose parameter is chosen, with the names of the parameters.
    pub fn take(&mut self, is_chosen: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let (taken, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.given).into_iter().partition(|(name, _)| is_chosen(name));
        self.given = rest;
        let (empty, taken): (Vec<_>, Vec<_>) = taken.into_iter().partition(|(_, value)| value.is_empty());
        for (name, _) in empty {
            self.fault(&name, "the value is empty; write one, or leave the parameter out");
        }
        taken
    }

    /// Takes a parameter that has one value.
    pub fn one(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut values = self.take(|given| given == name);
        if values.len() > 1 {
            self.fault(name, "it is given more than once; give it once");
        }
        values.pop().map(|(_, value)| value)
    }

    /// Takes a parameter that is a text of at most so many characters.
    pub fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        let text = self.one(name)?;
        self.check_text(name, &text, longest);
        Some(text)
    }

    /// Takes a parameter that is a value of a payload: any text of at most so many characters.
    pub fn value(&mut self, name: &'static str, longest: usize) -> Option<String> {
        let value = self.one(name)?;
        self.check_length(name, &value, longest);
        Some(value)
    }

    /// Refuses a text that is too long.
    pub fn check_length(&mut self, name: &str, text: &str, longest: usize) {
        if text.chars().count() > longest {
            self.fault(name, format!("the text is too long; write at most {longest} characters"));
        }
    }

    /// Refuses a text that is too long, or that cannot be stored.
    fn check_text(&mut self, name: &str, text: &str, longest: usize) {
        self.check_length(name, text, longest);
        if text.contains('\0') {
            self.fault(name, "a NUL character cannot occur; leave it out");
        }
    }

    /// Takes a parameter that is a list: repeated, separated by commas, or both. A backslash makes the comma behind it part of a value.
    pub fn list(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let mut values = Vec::new();
        for (_, text) in self.take(|given| given == name) {
            match list_values(&text) {
                Ok(items) => values.extend(items),
                Err(why) => self.fault(name, why),
            }
        }
        for value in &values {
            self.check_text(name, value, MAX_NAME);
        }
        values
    }

    /// Takes a parameter with one value and reads it.
    pub fn read<T, E: std::fmt::Display>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.one(name)?;
        read(&text).map_err(|error| self.fault(name, error)).ok()
    }

    /// Takes a list and reads each of its values.
    pub fn read_list<T, E: std::fmt::Display>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
        let mut values = Vec::new();
        for word in self.list(name) {
            match read(&word) {
                Ok(value) => values.push(value),
                Err(error) => self.fault(name, format!("'{word}': {error}")),
            }
        }
        values
    }

    /// Takes the number of entries per page.
    pub fn limit(&mut self, unless_given: u32, most: u32) -> u32 {
        let read = |text: &str| {
            let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
            limit.ok_or_else(|| format!("limit is a number from 1 to {most}"))
        };
        self.read("limit", read).unwrap_or(unless_given)
    }

    /// Notes that a parameter is wrong.
    pub fn fault(&mut self, name: &str, message: impl std::fmt::Display) {
        self.faults.push(Fault::at(name, "invalid", message.to_string()));
    }

    /// Refuses what is wrong, and parameters that nobody took.
    pub fn end(mut self) -> Result<(), ApiError> {
        for (name, _) in std::mem::take(&mut self.given) {
            let known = self.known.join(", ");
            self.fault(&name, format!("there is no such parameter; there are {known}"));
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let messages = self.faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message));
        Err(ApiError::Malformed(messages.collect::<Vec<_>>().join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        Parameters {
            given: pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            ..Parameters::default()
        }
    }

    #[test]
    fn repeated_lists_add_up_and_repeated_texts_are_refused() {
        let mut given = parameters(&[("source", "A,B"), ("q", "x"), ("source", "C"), ("q", "y")]);
        assert_eq!(given.list("source"), ["A", "B", "C"]);
        given.text("q", MAX_NAME);
        let refused = given.end().unwrap_err().detail();
        assert_eq!(refused, "q: it is given more than once; give it once");
    }
}
