//! CUSIP: six characters issuer, two issue, one check digit (ANSI X9.6, "modulus 10 double add double").

use super::{
    FormatFault,
    chars::{self, Class, DIGIT, Text},
};

const CHARACTER: Class = Class::new("a capital letter, a digit, *, @ or #", |c| {
    c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, b'*' | b'@' | b'#')
});

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(9..=9, "9")?;
    text.all(0..8, CHARACTER)?;
    text.all(8..9, DIGIT)?;
    text.ends_with(check_digit(&text.bytes()[..8]).to_string())
}

pub(super) fn check_digit(body: &[u8]) -> u32 {
    let sums = body.iter().enumerate().map(|(at, &c)| {
        let factor = if at % 2 == 1 { 2 } else { 1 };
        chars::digit_sum(value(c) * factor)
    });
    chars::complement10(sums.sum())
}

fn value(c: u8) -> u32 {
    match c {
        b'*' => 36,
        b'@' => 37,
        b'#' => 38,
        _ => chars::value(c),
    }
}
