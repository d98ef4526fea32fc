//! What a cell of a table becomes: a JSON value, as text.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use domain::intake::parse_time;
use serde::Deserialize;

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
            Convert::Number { decimal } => number(trimmed, *decimal).ok_or_else(|| format!("{} is not a number", quoted(cell))),
            Convert::Boolean => boolean(trimmed).ok_or_else(|| format!("{} is neither true nor false", quoted(cell))),
            Convert::Date { format } => {
                let date = NaiveDate::parse_from_str(trimmed, format.as_deref().unwrap_or("%Y-%m-%d"));
                let date = date.map_err(|_| format!("{} is not a date{}", quoted(cell), written(format.as_deref(), "YYYY-MM-DD")))?;
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

/// The digits as they stand, so that none is lost: signs, brackets for negative numbers, and groups of three are understood.
fn number(text: &str, decimal: char) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (true, inner.trim()),
        None => match text.strip_prefix('-').or_else(|| text.strip_suffix('-')) {
            Some(rest) => (true, rest.trim()),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        },
    };
    let (whole, fraction) = match digits.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let whole = ungrouped(whole, decimal)?;
    let (fraction, exponent) = match fraction.map(|fraction| fraction.split_once(['e', 'E']).unwrap_or((fraction, ""))) {
        Some((fraction, exponent)) => (fraction, exponent),
        None => ("", ""),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.trim_start_matches(['+', '-']);
    if (whole.is_empty() && fraction.is_empty()) || !is_number(fraction) || !is_number(exponent_digits) {
        return None;
    }
    let mut number = String::from(if negative { "-" } else { "" });
    number += match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if !fraction.is_empty() {
        number = number + "." + fraction;
    }
    if !exponent_digits.is_empty() {
        number = number + "e" + exponent;
    }
    serde_json::from_str::<serde_json::Number>(&number).ok().map(|_| number)
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
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        return naive.map_or_else(|| parse_time(text), local);
    };
    if let Ok(time) = DateTime::parse_from_str(text, format) {
        return Some(time.to_utc());
    }
    let naive = NaiveDateTime::parse_from_str(text, format).ok();
    local(naive.or_else(|| Some(NaiveDate::parse_from_str(text, format).ok()?.and_time(NaiveTime::MIN)))?)
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
            ("1.5E-3", '.', "1.5e-3"),
        ] {
            assert_eq!(number(text, decimal).as_deref(), Some(expected), "{text}");
        }
        for wrong in ["", "-", "abc", "1,2,3", "12,34", "1.2.3", "0x1", "1 e", "NaN", "٣"] {
            assert_eq!(number(wrong, '.'), None, "{wrong}");
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
