//! Codes without check digits: their shape only, since the lists change several times a year.

use super::{
    FormatFault,
    chars::{ALNUM, Class, DIGIT, LETTER, Text},
};

const DOT: Class = Class::new("a dot", |c| c == b'.');
const HYPHEN: Class = Class::new("a hyphen", |c| c == b'-');
const DIGIT_A_B: Class = Class::new("a digit, A or B", |c| c.is_ascii_digit() || matches!(c, b'A' | b'B'));
const DIGIT_OR_CATEGORY: Class = Class::new("a digit, A, F, M, T or U", |c| {
    c.is_ascii_digit() || matches!(c, b'A' | b'F' | b'M' | b'T' | b'U')
});
const A_TO_V: Class = Class::new("a letter from A to V", |c| matches!(c, b'A'..=b'V'));
const ONE_TO_NINE: Class = Class::new("a digit from 1 to 9", |c| matches!(c, b'1'..=b'9'));
const MBI_LETTER: Class = Class::new("a capital letter other than S, L, O, I, B, Z", is_mbi_letter);
const MBI_ALNUM: Class = Class::new("a digit or a capital letter other than S, L, O, I, B, Z", |c| {
    c.is_ascii_digit() || is_mbi_letter(c)
});

fn is_mbi_letter(c: u8) -> bool {
    c.is_ascii_uppercase() && !matches!(c, b'S' | b'L' | b'O' | b'I' | b'B' | b'Z')
}

/// Four capital letters or digits (ISO 10383).
pub(super) fn mic(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(4..=4, "4")?;
    text.all(0..4, ALNUM)
}

/// Letter, digit, digit or A or B, then a dot and up to four more (CMS/NCHS, ICD-10-CM guidelines I.A.2).
pub(super) fn icd10cm(text: Text<'_>) -> Result<(), FormatFault> {
    if text.text.len() != 3 {
        text.length(5..=8, "3, or 5 to 8 with the dot")?;
        text.all(3..4, DOT)?;
        text.all(4..text.text.len(), ALNUM)?;
    }
    text.all(0..1, LETTER)?;
    text.all(1..2, DIGIT)?;
    text.all(2..3, DIGIT_A_B)
}

/// Level II: letter A to V and four digits. Level I, which is CPT: four digits and one more, or a letter for its category: A immunization
/// (`0001A`), F performance measures, M multianalyte assays, T emerging technology, U laboratory analyses (CMS, HCPCS; AMA, CPT).
pub(super) fn hcpcs(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(5..=5, "5")?;
    if text.text.starts_with(|c: char| c.is_ascii_digit()) {
        text.all(1..4, DIGIT)?;
        return text.all(4..5, DIGIT_OR_CATEGORY);
    }
    text.all(0..1, A_TO_V)?;
    text.all(1..5, DIGIT)
}

/// Eleven digits, or the same as 5-4-2 with hyphens (21 CFR 207.33, billing form of HIPAA transactions).
pub(super) fn ndc11(text: Text<'_>) -> Result<(), FormatFault> {
    if text.text.len() != 13 {
        text.length(11..=11, "11, or 13 with hyphens")?;
        return text.all(0..11, DIGIT);
    }
    text.all(0..5, DIGIT)?;
    text.all(5..6, HYPHEN)?;
    text.all(6..10, DIGIT)?;
    text.all(10..11, HYPHEN)?;
    text.all(11..13, DIGIT)
}

/// Eleven characters, each place with its class; hyphens after the fourth and seventh as on the card are accepted
/// (CMS, Understanding the Medicare Beneficiary Identifier).
pub(super) fn mbi(text: Text<'_>) -> Result<(), FormatFault> {
    const PLAIN: [Class; 11] = [
        ONE_TO_NINE,
        MBI_LETTER,
        MBI_ALNUM,
        DIGIT,
        MBI_LETTER,
        MBI_ALNUM,
        DIGIT,
        MBI_LETTER,
        MBI_LETTER,
        DIGIT,
        DIGIT,
    ];
    let hyphens: &[usize] = if text.text.len() == 13 { &[4, 8] } else { &[] };
    if hyphens.is_empty() {
        text.length(11..=11, "11, or 13 with hyphens")?;
    }
    let mut classes = PLAIN.into_iter();
    for at in 0..text.text.len() {
        let class = if hyphens.contains(&at) { Some(HYPHEN) } else { classes.next() };
        text.all(at..at + 1, class.unwrap_or(DIGIT))?;
    }
    Ok(())
}

/// Up to three digits, or a letter and one or two digits (X12 external code list 139).
pub(super) fn carc(text: Text<'_>) -> Result<(), FormatFault> {
    text.length(1..=3, "1 to 3")?;
    if text.text.len() == 1 {
        return text.all(0..1, DIGIT);
    }
    text.all(0..1, ALNUM)?;
    text.all(1..text.text.len(), DIGIT)
}

/// `M`, `MA` or `N` and one to three digits (X12 external code list 411).
pub(super) fn rarc(text: Text<'_>) -> Result<(), FormatFault> {
    const SERIES: Class = Class::new("M or N", |c| matches!(c, b'M' | b'N'));
    let series = if text.text.starts_with("MA") { 2 } else { 1 };
    text.length(series + 1..=series + 3, "M, MA or N and 1 to 3 digits")?;
    text.all(0..1, SERIES)?;
    text.all(series..text.text.len(), DIGIT)
}
