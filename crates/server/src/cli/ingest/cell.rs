//! What a cell of a table becomes: a JSON value, as text.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use domain::decimal::{Decimal, NotADecimal};
use serde::Deserialize;

use super::format;

/// How a cell is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Convert {
    /// As it is.
    Text,
    /// A number; `decimal` is its decimal sign.
    Number {
        /// `.` or `,`.
        decimal: char,
    },
    /// Yes or no.
    Boolean,
    /// A day.
    Date {
        /// As strftime writes it; without one `YYYY-MM-DD`.
        format: Option<String>,
    },
    /// A moment.
    Time {
        /// As strftime writes it; without one RFC 3339, or the same without an offset.
        format: Option<String>,
        /// Where the clock hangs that it was read from, where the cell does not say.
        zone: Tz,
    },
    /// Texts between separators.
    List {
        /// What stands between two.
        separator: String,
    },
}

/// Names of [`Convert`] in a map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Text,
    Number,
    Boolean,
    Date,
    Time,
    List,
}

impl Convert {
    /// JSON text of a cell that is not blank, or what is wrong with it.
    pub fn json(&self, cell: &str) -> Result<String, String> {
        let trimmed = cell.trim();
        match self {
            Convert::Text => Ok(quoted(cell)),
            Convert::Number { decimal } => number(trimmed, *decimal),
            Convert::Boolean => boolean(trimmed).ok_or_else(|| format!("{} is neither true nor false", quoted(cell))),
            Convert::Date { format } => {
                let wrong = || format!("{} is not a date{}", quoted(cell), written(format.as_deref(), "YYYY-MM-DD"));
                let date = format::date(trimmed, format.as_deref().unwrap_or("%Y-%m-%d")).ok_or_else(wrong)?;
                Ok(quoted(&date.to_string()))
            }
            Convert::Time { format, zone } => {
                let wrong = || format!("{} is not a time{}", quoted(cell), written(format.as_deref(), "in RFC 3339"));
                let time = time(trimmed, format.as_deref(), *zone).ok_or_else(wrong)?;
                Ok(quoted(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
            }
            Convert::List { separator } => {
                let items = trimmed.split(separator.as_str()).map(str::trim).filter(|item| !item.is_empty());
                Ok(format!("[{}]", items.map(quoted).collect::<Vec<_>>().join(",")))
            }
        }
    }
}

fn written(format: Option<&str>, default: &str) -> String {
    format!(" written {}", format.unwrap_or(default))
}

/// A text in JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The digits as they stand, so that none is lost, by the grammar of [`Decimal`]. A table may also have brackets for negative numbers,
/// a sign behind, groups of three, and a decimal comma.
fn number(text: &str, decimal: char) -> Result<String, String> {
    let wrong = |why: NotADecimal| match why {
        NotADecimal::Malformed => format!("{} is not a number", quoted(text)),
        why => why.to_string(),
    };
    let (is_negative, unsigned) = unsigned(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    // A sign here would be a second one.
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = ungrouped(whole, decimal).filter(|whole| is_plain(whole) && is_plain(fraction));
    let whole = whole.ok_or_else(|| wrong(NotADecimal::Malformed))?;
    Decimal::from_str(&format!("{whole}.{fraction}{exponent}")).map_err(wrong)?;
    // JSON has no zeros in front and no empty part.
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let (sign, point) = (if is_negative { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
    Ok(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// Whether a number is negative, and what is left without its sign or brackets.
fn unsigned(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner.trim());
    }
    match text.strip_prefix('-').or_else(|| text.strip_suffix('-')) {
        Some(rest) => (true, rest.trim()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Digits without separators between groups of three.
fn ungrouped(whole: &str, decimal: char) -> Option<String> {
    let is_separator = |c: char| c != decimal && [',', '.', '\'', '’', ' ', '\u{a0}', '\u{202f}'].contains(&c);
    let groups: Vec<&str> = whole.split(is_separator).collect();
    let is_grouped = groups.len() == 1 || groups[1..].iter().all(|group| group.len() == 3) && (1..=3).contains(&groups[0].len());
    let digits = groups.concat();
    (is_grouped && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

fn boolean(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Some("true".to_owned()),
        "false" | "no" | "n" | "f" | "0" => Some("false".to_owned()),
        _ => None,
    }
}

fn time(text: &str, format: Option<&str>, zone: Tz) -> Option<DateTime<Utc>> {
    let local = |time: NaiveDateTime| zone.from_local_datetime(&time).earliest().map(|time| time.to_utc());
    let Some(format) = format else {
        let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
            .iter()
            .find_map(|format| format::local(text, format));
        return naive.map_or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()), local);
    };
    match format::moment(text, format) {
        Some(time) => Some(time.to_utc()),
        None => local(format::local(text, format)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (text, decimal, expected) in [
            ("1204880", '.', "1204880"),
            ("184220.15", '.', "184220.15"),
            ("12345678901234567.890", '.', "12345678901234567.890"),
            ("1,204,880.00", '.', "1204880.00"),
            ("1.204.880,5", ',', "1204880.5"),
            ("1'204'880", '.', "1204880"),
            ("(1,234.50)", '.', "-1234.50"),
            ("1234.50-", '.', "-1234.50"),
            ("+007", '.', "7"),
            (".5", '.', "0.5"),
            ("1.5E-3", '.', "1.5E-3"),
            ("1E+08", '.', "1E+08"),
            ("1,5e8", ',', "1.5e8"),
            ("5.", '.', "5"),
        ] {
            assert_eq!(number(text, decimal).as_deref(), Ok(expected), "{text}");
            assert!(serde_json::from_str::<serde_json::Number>(expected).is_ok(), "{expected}");
        }
        for wrong in [
            "", "-", ".", "abc", "1,2,3", "12,34", "1.2.3", "0x1", "1 e", "NaN", "٣", "1.5E-", "1e", "e5", "--5", "+-5", "-5-", "(-5)",
            "1e5.0", "1e1e1", "1e1001",
        ] {
            assert!(number(wrong, '.').is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_in_utc() {
        let time = |text: &str, format: Option<&str>, zone: Tz| {
            let format = format.map(str::to_owned);
            Convert::Time { format, zone }.json(text).map_err(|_| ())
        };
        let zurich = chrono_tz::Europe::Zurich;
        assert_eq!(time("2026-11-23T09:30:00Z", None, zurich), Ok("\"2026-11-23T09:30:00Z\"".into()));
        assert_eq!(time("2026-11-23 09:30:00", None, zurich), Ok("\"2026-11-23T08:30:00Z\"".into()));
        assert_eq!(
            time("23.11.2026 09:30", Some("%d.%m.%Y %H:%M"), zurich),
            Ok("\"2026-11-23T08:30:00Z\"".into())
        );
        assert_eq!(time("23/11/2026", Some("%d/%m/%Y"), Tz::UTC), Ok("\"2026-11-23T00:00:00Z\"".into()));
        assert_eq!(time("29.03.2026 02:30", Some("%d.%m.%Y %H:%M"), zurich), Err(()));
        assert_eq!(time("11/23/2026", Some("%d/%m/%Y"), Tz::UTC), Err(()));
    }

    #[test]
    fn other_kinds() {
        let separator = ";".to_owned();
        assert_eq!(Convert::List { separator }.json(" a; b\"c ;;"), Ok(r#"["a","b\"c"]"#.into()));
        assert_eq!(
            [Convert::Boolean.json("Yes"), Convert::Boolean.json("0")],
            [Ok("true".into()), Ok("false".into())]
        );
        let format = Some("%d.%m.%Y".to_owned());
        assert_eq!(
            Convert::Date { format: format.clone() }.json("23.11.2026"),
            Ok("\"2026-11-23\"".into())
        );
        let refused = Convert::Date { format }.json("2026-11-23");
        assert_eq!(refused, Err("\"2026-11-23\" is not a date written %d.%m.%Y".into()));
        assert_eq!(Convert::Text.json(" a\n"), Ok("\" a\\n\"".into()));
    }
}
