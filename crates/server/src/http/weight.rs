//! What JSON weighs once it is parsed: many small values take far more memory than their text.

/// Bytes that a value takes on its way from text to row, measured with arrays of numbers.
pub const VALUE: usize = 256;

/// How many values a text of JSON has, roughly: each begins after a bracket or a comma. What stands in strings does not count.
pub fn values(json: &[u8]) -> usize {
    let (mut values, mut inside, mut escaped) = (0, false, false);
    for &byte in json {
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            inside = byte == b'"';
            values += usize::from(matches!(byte, b',' | b'[' | b'{'));
        }
    }
    values
}

/// Bytes that a text and its values take.
pub fn weight(json: &[u8]) -> usize {
    json.len() + values(json) * VALUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_texts_are_not() {
        for (json, count) in [
            ("7", 0),
            ("[1, 2, 3]", 3),
            (r#"{"a": 1, "b": [1, 2]}"#, 4),
            (r#"{"a": "x,[{,\",\\", "b": ","}"#, 2),
            (r#"["\\", "\\\"", 1]"#, 3),
            ("", 0),
        ] {
            assert_eq!(values(json.as_bytes()), count, "{json}");
        }
    }
}
