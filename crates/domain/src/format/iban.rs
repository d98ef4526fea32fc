//! IBAN: country, two check digits, national account number of a length per country (ISO 13616, MOD 97-10).
//!
//! National keys inside the account number are not checked.

use super::{
    FormatFault,
    chars::{ALNUM, DIGIT, LETTER, Text},
    mod97,
};

/// Whole length per country, SWIFT IBAN registry; sorted.
#[rustfmt::skip]
const LENGTHS: [(&str, usize); 89] = [
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22), ("BH", 22), ("BI", 27),
    ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24), ("DE", 22), ("DJ", 27), ("DK", 18), ("DO", 28),
    ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18), ("FK", 18), ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23),
    ("GL", 18), ("GR", 27), ("GT", 28), ("HN", 28), ("HR", 21), ("HU", 28), ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26),
    ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28), ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20), ("LV", 21),
    ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22), ("MK", 19), ("MN", 20), ("MR", 27), ("MT", 31), ("MU", 30), ("NI", 28),
    ("NL", 18), ("NO", 15), ("OM", 23), ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22),
    ("RU", 33), ("SA", 24), ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("SO", 23), ("ST", 25),
    ("SV", 28), ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20), ("YE", 30),
];

pub(super) fn check(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(5..=34, "at most 34")?;
    text.all(0..2, LETTER)?;
    text.all(2..4, DIGIT)?;
    text.all(4..text.text.len(), ALNUM)?;
    let length = length_of(&text.text[..2]).ok_or_else(|| FormatFault::Unknown {
        format: text.format,
        list: "IBAN country",
        got: text.text[..2].to_owned(),
    })?;
    if text.text.len() != length {
        return Err(FormatFault::Length {
            format: text.format,
            expected: format!("{length} in {}", &text.text[..2]).into(),
            got: text.text.len(),
        });
    }
    let digits = check_digits(&text.text[..2], &text.text[4..]);
    text.same(&text.text[2..4], digits)
}

/// Puts the check digits between country and account number.
pub(super) fn complete(body: &str) -> Option<String> {
    let (country, account) = (body.get(..2)?, body.get(2..)?);
    Some(format!("{country}{}{account}", check_digits(country, account)))
}

fn check_digits(country: &str, account: &str) -> String {
    mod97::check_digits(format!("{account}{country}").as_bytes())
}

fn length_of(country: &str) -> Option<usize> {
    let at = LENGTHS.binary_search_by(|(code, _)| (*code).cmp(country)).ok()?;
    Some(LENGTHS[at].1)
}
