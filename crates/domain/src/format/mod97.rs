//! Check digits MOD 97-10 (ISO/IEC 7064), which LEI and IBAN share.

use super::chars;

/// The two digits that make the number, letters expanded to A = 10 to Z = 35, leave 1 when divided by 97: `02` to `98`.
pub(super) fn check_digits(body: &[u8]) -> String {
    let remainder = body.iter().chain(b"00").fold(0, |remainder, &c| {
        let shift = if c.is_ascii_digit() { 10 } else { 100 };
        (remainder * shift + chars::value(c)) % 97
    });
    format!("{:02}", 98 - remainder)
}
