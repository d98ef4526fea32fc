//! BIC: four characters party, two letters country, two location, optionally three branch (ISO 9362:2022). No check digit.

use super::{
    FormatFault,
    chars::{ALNUM, LETTER, Text},
};

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    if text.text.len() != 11 {
        text.length(8..=8, "8 or 11")?;
    }
    text.all(0..4, ALNUM)?;
    text.all(4..6, LETTER)?;
    text.all(6..text.text.len(), ALNUM)
}
