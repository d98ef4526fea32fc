//! Lengths and character classes, for all formats alike.

use std::ops::Range;

use super::{Format, FormatFault};

/// A set of ASCII characters and what to call it.
#[derive(Clone, Copy)]
pub(super) struct Class {
    has: fn(u8) -> bool,
    name: &'static str,
}

pub(super) const DIGIT: Class = Class {
    has: |c| c.is_ascii_digit(),
    name: "a digit",
};
pub(super) const LETTER: Class = Class {
    has: |c| c.is_ascii_uppercase(),
    name: "a capital letter",
};
pub(super) const ALNUM: Class = Class {
    has: is_alnum,
    name: "a capital letter or digit",
};
pub(super) const CONSONANT: Class = Class {
    has: |c| c.is_ascii_uppercase() && !is_vowel(c),
    name: "a capital consonant",
};
pub(super) const NO_VOWEL: Class = Class {
    has: |c| is_alnum(c) && !is_vowel(c),
    name: "a capital consonant or digit",
};

impl Class {
    pub(super) const fn new(name: &'static str, has: fn(u8) -> bool) -> Self {
        Class { has, name }
    }
}

fn is_alnum(c: u8) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn is_vowel(c: u8) -> bool {
    matches!(c, b'A' | b'E' | b'I' | b'O' | b'U')
}

/// Value of a character in the check sums: 0 to 9 for digits, A = 10 to Z = 35; 0 for what the format refuses anyway.
pub(super) fn value(c: u8) -> u32 {
    match c {
        b'0'..=b'9' => u32::from(c - b'0'),
        b'A'..=b'Z' => u32::from(c - b'A') + 10,
        _ => 0,
    }
}

/// Sum of the decimal digits of a number below 100.
pub(super) fn digit_sum(number: u32) -> u32 {
    number / 10 + number % 10
}

/// What is missing to the next ten.
pub(super) fn complement10(sum: u32) -> u32 {
    (10 - sum % 10) % 10
}

/// ASCII text under examination.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) format: Format,
    pub(super) text: &'t str,
}

impl<'t> Text<'t> {
    /// Refuses what is not ASCII, so that later a byte is a character.
    pub(super) fn new(format: Format, text: &'t str) -> Result<Self, FormatFault> {
        match text.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
            None => Ok(Text { format, text }),
            Some((at, found)) => Err(FormatFault::Character {
                format,
                position: at + 1,
                found,
                expected: ALNUM.name,
            }),
        }
    }

    pub(super) fn bytes(self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Checks the length; `expected` is its wording.
    pub(super) fn length(self, range: std::ops::RangeInclusive<usize>, expected: &'static str) -> Result<(), FormatFault> {
        if range.contains(&self.text.len()) {
            return Ok(());
        }
        Err(FormatFault::Length {
            format: self.format,
            expected: expected.into(),
            got: self.text.len(),
        })
    }

    /// Checks that every character of a range is of a class; the range must lie within the text.
    pub(super) fn all(self, range: Range<usize>, class: Class) -> Result<(), FormatFault> {
        for at in range {
            let found = self.bytes()[at];
            if !(class.has)(found) {
                return Err(FormatFault::Character {
                    format: self.format,
                    position: at + 1,
                    found: char::from(found),
                    expected: class.name,
                });
            }
        }
        Ok(())
    }

    /// Compares the check digits at the end with what they should be.
    pub(super) fn ends_with(self, expected: String) -> Result<(), FormatFault> {
        let got = &self.text[self.text.len() - expected.len()..];
        self.same(got, expected)
    }

    /// Compares check digits with what they should be.
    pub(super) fn same(self, got: &str, expected: String) -> Result<(), FormatFault> {
        if got == expected {
            return Ok(());
        }
        Err(FormatFault::CheckDigit {
            format: self.format,
            expected,
            got: got.to_owned(),
        })
    }

    /// A part that is an identifier of its own.
    pub(super) fn part(self, format: Format, range: Range<usize>) -> Result<(), FormatFault> {
        format.check(&self.text[range]).map_err(|inner| FormatFault::Part {
            format: self.format,
            inner: Box::new(inner),
        })
    }
}
