//! Identifiers for demonstrations: valid, and from ranges that are never issued where the standard has such a range.

use super::Format;

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NO_VOWEL: &[u8] = b"0123456789BCDFGHJKLMNPQRSTVWXYZ";
const NO_VOWEL_I_O: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const MBI_LETTERS: &[u8] = b"ACDEFGHJKMNPQRTUVWXY";

const BIC_COUNTRIES: &[&str] = &["US", "GB", "DE", "FR", "CH", "JP", "CA", "NL"];
const MICS: &[&str] = &["XNYS", "XNAS", "ARCX", "XLON", "XPAR", "XETR", "XAMS", "XSWX", "XTKS", "XHKG"];
const CURRENCIES: &[&str] = &["USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "SEK"];
const DIAGNOSES: &[&str] = &[
    "E11.9", "I10", "J45.909", "C50.512", "S52.131A", "U07.1", "M54.50", "N18.30", "F41.1", "K21.9",
];
const PROCEDURES: &[&str] = &["J1885", "E0601", "G0439", "L3000", "A4253", "G0438", "J3301", "E1390"];
const CARCS: &[&str] = &["4", "11", "15", "16", "22", "26", "27", "31", "50", "97", "197", "198", "B7"];
const RARCS: &[&str] = &["M51", "MA130", "N382", "N290", "M76", "MA61", "N56"];

/// Random characters and members of lists.
struct Draw<'b>(&'b mut dyn FnMut(u32) -> u32);

impl Draw<'_> {
    fn index(&mut self, count: usize) -> usize {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        (self.0)(count) as usize % count.max(1) as usize
    }

    fn of(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.index(alphabet.len())])).collect()
    }

    fn digits(&mut self, count: usize) -> String {
        self.of(DIGITS, count)
    }

    fn code(&mut self, list: &[&str]) -> String {
        list[self.index(list.len())].to_owned()
    }
}

/// See [`Format::synthetic`].
pub(super) fn draw(format: Format, below: &mut dyn FnMut(u32) -> u32) -> String {
    let mut draw = Draw(below);
    match format {
        Format::Mic => draw.code(MICS),
        Format::Ccy => draw.code(CURRENCIES),
        Format::Icd10cm => draw.code(DIAGNOSES),
        Format::Hcpcs => draw.code(PROCEDURES),
        Format::Carc => draw.code(CARCS),
        Format::Rarc => draw.code(RARCS),
        Format::Bic => bic(&mut draw),
        Format::Ndc11 => format!("99999-{}-{}", draw.digits(4), draw.digits(2)),
        Format::Mbi => mbi(&mut draw),
        Format::Uti => format!("{}TRD{}", checked(Format::Lei, &mut draw), draw.digits(9)),
        _ => checked(format, &mut draw),
    }
}

/// Identifiers with check digits.
fn checked(format: Format, draw: &mut Draw<'_>) -> String {
    let body = match format {
        Format::Cusip => cusip_body(draw),
        Format::Isin => format!("US{}", checked(Format::Cusip, draw)),
        // First digit 9: assigned by users themselves.
        Format::Sedol => format!("9{}", draw.of(NO_VOWEL, 5)),
        // No local operating unit has the prefix DEMO.
        Format::Lei => format!("DEMO00{}", draw.of(ALNUM, 12)),
        Format::Iban => format!("GBDEMO000000{}", draw.digits(8)),
        // No certified provider has the prefix ZZ.
        Format::Figi => format!("ZZG{}", draw.of(NO_VOWEL, 8)),
        // Issued numbers begin with 1 so far.
        Format::Npi => format!("29{}", draw.digits(7)),
        Format::Dea => format!("Z{}{}", draw.of(LETTERS, 1), draw.digits(6)),
        _ => String::new(),
    };
    format.complete(&body).unwrap_or(body)
}

/// Issuer numbers that end in 990 to 999 and 99A to 99Z are for users' own numbers (CUSIP Global Services).
fn cusip_body(draw: &mut Draw<'_>) -> String {
    format!("{}99{}{}0", draw.digits(3), draw.of(NO_VOWEL_I_O, 1), draw.of(b"1234", 1))
}

/// The eighth character 0 marks a test code, which is never live.
fn bic(draw: &mut Draw<'_>) -> String {
    format!("DEMO{}{}0{}", draw.code(BIC_COUNTRIES), draw.of(ALNUM, 1), draw.of(LETTERS, 3))
}

/// There is no reserved range: these are neighbours of the number on the sample card, 1EG4-TE5-MK73.
fn mbi(draw: &mut Draw<'_>) -> String {
    format!("1EG4TE{}{}{}", draw.digits(1), draw.of(MBI_LETTERS, 2), draw.digits(2))
}
