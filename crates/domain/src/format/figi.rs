//! FIGI: two consonants, `G`, eight digits or consonants, one check digit (OMG Financial Instrument Global Identifier).

use super::{
    FormatFault,
    chars::{self, CONSONANT, Class, DIGIT, NO_VOWEL, Text},
};

const G: Class = Class::new("G", |c| c == b'G');

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(12..=12, "12")?;
    text.all(0..2, CONSONANT)?;
    text.all(2..3, G)?;
    text.all(3..11, NO_VOWEL)?;
    text.all(11..12, DIGIT)?;
    text.ends_with(check_digit(&text.bytes()[..11]).to_string())
}

/// Every second character's value is doubled, then all digits are added.
pub(super) fn check_digit(body: &[u8]) -> u32 {
    let sums = body.iter().enumerate().map(|(at, &c)| {
        let factor = if at % 2 == 1 { 2 } else { 1 };
        chars::digit_sum(chars::value(c) * factor)
    });
    chars::complement10(sums.sum())
}
