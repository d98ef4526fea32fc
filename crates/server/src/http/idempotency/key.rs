//! The header `Idempotency-Key`: a structured-field string (RFC 9651, section 3.3.3), or the bare text that most clients send.

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::http::problem::ApiError;

/// Name of the header.
pub const HEADER: &str = "idempotency-key";
/// Longest key.
const MAX_KEY: usize = 255;

/// SHA-256 of the key; none where the header is missing.
pub fn of(headers: &HeaderMap) -> Result<Option<[u8; 32]>, ApiError> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed());
    }
    let text = value.to_str().map_err(|_| malformed())?.trim_matches([' ', '\t']);
    let key = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest),
        None => Some(text.to_owned()).filter(|key| !key.contains(['"', '\\', ',', ';'])),
    };
    let visible = |key: &String| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = key.filter(visible).ok_or_else(malformed)?;
    Ok(Some(Sha256::digest(key.as_bytes()).into()))
}

/// The text of a quoted string after its first quote. None if it does not end with its last.
fn unquoted(rest: &str) -> Option<String> {
    let mut plain = String::with_capacity(rest.len());
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(plain),
            '\\' => plain.push(chars.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            other => plain.push(other),
        }
    }
}

fn malformed() -> ApiError {
    ApiError::Malformed(format!(
        "Idempotency-Key must be one text of 1 to {MAX_KEY} visible ASCII characters without spaces, best a UUID in double quotes"
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key(value: &str) -> Result<Option<[u8; 32]>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(value).expect("a header"));
        of(&headers)
    }

    #[test]
    fn a_key_is_the_same_quoted_and_bare() {
        for (quoted, bare) in [
            (r#""8e03978e-40d5""#, "8e03978e-40d5"),
            (r#" "a/b+c==" "#, "a/b+c=="),
            ("\"x\"", " x\t"),
        ] {
            assert_eq!(key(quoted).expect("a key"), key(bare).expect("a key"), "{quoted}");
        }
        assert_eq!(key(r#""a\"b\\c""#).expect("a key"), Some(Sha256::digest(br#"a"b\c"#).into()));
        assert_ne!(key("a").expect("a key"), key("b").expect("a key"));
        assert!(of(&HeaderMap::new()).expect("no header").is_none());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "x".repeat(256);
        for bad in [
            "",
            "\"\"",
            "\"",
            "\"a",
            "a\"b",
            "\"a\"b",
            "\"a\";p=1",
            r#""a\n""#,
            "a b",
            "\"a b\"",
            "a,b",
            "a\\b",
            &long,
        ] {
            assert!(key(bad).is_err(), "{bad}");
        }
        assert!(key(&long[1..]).is_ok());
        let mut twice = HeaderMap::new();
        twice.append(HEADER, HeaderValue::from_static("a"));
        twice.append(HEADER, HeaderValue::from_static("a"));
        assert!(of(&twice).is_err());
    }
}
