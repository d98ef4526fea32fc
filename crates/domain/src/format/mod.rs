//! Standard identifiers: what they look like and their check digits.

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
    /// Healthcare Common Procedure Coding System, level II.
    Hcpcs,
    /// National drug code in the 11-digit billing form 5-4-2.
    Ndc11,
    /// Medicare beneficiary identifier.
    Mbi,
    /// Claim adjustment reason code.
    Carc,
    /// Remittance advice remark code.
    Rarc,
}
