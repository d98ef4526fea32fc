//! Dates and times read by a format of strftime, exactly: what the format would write, and nothing else.
//!
//! chrono alone is lenient: by `%d/%m/%Y` it reads `23/09/26` as a day of the year 26.

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime,
    format::{Fixed, Item, StrftimeItems},
};

/// A day.
pub fn date(text: &str, format: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    is_exact(text, format, |item| date.format_with_items(std::iter::once(item)).to_string()).then_some(date)
}

/// A moment with its offset.
pub fn moment(text: &str, format: &str) -> Option<DateTime<FixedOffset>> {
    let time = DateTime::parse_from_str(text, format).ok()?;
    is_exact(text, format, |item| time.format_with_items(std::iter::once(item)).to_string()).then_some(time)
}

/// Local date and time; midnight where the format has a day only.
pub fn local(text: &str, format: &str) -> Option<NaiveDateTime> {
    let Ok(time) = NaiveDateTime::parse_from_str(text, format) else {
        return Some(date(text, format)?.and_time(NaiveTime::MIN));
    };
    is_exact(text, format, |item| time.format_with_items(std::iter::once(item)).to_string()).then_some(time)
}

/// Whether a text is what a format writes for the value that was read from it. Letter case does not matter; fractions of a second
/// have as many digits as there are, and an offset is written in any of its ways.
fn is_exact<'f>(text: &str, format: &'f str, write: impl Fn(Item<'f>) -> String) -> bool {
    let mut rest = text;
    for item in StrftimeItems::new(format) {
        let length = match &item {
            Item::Fixed(fixed) if is_free(fixed) => Some(free_length(rest)),
            _ => {
                let written = write(item);
                let is_there = rest.get(..written.len()).is_some_and(|start| start.eq_ignore_ascii_case(&written));
                is_there.then_some(written.len())
            }
        };
        let Some(after) = length.and_then(|length| rest.get(length..)) else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}

/// Whether an item is written in several ways.
fn is_free(fixed: &Fixed) -> bool {
    !matches!(
        fixed,
        Fixed::ShortMonthName
            | Fixed::LongMonthName
            | Fixed::ShortWeekdayName
            | Fixed::LongWeekdayName
            | Fixed::LowerAmPm
            | Fixed::UpperAmPm
    )
}

/// Length of a fraction of a second or of an offset.
fn free_length(text: &str) -> usize {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || ".+-:Zz".contains(c));
    text.len() - rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_matched_exactly() {
        for (text, format) in [
            ("23/09/2026", "%d/%m/%Y"),
            ("3/9/2026", "%-d/%-m/%Y"),
            ("23-SEP-2026", "%d-%b-%Y"),
            ("September 3, 2026", "%B %-d, %Y"),
            ("23/09/26", "%d/%m/%y"),
            ("20260923", "%Y%m%d"),
        ] {
            assert!(date(text, format).is_some(), "{text} {format}");
        }
        for (text, format) in [
            ("23/09/26", "%d/%m/%Y"),
            ("23/09/026", "%d/%m/%Y"),
            ("23/09/12026", "%d/%m/%Y"),
            ("23/09/+2026", "%d/%m/%Y"),
            ("3/9/2026", "%d/%m/%Y"),
            ("03/09/2026", "%-d/%-m/%Y"),
            ("23/09/2026 ", "%d/%m/%Y"),
            ("23 / 09/2026", "%d/%m/%Y"),
            ("26-09-23", "%Y-%m-%d"),
            ("23/09/2026", "%d/%m/%y"),
            ("31/02/2026", "%d/%m/%Y"),
        ] {
            assert_eq!(date(text, format), None, "{text} {format}");
        }
    }

    #[test]
    fn times_have_their_fractions_and_offsets() {
        for text in ["2026-09-23T09:30:00", "2026-09-23T09:30:00.5", "2026-09-23T09:30:00.123456"] {
            assert!(local(text, "%Y-%m-%dT%H:%M:%S%.f").is_some(), "{text}");
        }
        assert_eq!(local("26-09-23T09:30:00", "%Y-%m-%dT%H:%M:%S%.f"), None);
        assert_eq!(local("2026-09-23 9:30", "%Y-%m-%d %H:%M"), None);
        assert!(local("09/23/2026 3:05 pm", "%m/%d/%Y %-I:%M %p").is_some());
        assert!(local("23.11.2026", "%d.%m.%Y").is_some_and(|time| time.time() == NaiveTime::MIN));
        for text in ["23.11.2026 09:30 +0100", "23.11.2026 09:30 +01:00"] {
            assert!(moment(text, "%d.%m.%Y %H:%M %z").is_some(), "{text}");
        }
        assert_eq!(moment("23.11.26 09:30 +0100", "%d.%m.%Y %H:%M %z"), None);
    }
}
