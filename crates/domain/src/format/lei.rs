//! LEI: eighteen characters and two check digits (ISO 17442, MOD 97-10).

use super::{
    FormatFault,
    chars::{ALNUM, DIGIT, Text},
    mod97,
};

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(20..=20, "20")?;
    text.all(0..18, ALNUM)?;
    text.all(18..20, DIGIT)?;
    text.ends_with(mod97::check_digits(&text.bytes()[..18]))
}
