//! Standard identifiers: what they look like and their check digits.
//!
//! One small file per family. Triage turns a fault into a finding, the seeder asks for synthetic identifiers. Nothing
//! here panics, whatever the text. Upper case and no blanks is what the standards say, and what is accepted.

mod bic;
mod chars;
mod codes;
mod currency;
mod cusip;
mod dea;
mod fault;
mod figi;
mod iban;
mod isin;
mod lei;
mod mod97;
mod normal;
mod npi;
mod sedol;
mod synthetic;
mod uti;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod vectors;

pub use currency::minor_units;
pub use fault::FormatFault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A standard identifier format that a pack may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Committee on Uniform Securities Identification Procedures number (ANSI X9.6).
    Cusip,
    /// International securities identification number (ISO 6166).
    Isin,
    /// Stock Exchange Daily Official List number.
    Sedol,
    /// Legal entity identifier (ISO 17442).
    Lei,
    /// Unique transaction identifier (ISO 23897).
    Uti,
    /// Business identifier code (ISO 9362).
    Bic,
    /// International bank account number (ISO 13616).
    Iban,
    /// Financial instrument global identifier.
    Figi,
    /// National provider identifier (45 CFR 162.406).
    Npi,
    /// Drug Enforcement Administration registration number.
    Dea,
    /// Market identifier code (ISO 10383).
    Mic,
    /// Currency code (ISO 4217).
    Ccy,
    /// Diagnosis code ICD-10-CM.
    Icd10cm,
    /// Healthcare Common Procedure Coding System: CPT codes of level I, and level II.
    Hcpcs,
    /// National drug code in the 11-digit billing form, plain or as 5-4-2.
    Ndc11,
    /// Medicare beneficiary identifier.
    Mbi,
    /// Claim adjustment reason code.
    Carc,
    /// Remittance advice remark code.
    Rarc,
}

impl Format {
    /// All formats, in the order of the declaration.
    pub const ALL: [Format; 18] = [
        Format::Cusip,
        Format::Isin,
        Format::Sedol,
        Format::Lei,
        Format::Uti,
        Format::Bic,
        Format::Iban,
        Format::Figi,
        Format::Npi,
        Format::Dea,
        Format::Mic,
        Format::Ccy,
        Format::Icd10cm,
        Format::Hcpcs,
        Format::Ndc11,
        Format::Mbi,
        Format::Carc,
        Format::Rarc,
    ];

    /// Short name for people, e.g. `CUSIP`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Cusip => "CUSIP",
            Format::Isin => "ISIN",
            Format::Sedol => "SEDOL",
            Format::Lei => "LEI",
            Format::Uti => "UTI",
            Format::Bic => "BIC",
            Format::Iban => "IBAN",
            Format::Figi => "FIGI",
            Format::Npi => "NPI",
            Format::Dea => "DEA number",
            Format::Mic => "MIC",
            Format::Ccy => "Currency code",
            Format::Icd10cm => "ICD-10-CM code",
            Format::Hcpcs => "HCPCS code",
            Format::Ndc11 => "NDC",
            Format::Mbi => "MBI",
            Format::Carc => "CARC",
            Format::Rarc => "RARC",
        }
    }

    /// Whether the text is a well-formed identifier; where the format has check digits, they must be right.
    ///
    /// Says nothing about whether anybody has issued it.
    pub fn check(self, text: &str) -> Result<(), FormatFault> {
        let text = chars::Text::new(self, text)?;
        match self {
            Format::Cusip => cusip::check(text),
            Format::Isin => isin::check(text),
            Format::Sedol => sedol::check(text),
            Format::Lei => lei::check(text),
            Format::Uti => uti::check(text),
            Format::Bic => bic::check(text),
            Format::Iban => iban::check(text),
            Format::Figi => figi::check(text),
            Format::Npi => npi::check(text),
            Format::Dea => dea::check(text),
            Format::Mic => codes::mic(text),
            Format::Ccy => currency::check(text),
            Format::Icd10cm => codes::icd10cm(text),
            Format::Hcpcs => codes::hcpcs(text),
            Format::Ndc11 => codes::ndc11(text),
            Format::Mbi => codes::mbi(text),
            Format::Carc => codes::carc(text),
            Format::Rarc => codes::rarc(text),
        }
    }

    /// The valid identifier made of a body and its check digits: appended, or for an IBAN inserted after the country.
    ///
    /// `None` where the format has no check digits of its own or the body is not a possible one.
    pub fn complete(self, body: &str) -> Option<String> {
        let bytes = body.is_ascii().then_some(body.as_bytes())?;
        let whole = match self {
            Format::Cusip => format!("{body}{}", cusip::check_digit(bytes)),
            Format::Isin => format!("{body}{}", isin::check_digit(bytes)),
            Format::Sedol => format!("{body}{}", sedol::check_digit(bytes)),
            Format::Lei => format!("{body}{}", mod97::check_digits(bytes)),
            Format::Iban => iban::complete(body)?,
            Format::Figi => format!("{body}{}", figi::check_digit(bytes)),
            Format::Npi => format!("{body}{}", npi::check_digit(bytes)),
            Format::Dea => format!("{body}{}", dea::check_digit(bytes)),
            _ => return None,
        };
        self.check(&whole).is_ok().then_some(whole)
    }

    /// A valid identifier that nobody has issued, as far as the format has such a range; codes come from a short public list.
    ///
    /// `below(n)` gives a number from 0 to n − 1; the same numbers give the same identifier.
    pub fn synthetic(self, below: &mut dyn FnMut(u32) -> u32) -> String {
        synthetic::draw(self, below)
    }
}
