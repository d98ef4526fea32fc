//! UTI: the LEI of the party that made it and up to 32 characters of its own (ISO 23897:2020, clause 5).

use super::{
    Format, FormatFault,
    chars::{ALNUM, Text},
};

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(21..=52, "21 to 52")?;
    text.all(0..text.text.len(), ALNUM)?;
    text.part(Format::Lei, 0..20)
}
