//! Lists of values as one text: values between commas, with a backslash before a comma or a backslash that belongs to a value.

/// A text that is no list; the message says what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidList {
    /// Nothing stands between two commas, or in the whole text.
    #[error(r"a value of the list is empty; write values between commas, and \, for a comma within a value")]
    EmptyValue,
    /// A backslash before something else, or at the end.
    #[error(r"a backslash stands before a comma or a backslash that belongs to a value; write \\ for a backslash")]
    LoneBackslash,
}

/// The values of a list, without white space at their ends. `\,` is a comma within a value and `\\` a backslash.
pub fn list_values(text: &str) -> Result<Vec<String>, InvalidList> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ',' => values.push(std::mem::take(&mut value)),
            '\\' => match characters.next() {
                Some(escaped @ (',' | '\\')) => value.push(escaped),
                _ => return Err(InvalidList::LoneBackslash),
            },
            other => value.push(other),
        }
    }
    values.push(value);
    let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err(InvalidList::EmptyValue);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_split_at_commas_that_are_not_escaped() {
        for (text, values) in [
            ("A", &["A"][..]),
            ("A,B , C", &["A", "B", "C"]),
            (r"DTCC\, Inc.,Oven", &["DTCC, Inc.", "Oven"]),
            (r"a\\,b", &[r"a\", "b"]),
        ] {
            assert_eq!(list_values(text).expect("a list"), values, "{text}");
        }
        for text in ["", " ", ",", "A,", ",A", "A,,B"] {
            assert_eq!(list_values(text), Err(InvalidList::EmptyValue), "{text}");
        }
        for text in [r"A\", r"A\B", r"\ "] {
            assert_eq!(list_values(text), Err(InvalidList::LoneBackslash), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_value_can_be_written(values in proptest::collection::vec(r"[a-z,\\é][a-z,\\é ]{0,8}", 1..4)) {
            let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
            let written = values.iter().map(|value| value.replace('\\', r"\\").replace(',', r"\,"));
            prop_assert_eq!(list_values(&written.collect::<Vec<_>>().join(",")).expect("a list"), values);
        }
    }
}
