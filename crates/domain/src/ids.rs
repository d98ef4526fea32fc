//! Identifiers as types, so that no signature takes a bare string where an id is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The text is not a valid identifier; the message says what one looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(pub &'static str);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $valid:path, $says:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if $valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId($says)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A tenant: letters, digits, `_` and `-`, at most 64. Safe to put into SQL text and paths.
    TenantId, is_tenant_id, "a tenant id has 1 to 64 letters, digits, '_' or '-' and starts with a letter or digit"
}

text_id! {
    /// An exception within its tenant: 1 to 200 characters as its source wrote them, no control characters or white space at the ends.
    /// `.` and `..` name no resource in a URL, however they are encoded (RFC 3986, section 5.2.4), so they are refused.
    ExceptionId, is_exception_id,
    "an exception id has 1 to 200 characters, none of them a control character, no white space at its ends, and is not '.' or '..'"
}

text_id! {
    /// A refused object within its tenant: `Q-` and 24 hex digits.
    QuarantineId, is_quarantine_id, "a quarantine id is Q- and 24 hex digits in lower case"
}

text_id! {
    /// A member within its tenant: 1 to 80 letters, digits and hyphens.
    MemberId, is_member_id, "a member id has 1 to 80 letters in lower case, digits and hyphens"
}

fn is_member_id(text: &str) -> bool {
    let fits = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-';
    !text.is_empty() && text.chars().count() <= 80 && text.chars().all(fits)
}

fn is_quarantine_id(text: &str) -> bool {
    let digits = text.strip_prefix("Q-").unwrap_or_default();
    digits.len() == 24 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_tenant_id(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn is_exception_id(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && text.chars().count() <= 200 && text.trim() == text && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_ids_are_plain_words() {
        for good in ["TENANT_FINANCE_001", "a", "9-x"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        for bad in ["", "_x", "a b", "a'b", "ä", &"x".repeat(65)] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn exception_ids_are_what_sources_write_without_controls() {
        for good in ["FIN-1", "ä/ö #1", "a b", "...", ".a", "count", "%2e"] {
            assert!(good.parse::<ExceptionId>().is_ok(), "{good}");
        }
        for bad in ["", " x", "x\n", "a\0b", ".", "..", &"x".repeat(201)] {
            assert!(bad.parse::<ExceptionId>().is_err(), "{bad}");
        }
    }
    #[test]
    fn quarantine_ids_are_24_hex_digits_behind_a_q() {
        assert!("Q-0123456789abcdef01234567".parse::<QuarantineId>().is_ok());
        for bad in [
            "",
            "Q-",
            "Q-0123456789abcdef0123456",
            "Q-0123456789ABCDEF01234567",
            "0123456789abcdef01234567",
        ] {
            assert!(bad.parse::<QuarantineId>().is_err(), "{bad}");
        }
    }
}
