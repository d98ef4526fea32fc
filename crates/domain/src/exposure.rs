//! The amount at stake in an exception: what approval rules are measured by. Always without its sign.

use serde::Serialize;

use crate::{
    decimal::Decimal,
    display::decimal,
    format::{Format, minor_units},
    json::Json,
    pack::ExceptionType,
    triage::payload::Values,
};

/// Amounts at stake, in minor units of one currency (ISO 4217).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// As sent last; `None` where the type measures no amount, and where the amount is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor: Option<i64>,
    /// Its currency, where the payload names one of ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The highest ever sent: an amount that is revised down is still approved by its highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highest_minor: Option<i64>,
}

impl Exposure {
    /// Of a payload, by the fields of its type.
    pub fn of(kind: &ExceptionType, payload: &Values<'_>) -> Self {
        let Some((name, value)) = kind.exposure.as_ref().and_then(|name| Some((name, payload.get(name)?))) else {
            return Self::default();
        };
        let field = kind.document.fields.get(name).and_then(|field| field.currency.as_ref());
        let named = field.and_then(|field| payload.get(field).and_then(Json::as_text));
        let currency = named.and_then(|code| Format::Ccy.normal_form(code));
        let minor = decimal(value).map(|amount| minor(&amount, decimals(currency.as_deref())));
        Self {
            minor,
            currency,
            highest_minor: minor,
        }
    }

    /// The amounts after `sent` has replaced what was sent before; the highest stays.
    #[must_use]
    pub fn revised(&self, sent: &Self) -> Self {
        Self {
            highest_minor: sent.minor.max(self.highest_in(sent)),
            ..sent.clone()
        }
    }

    /// Counts the amount of a repetition that is folded into this exception. An unknown amount may be any.
    pub fn joined_by(&mut self, repetition: &Self) {
        self.highest_minor = self.highest_minor.max(repetition.highest_in(self));
        if repetition.minor.is_none() {
            self.minor = None;
        }
    }

    /// Whether more is at stake than in an earlier exception of the type. An unknown amount may be any.
    pub fn exceeds(&self, earlier: &Self) -> bool {
        match (self.minor, earlier.minor) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(amount), Some(_)) => Some(amount) > earlier.highest_in(self),
        }
    }

    /// The highest amount in major units, where any is known.
    pub fn highest(&self) -> Option<Decimal> {
        let decimals = decimals(self.currency.as_deref());
        self.highest_minor.map(|minor| Decimal::from_minor_units(minor, decimals))
    }

    /// The highest amount in the minor units of another one's currency: JPY has none, USD has two.
    fn highest_in(&self, other: &Self) -> Option<i64> {
        let (from, to) = (decimals(self.currency.as_deref()), decimals(other.currency.as_deref()));
        let factor = 10_i64.pow(u32::from(from.abs_diff(to)));
        let converted = |highest: i64| {
            if from > to {
                highest / factor
            } else {
                highest.saturating_mul(factor)
            }
        };
        self.highest_minor.map(converted)
    }
}

fn decimals(currency: Option<&str>) -> u8 {
    minor_units(currency.unwrap_or_default())
}

/// An amount in minor units, without its sign; a fraction of a minor unit counts as a whole one, and what is too large as the largest.
fn minor(amount: &Decimal, decimals: u8) -> i64 {
    amount.clone().abs().to_minor_units(decimals).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    fn euro(amount: &str) -> Exposure {
        let minor = Some(minor(&decimal(amount), 2));
        Exposure {
            minor,
            currency: Some("EUR".into()),
            highest_minor: minor,
        }
    }

    #[test]
    fn amounts_are_exact_in_minor_units_and_saturate() {
        for (amount, decimals, expected) in [
            ("1000.01", 2, 100_001),
            ("-0.1", 2, 10),
            ("1000.001", 2, 100_001),
            ("5.0", 0, 5),
            ("90071992547409.93", 2, 9_007_199_254_740_993),
            ("1e300", 2, i64::MAX),
            ("0.0", 3, 0),
        ] {
            assert_eq!(minor(&decimal(amount), decimals), expected, "{amount}");
        }
    }

    #[test]
    fn the_highest_amount_survives_a_revision_whatever_its_currency() {
        let yen = Exposure {
            minor: Some(60_000_000),
            currency: Some("JPY".into()),
            highest_minor: Some(60_000_000),
        };
        let revised = yen.revised(&euro("1.0"));
        assert_eq!((revised.minor, revised.highest()), (Some(100), Some(60_000_000.into())));
        assert_eq!(revised.revised(&Exposure::default()).highest(), Some(60_000_000.into()));
    }

    #[test]
    fn an_unknown_amount_may_be_any() {
        let unknown = Exposure::default();
        assert!(unknown.exceeds(&euro("5.0")) && !euro("5.0").exceeds(&unknown));
        assert!(euro("5.01").exceeds(&euro("5.0")) && !euro("5.0").exceeds(&euro("5.0")));
        let mut joined = euro("5.0");
        joined.joined_by(&unknown);
        assert_eq!((joined.minor, joined.highest_minor), (None, Some(500)));
    }
}
