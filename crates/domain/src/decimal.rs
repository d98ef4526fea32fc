//! Numbers with all their digits. A float forgets some, so that two amounts or two account numbers would look like one.
//!
//! One grammar for numbers, whether JSON has them as numbers or as texts, and one form for equal ones. Nothing here expands an exponent
//! that a sender chose: every operation is linear in the text that was sent.

use std::{cmp::Ordering, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

/// Most digits of a number, zeros included.
pub const MAX_DIGITS: usize = 1_000;
/// Greatest exponent as written, with either sign.
pub const MAX_EXPONENT: i32 = 1_000;
/// Most zeros that are written out to avoid an exponent.
const MAX_ZEROS: usize = 40;

/// A decimal number of any size within [`MAX_DIGITS`] and [`MAX_EXPONENT`].
///
/// Equal numbers are one value: `1`, `1.0` and `1e0`, also `0` and `-0`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Without zeros at the ends; empty for zero.
    digits: String,
    /// The power of ten of the last digit; 0 for zero.
    exponent: i32,
}

/// Reason why a text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotADecimal {
    /// The text does not follow the grammar of decimals.
    #[error("it is not a number; write digits with at most one decimal point and an optional exponent, as in -1204.50 or 1.2E+08")]
    Malformed,
    /// Digits beyond [`MAX_DIGITS`].
    #[error("the number has more than 1,000 digits; send it as a text in a field that is declared as one")]
    TooManyDigits,
    /// An exponent beyond [`MAX_EXPONENT`].
    #[error("the number has an exponent beyond ±1,000")]
    ExponentOutOfRange,
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    /// Reads `[+-] digits [. digits] [e [+-] digits]`, where one side of the point may be empty. JSON's numbers are among these.
    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        Self::read(text, MAX_DIGITS, MAX_EXPONENT)
    }
}

impl Decimal {
    fn read(text: &str, max_digits: usize, max_exponent: i32) -> Result<Self, NotADecimal> {
        let (negative, unsigned) = signed(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !(all_digits(whole) && all_digits(fraction)) || whole.len() + fraction.len() == 0 {
            return Err(NotADecimal::Malformed);
        }
        let exponent = exponent.map_or(Ok(0), read_exponent)?;
        if whole.len() + fraction.len() > max_digits {
            return Err(NotADecimal::TooManyDigits);
        }
        if exponent.abs() > max_exponent {
            return Err(NotADecimal::ExponentOutOfRange);
        }
        Ok(Self::new(negative, whole, fraction, exponent))
    }
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_exponent(text: &str) -> Result<i32, NotADecimal> {
    let (negative, digits) = signed(text);
    if digits.is_empty() || !all_digits(digits) {
        return Err(NotADecimal::Malformed);
    }
    let size = match digits.trim_start_matches('0') {
        "" => 0,
        digits if digits.len() > 4 => return Err(NotADecimal::ExponentOutOfRange),
        digits => digits.parse::<i32>().map_err(|_| NotADecimal::ExponentOutOfRange)?,
    };
    Ok(if negative { -size } else { size })
}

impl Decimal {
    /// `whole` and `fraction` are digits, together at most [`MAX_DIGITS`].
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most 1,000 digits")]
    fn new(negative: bool, whole: &str, fraction: &str, exponent: i32) -> Self {
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        let dropped = (digits.len() - significant.len()) as i32;
        let significant = significant.trim_start_matches('0');
        if significant.is_empty() {
            return Self::zero();
        }
        Self {
            negative,
            digits: significant.to_owned(),
            exponent: exponent + dropped - fraction.len() as i32,
        }
    }

    /// The number 0.
    pub fn zero() -> Self {
        Self {
            negative: false,
            digits: String::new(),
            exponent: 0,
        }
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(mut self) -> Self {
        self.negative = false;
        self
    }

    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The same as a whole number of 64 bits; `None` where it has a fraction or does not fit.
    pub fn to_i64(&self) -> Option<i64> {
        self.whole_of(0, Rounding::Exact)
    }

    /// The nearest double, for rules; what is too large becomes the largest.
    pub fn to_f64(&self) -> f64 {
        let text = format!("{}{}e{}", if self.negative { "-" } else { "" }, self.or_zero(), self.exponent);
        text.parse::<f64>().unwrap_or(0.0).clamp(f64::MIN, f64::MAX)
    }

    /// The amount in units of `10^-decimals`, as columns to sort by keep it. Smaller parts are rounded away from zero, so that no amount
    /// is understated. `None` where it does not fit.
    pub fn to_minor_units(&self, decimals: u8) -> Option<i64> {
        self.whole_of(i32::from(decimals), Rounding::AwayFromZero)
    }

    /// Converts an amount in minor units, with this number of decimals.
    pub fn from_minor_units(minor: i64, decimals: u8) -> Self {
        Self::new(minor < 0, &minor.unsigned_abs().to_string(), "", -i32::from(decimals))
    }

    fn whole_of(&self, shift: i32, rounding: Rounding) -> Option<i64> {
        let exponent = self.exponent + shift;
        let kept = self.digits.len().saturating_sub(usize::try_from(-exponent).unwrap_or(0));
        let is_exact = kept == self.digits.len();
        if !is_exact && matches!(rounding, Rounding::Exact) {
            return None;
        }
        // 64 bits hold 19 digits.
        let zeros = usize::try_from(exponent).unwrap_or(0);
        if kept > 0 && kept + zeros > 19 {
            return None;
        }
        let digits = format!("0{}{}", &self.digits[..kept], "0".repeat(if kept > 0 { zeros } else { 0 }));
        let size = digits.parse::<i128>().ok()? + i128::from(!is_exact);
        i64::try_from(if self.negative { -size } else { size }).ok()
    }

    /// Place of the first digit before the point, from 1; at most 2,000 away from it.
    fn first_place(&self) -> i64 {
        i64::from(self.exponent) + i64::try_from(self.digits.len()).unwrap_or(i64::MAX / 2)
    }

    fn is_beyond_doubles(&self) -> bool {
        self.first_place() > 300
    }

    fn or_zero(&self) -> &str {
        if self.digits.is_empty() { "0" } else { &self.digits }
    }

    /// Compares without the sign: first by the place of the first digit, then digit by digit.
    fn cmp_size(&self, other: &Self) -> Ordering {
        let place = |number: &Self| (!number.digits.is_empty()).then(|| number.first_place());
        place(self).cmp(&place(other)).then_with(|| self.digits.cmp(&other.digits))
    }
}

#[derive(Clone, Copy)]
enum Rounding {
    Exact,
    AwayFromZero,
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_size(other),
            (true, true) => other.cmp_size(self),
        }
    }
}

/// The one form of a number: plain digits where that needs few zeros, else all its digits and an exponent, as in `12e40`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, digits) = (if self.negative { "-" } else { "" }, self.or_zero());
        if let Ok(zeros) = usize::try_from(self.exponent) {
            return if zeros <= MAX_ZEROS {
                write!(f, "{sign}{digits}{}", "0".repeat(zeros))
            } else {
                write!(f, "{sign}{digits}e{zeros}")
            };
        }
        let decimals = usize::try_from(-self.exponent).unwrap_or(0);
        match digits.len().checked_sub(decimals) {
            Some(0) => write!(f, "{sign}0.{digits}"),
            Some(whole) => write!(f, "{sign}{}.{}", &digits[..whole], &digits[whole..]),
            None if decimals - digits.len() <= MAX_ZEROS => write!(f, "{sign}0.{}{digits}", "0".repeat(decimals - digits.len())),
            None => write!(f, "{sign}{digits}e-{decimals}"),
        }
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self::from_minor_units(number, 0)
    }
}

/// As a JSON number; as a text where readers of floats would refuse it.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_string();
        if self.is_beyond_doubles() {
            return serializer.serialize_str(&text);
        }
        RawValue::from_string(text).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

/// From a JSON number, or from a text that is one.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // The one form of what was read within the limits may lie beyond them: `0.1e-1000` is `1e-1001`.
        Self::read(raw.get().trim_matches('"'), 2 * MAX_DIGITS, 2 * MAX_EXPONENT).map_err(de::Error::custom)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

#[cfg(test)]
mod tests;
