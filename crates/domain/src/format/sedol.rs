//! SEDOL: six digits or consonants and a check digit, weighted sum modulo 10 (London Stock Exchange, SEDOL Masterfile).

use super::{
    FormatFault,
    chars::{self, DIGIT, NO_VOWEL, Text},
};

const WEIGHTS: [u32; 6] = [1, 3, 1, 7, 3, 9];

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(7..=7, "7")?;
    text.all(0..6, NO_VOWEL)?;
    text.all(6..7, DIGIT)?;
    text.ends_with(check_digit(&text.bytes()[..6]).to_string())
}

pub(super) fn check_digit(body: &[u8]) -> u32 {
    let products = body.iter().zip(WEIGHTS).map(|(&c, weight)| chars::value(c) * weight);
    chars::complement10(products.sum())
}
