//! DEA registration number: registrant letter, initial (or 9 for a business), six digits, one check digit (21 CFR 1301).

use super::{
    FormatFault,
    chars::{self, Class, DIGIT, LETTER, Text},
};

const INITIAL: Class = Class::new("a capital letter or 9", |c| c.is_ascii_uppercase() || c == b'9');

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(9..=9, "9")?;
    text.all(0..1, LETTER)?;
    text.all(1..2, INITIAL)?;
    text.all(2..9, DIGIT)?;
    text.ends_with(check_digit(&text.bytes()[..8]).to_string())
}

/// Last digit of the sum of the 1st, 3rd and 5th digit and twice the 2nd, 4th and 6th.
pub(super) fn check_digit(body: &[u8]) -> u32 {
    let digits = body.iter().skip(2).enumerate();
    let sum: u32 = digits.map(|(at, &c)| chars::value(c) * if at % 2 == 0 { 1 } else { 2 }).sum();
    sum % 10
}
