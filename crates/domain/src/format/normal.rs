//! One spelling for each identifier, so that two valid spellings of it are the same problem and are found by each other.

use std::borrow::Cow;

use super::Format;
use crate::text::normalized;

impl Format {
    /// The normal form of an identifier: capital letters without separators, with the parts that the standard lets one leave out.
    ///
    /// What is no identifier of this format in any known spelling is the text in its normal form, see [`normalized`]: a wrong check digit
    /// never makes one identifier of two.
    pub fn normalize(self, text: &str) -> Cow<'_, str> {
        let bare = normalized(text);
        match self.normal_form(&bare) {
            Some(form) if form != bare => Cow::Owned(form),
            _ => bare,
        }
    }

    /// The normal form of a text that is an identifier in some known spelling, else `None`.
    pub fn normal_form(self, text: &str) -> Option<String> {
        let text = text.trim();
        if text.len() > 64 || !text.is_ascii() {
            return None;
        }
        let upper = text.to_ascii_uppercase();
        match self {
            // Check digits tell whether what is left is the identifier.
            Format::Cusip | Format::Isin | Format::Sedol | Format::Lei | Format::Iban | Format::Figi | Format::Npi | Format::Dea => {
                self.valid(upper.replace([' ', '-'], ""))
            }
            // Without a branch the primary office is meant (ISO 9362:2022).
            Format::Bic if upper.len() == 8 => self.valid(upper + "XXX"),
            Format::Mbi => self.valid(upper).map(|mbi| mbi.replace('-', "")),
            Format::Ndc11 => ndc11(&upper),
            // Claims leave out the dot (X12 837).
            Format::Icd10cm if upper.len() > 3 && !upper.contains('.') => self.valid(format!("{}.{}", &upper[..3], &upper[3..])),
            Format::Carc => self.valid(upper).map(|code| without_leading_zeros(&code)),
            Format::Uti | Format::Bic | Format::Mic | Format::Ccy | Format::Icd10cm | Format::Hcpcs | Format::Rarc => self.valid(upper),
        }
    }

    fn valid(self, text: String) -> Option<String> {
        self.check(&text).is_ok().then_some(text)
    }
}

/// Eleven digits. Hyphens tell which of the three 10-digit forms 4-4-2, 5-3-2 and 5-4-1 lacks its leading zero where (21 CFR 207.33).
fn ndc11(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let whole = match (parts.as_slice(), lengths.as_slice()) {
        ([digits], [11]) => (*digits).to_owned(),
        ([labeler, product, package], [5, 4, 2] | [4, 4, 2] | [5, 3, 2] | [5, 4, 1]) => format!("{labeler:0>5}{product:0>4}{package:0>2}"),
        _ => return None,
    };
    Format::Ndc11.valid(whole)
}

/// `016` is `16`; a code that begins with a letter is left alone.
fn without_leading_zeros(code: &str) -> String {
    match code.trim_start_matches('0') {
        bare if bare.starts_with(|c: char| c.is_ascii_digit()) => bare.to_owned(),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Format::*, *};

    #[test]
    fn spellings_of_one_identifier_have_one_normal_form() {
        for (format, spellings, form) in [
            (Ndc11, "12345-0678-90 12345067890 12345-678-90", "12345067890"),
            (Ndc11, "01234-5678-09 01234567809 1234-5678-09 01234-5678-9", "01234567809"),
            (Isin, "US0378331005 us0378331005 US-037833100-5", "US0378331005"),
            (Cusip, "037833AK6 037833ak6 037833-AK-6", "037833AK6"),
            (
                Iban,
                "GB82WEST12345698765432 gb82west12345698765432 GB82-WEST-1234-5698-7654-32",
                "GB82WEST12345698765432",
            ),
            (Bic, "DEMOUS30 DEMOUS30XXX demous30", "DEMOUS30XXX"),
            (Mbi, "1EG4-TE5-MK73 1EG4TE5MK73 1eg4te5mk73", "1EG4TE5MK73"),
            (Icd10cm, "E11.9 E119 e11.9", "E11.9"),
            (Hcpcs, "0001A 0001a", "0001A"),
            (Carc, "16 016", "16"),
            (Ccy, "USD usd", "USD"),
            (Rarc, "MA01 ma01", "MA01"),
        ] {
            for spelling in spellings.split(' ') {
                assert_eq!(format.normalize(spelling), form, "{spelling}");
            }
        }
        assert_eq!(Iban.normalize("GB82 WEST 1234 5698 7654 32"), "GB82WEST12345698765432");
    }

    #[test]
    fn what_is_no_identifier_stays_as_it_is() {
        for (format, text) in [
            (Isin, "us0378331006"),
            (Ndc11, "1234-5678-9"),
            (Ndc11, "1234567890"),
            (Ccy, "euro"),
            (Carc, "1-6"),
            (Rarc, "MA1"),
            (Cusip, "ämlich"),
        ] {
            assert_eq!(format.normalize(text), text);
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_and_that_of_all_spellings(numbers in prop::collection::vec(any::<u32>(), 40), noise in "[ -~é]{0,20}") {
            for format in Format::ALL {
                let mut next = numbers.iter().cycle();
                let valid = format.synthetic(&mut |below| next.next().map_or(0, |number| number % below));
                let form = format.normalize(&valid).into_owned();
                prop_assert_eq!(format.check(&form), Ok(()), "{} {}", format.name(), form);
                prop_assert_eq!(format.normalize(&form), form.as_str());
                for spelling in [valid.to_lowercase(), format!("\u{a0}{valid} ")] {
                    prop_assert_eq!(format.normalize(&spelling), form.as_str());
                }
                let odd = format.normalize(&noise).into_owned();
                prop_assert_eq!(format.normalize(&odd), odd.as_str());
            }
        }
    }
}
