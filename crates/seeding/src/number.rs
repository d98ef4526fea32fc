//! Numbers as they are sent: rounded in decimal, whole ones as JSON integers.

use domain::{format, pack::seed::LogNormal};
use serde_json::{Number, Value};

use crate::{scope::Scope, stream::Stream};

/// Standard normal quantile of 0.95.
const Z95: f64 = 1.644_853_626_951_472_2;
/// Greatest whole number up to which doubles are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Draws before a value outside its limits is moved to the nearer one.
const DRAWS: usize = 32;

/// How many decimals a number has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decimals<'p> {
    /// So many.
    Fixed(u8),
    /// The minor unit of the currency that this value names.
    Currency(&'p str),
    /// As many as there are, without the noise of binary fractions.
    Free,
}

impl Decimals<'_> {
    /// Rounds; `None` for what is no number.
    pub(crate) fn round(self, number: f64, scope: &Scope<'_>) -> Option<f64> {
        let decimals = match self {
            Decimals::Fixed(decimals) => decimals,
            Decimals::Currency(name) => format::minor_units(scope.get(name).and_then(Value::as_str).unwrap_or_default()),
            Decimals::Free => return without_noise(number),
        };
        let rounded = round(number, decimals);
        rounded.is_finite().then_some(rounded)
    }
}

/// Rounds in decimal: exact where `number * 10^decimals` is below 2^53.
pub(crate) fn round(number: f64, decimals: u8) -> f64 {
    format!("{number:.*}", usize::from(decimals)).parse().unwrap_or(number)
}

/// Rounds to 14 significant digits, so that 0.1 + 0.2 is 0.3.
fn without_noise(number: f64) -> Option<f64> {
    number.is_finite().then(|| format!("{number:.13e}").parse().unwrap_or(number))
}

/// The JSON number; `None` for what is no number.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small enough")]
pub(crate) fn json(number: f64) -> Option<Value> {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Some(Value::from(number as i64));
    }
    Number::from_f64(number).map(Value::Number)
}

/// A number of the distribution within its limits, not yet rounded to decimals.
pub(crate) fn log_normal(shape: &LogNormal, stream: &mut Stream) -> f64 {
    let sigma = libm::log(shape.p95 / shape.median) / Z95;
    let mut number = shape.median;
    for _ in 0..DRAWS {
        number = shape.median * libm::exp(sigma * stream.normal());
        if (shape.min..=shape.max).contains(&number) {
            break;
        }
    }
    let number = number.clamp(shape.min, shape.max);
    match shape.multiple_of {
        None => number,
        Some(lot) => multiple(number, lot, shape.min, shape.max),
    }
}

/// The nearest multiple within the limits, or the number where there is none.
fn multiple(number: f64, lot: f64, min: f64, max: f64) -> f64 {
    let nearest = (number / lot).round();
    let candidates = [nearest, nearest - 1.0, nearest + 1.0].map(|count| count * lot);
    let within = candidates.into_iter().find(|multiple| (min..=max).contains(multiple));
    within.unwrap_or(number)
}
