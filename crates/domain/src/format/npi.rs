//! NPI: ten digits, the first 1 or 2, Luhn over `80840` and the number (45 CFR 162.406; CMS, NPI check digit).

use super::{
    FormatFault,
    chars::{self, Class, DIGIT, Text},
};

/// What the prefix `80840` adds to the Luhn sum.
const PREFIX: u32 = 24;
const FIRST: Class = Class::new("1 or 2", |c| matches!(c, b'1' | b'2'));

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(10..=10, "10")?;
    text.all(0..1, FIRST)?;
    text.all(1..10, DIGIT)?;
    text.ends_with(check_digit(&text.bytes()[..9]).to_string())
}

pub(super) fn check_digit(body: &[u8]) -> u32 {
    let sums = body.iter().rev().enumerate().map(|(at, &c)| {
        let factor = if at % 2 == 0 { 2 } else { 1 };
        chars::digit_sum(chars::value(c) * factor)
    });
    chars::complement10(PREFIX + sums.sum::<u32>())
}
