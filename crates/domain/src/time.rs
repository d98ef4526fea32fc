//! Times and days as people and sources write them: one grammar for all places that read them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, de};

/// Reason why a text is not a time.
pub const NOT_A_TIME: &str = "is not a time; write RFC 3339 as in 2026-11-23T09:30:00Z (without an offset it is UTC)";
/// Ending of the message for a text that is not a day.
pub const NOT_A_DAY: &str = "is not a day; write YYYY-MM-DD";

/// RFC 3339, or the same without an offset, then UTC. Years have four digits, and microseconds are the finest, as PostgreSQL keeps it.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok().or_else(|| {
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|time| time.and_utc())
    })?;
    DateTime::from_timestamp_micros(time.timestamp_micros()).filter(|time| (0..=9999).contains(&time.year()))
}

/// `YYYY-MM-DD`, or the date of a date-time as written. Years may have fewer or more digits, see [`is_plausible`].
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let date = text.split(['T', 't', ' ']).next()?;
    if date.len() < text.len() {
        parse_time(text)?;
    }
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let year = year.strip_prefix('+').unwrap_or(year);
    let is_exact =
        [day, month, year].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) && day.len() == 2 && month.len() == 2;
    if !is_exact {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Whether a day can be meant in business data: from 1900 to 2999, or 9999-12-31, which stands for "without end".
pub fn is_plausible(day: NaiveDate) -> bool {
    (1900..3000).contains(&day.year()) || (day.year(), day.month(), day.day()) == (9999, 12, 31)
}

/// Reads a time of a request, see [`parse_time`].
pub fn deserialize_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_time(&text).ok_or_else(|| de::Error::custom(format!("'{}' {NOT_A_TIME}", crate::text::shown(&text))))
}

/// Reads a day of a request.
pub fn deserialize_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_day(&text).ok_or_else(|| de::Error::custom(format!("'{}' {NOT_A_DAY}", crate::text::shown(&text))))
}

/// Exactly `YYYY-MM-DD`, as people and programs give it.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let is_exact = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    if is_exact { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_grammar() {
        for (text, expected) in [
            ("2026-11-23T09:30:00Z", "2026-11-23T09:30:00+00:00"),
            ("2026-11-23T09:30:00+01:00", "2026-11-23T08:30:00+00:00"),
            ("2026-11-23T09:30:00.25", "2026-11-23T09:30:00.250+00:00"),
            ("2026-11-23 09:30:00", "2026-11-23T09:30:00+00:00"),
        ] {
            assert_eq!(parse_time(text).expect(text).to_rfc3339(), expected);
            assert!(
                serde_json::from_str::<Wanted>(&format!("{{\"until\": \"{text}\"}}")).is_ok(),
                "{text}"
            );
        }
        for wrong in ["2026-11-23T09:30:00+0100", "2026-11-23", "12026-11-23T09:30:00Z", "yesterday", ""] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
            let error = serde_json::from_str::<Wanted>(&format!("{{\"until\": \"{wrong}\"}}")).expect_err(wrong);
            assert!(error.to_string().starts_with(&format!("'{wrong}' {NOT_A_TIME}")), "{error}");
        }
    }

    #[derive(Debug, Deserialize)]
    struct Wanted {
        #[serde(deserialize_with = "deserialize_time", rename = "until")]
        _until: DateTime<Utc>,
    }

    #[test]
    fn days_of_requests_are_exact_and_dates_of_payloads_only_plausible() {
        for wrong in [
            "26-09-23",
            "2026-9-3",
            "12026-09-23",
            "+2026-09-23",
            "2026-13-01",
            "2026-09-23T00:00:00Z",
        ] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
        assert!(parse_day("2026-09-23").is_some());
        for (text, plausible) in [
            ("2026-09-23", true),
            ("2026-09-23T23:30:00-05:00", true),
            ("9999-12-31", true),
            ("1900-01-01", true),
            ("0026-09-23", false),
            ("26-09-23", false),
            ("12026-09-23", false),
            ("1899-12-31", false),
            ("9999-12-30", false),
        ] {
            assert_eq!(is_plausible(parse_date(text).expect(text)), plausible, "{text}");
        }
        for wrong in [
            "23/09/2026",
            "2026-9-3",
            "2026-09-3",
            "2026-9-03",
            "2026-02-30",
            "2026-09",
            "-2026-09-23",
            "2026-09-23T",
            "--",
            "",
        ] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
