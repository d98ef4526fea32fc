//! ISIN: two letters country, nine characters national number, one check digit (ISO 6166, Luhn over the expanded digits).
//!
//! In US and CA the national number is a CUSIP, in GB and IE `00` and a SEDOL: those must be right as well.

use super::{
    Format, FormatFault,
    chars::{self, ALNUM, DIGIT, LETTER, Text},
};

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(12..=12, "12")?;
    text.all(0..2, LETTER)?;
    text.all(2..11, ALNUM)?;
    text.all(11..12, DIGIT)?;
    text.ends_with(check_digit(&text.bytes()[..11]).to_string())?;
    match &text.text[..4] {
        country if country.starts_with("US") || country.starts_with("CA") => text.part(Format::Cusip, 2..11),
        "GB00" | "IE00" => text.part(Format::Sedol, 4..11),
        _ => Ok(()),
    }
}

/// Every letter becomes two digits; then, from the right, every other digit is doubled, the last one first.
pub(super) fn check_digit(body: &[u8]) -> u32 {
    let mut sum = 0;
    let mut double = true;
    for &c in body.iter().rev() {
        let value = chars::value(c);
        let digits = [value % 10, value / 10];
        let count = if c.is_ascii_digit() { 1 } else { 2 };
        for digit in &digits[..count] {
            sum += if double { chars::digit_sum(digit * 2) } else { *digit };
            double = !double;
        }
    }
    chars::complement10(sum)
}
