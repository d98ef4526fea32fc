//! Business days and working time of one calendar of a pack.
//!
//! The clock of triage and the seeder use it. A working interval is local wall time turned into UTC, so a day with a
//! clock change is as long as it really is: `00:00` to `24:00` is 23 or 25 hours. A boundary that the spring gap leaves
//! out is the end of the gap, one that the autumn fold has twice is its first occurrence; intervals therefore never
//! overlap. Everything terminates: a calendar without working time, or with ten years of holidays, is refused.

use std::ops::Range;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::pack::document::{CalendarDocument, HoursDocument, Weekday};

#[cfg(test)]
mod tests;

/// Longest time without a business day that makes sense, in days.
const LONGEST_CLOSURE: i64 = 3653;
const MINUTES_A_DAY: u32 = 24 * 60;

/// A calendar ready for arithmetic.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Tz,
    /// Working intervals per weekday from Monday, minutes of the day, in order.
    week: [Vec<Range<u32>>; 7],
    /// In order, each once.
    holidays: Vec<NaiveDate>,
}

/// Why a document is no calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// A time of day is not `HH:MM`.
    #[error("{0:?} is not a time of day like 09:30")]
    Time(String),
    /// An interval ends before it starts.
    #[error("working hours from {from} to {to} are empty: the end must be after the start, midnight at the end is 24:00")]
    Empty {
        /// Start as written.
        from: String,
        /// End as written.
        to: String,
    },
    /// Two intervals of one day overlap.
    #[error("working hours of {day} overlap at {at}")]
    Overlap {
        /// The day, e.g. `mon`.
        day: &'static str,
        /// Start of the second interval.
        at: String,
    },
    /// There are no working hours.
    #[error("the calendar has no working hours at all")]
    NoWorkingTime,
    /// So many holidays follow each other that no deadline could be computed.
    #[error("there is no working day in the ten years after {0}")]
    ClosedTooLong(NaiveDate),
}

/// Minutes since midnight of `HH:MM`, up to `24:00`.
pub fn minute_of_day(text: &str) -> Option<u32> {
    let two = |range: Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    let minutes = two(0..2)? * 60 + two(3..5)?;
    let well_formed = text.len() == 5 && text.as_bytes()[2] == b':' && two(3..5)? < 60 && minutes <= MINUTES_A_DAY;
    well_formed.then_some(minutes)
}

impl Calendar {
    /// Checks a document and prepares it.
    pub fn new(document: &CalendarDocument) -> Result<Self, CalendarFault> {
        let mut holidays: Vec<_> = document.holidays.iter().map(|holiday| holiday.date).collect();
        holidays.sort_unstable();
        holidays.dedup();
        let calendar = Calendar {
            zone: document.time_zone,
            week: week(&document.hours)?,
            holidays,
        };
        if calendar.business_days_a_week() == 0 {
            return Err(CalendarFault::NoWorkingTime);
        }
        calendar.refuse_long_closures()?;
        Ok(calendar)
    }

    /// Its time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The date on the wall at that moment.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The moment of a local wall time; what the gap leaves out is the end of the gap, in a fold it is the first.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let minutes = (0..=2 * MINUTES_A_DAY).map(|minutes| TimeDelta::minutes(i64::from(minutes)));
        minutes
            .filter_map(|later| local.checked_add_signed(later)?.and_local_timezone(self.zone).earliest())
            .map(|at| at.with_timezone(&Utc))
            .next()
            .unwrap_or_else(|| local.and_utc())
    }

    /// Whether the day is one of the holidays, on a weekend or not.
    pub fn is_holiday(&self, date: NaiveDate) -> bool {
        self.holidays.binary_search(&date).is_ok()
    }

    /// Whether the day has working hours and is no holiday.
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        self.is_open_weekday(date) && !self.is_holiday(date)
    }

    /// The `days`-th business day after the date, before it where negative. For 0 the last business day up to the date
    /// itself. Stops at the ends of the range of dates.
    pub fn add_business_days(&self, date: NaiveDate, days: i64) -> NaiveDate {
        match days {
            0 if self.is_business_day(date) => date,
            0 => self.backward(date, 1),
            1.. => self.forward(date, days),
            _ => self.backward(date, days.saturating_neg()),
        }
    }

    /// Number of business days after `from` up to and including `to`; negative where `to` is earlier.
    pub fn business_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        if to < from {
            return -self.business_days_between(to, from);
        }
        let days = to.signed_duration_since(from).num_days();
        let weeks = days / 7 * self.business_days_a_week();
        let rest = (1..=days % 7).filter_map(|day| from.checked_add_days(Days::new(day.unsigned_abs())));
        let rest = rest.filter(|date| self.is_open_weekday(*date)).count();
        let after = self.holidays.partition_point(|holiday| *holiday <= from);
        let until = self.holidays.partition_point(|holiday| *holiday <= to);
        let closed = self.holidays[after..until]
            .iter()
            .filter(|holiday| self.is_open_weekday(**holiday))
            .count();
        weeks + signed(rest) - signed(closed)
    }

    /// The moment by which so much working time has passed since `from`; `from` itself where the duration is not positive.
    ///
    /// What ends with the working day is due at its end, not at the start of the next. Stops at the last possible moment.
    pub fn add_working_time(&self, from: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
        let mut left = duration;
        if left <= Duration::zero() {
            return from;
        }
        let mut day = self.local_date(from).pred_opt();
        while let Some(date) = day {
            for open in self.intervals(date) {
                let start = open.start.max(from);
                let length = (open.end - start).max(Duration::zero());
                if left <= length {
                    return start + left;
                }
                left -= length;
            }
            day = date.succ_opt();
        }
        DateTime::<Utc>::MAX_UTC
    }

    /// Working time from `from` until `to`; negative where `to` is earlier.
    pub fn working_time_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
        if to < from {
            return -self.working_time_between(to, from);
        }
        let first = self.local_date(from).pred_opt().unwrap_or(NaiveDate::MIN);
        let last = self.local_date(to).succ_opt().unwrap_or(NaiveDate::MAX);
        let days = first.iter_days().take_while(|date| *date <= last);
        let intervals = days.flat_map(|date| self.intervals(date));
        intervals.fold(Duration::zero(), |sum, open| {
            sum + (open.end.min(to) - open.start.max(from)).max(Duration::zero())
        })
    }

    /// Working intervals of a local day, in order.
    fn intervals(&self, date: NaiveDate) -> impl Iterator<Item = Range<DateTime<Utc>>> {
        let open: &[Range<u32>] = if self.is_holiday(date) { &[] } else { self.hours(date) };
        open.iter()
            .map(move |minutes| self.boundary(date, minutes.start)..self.boundary(date, minutes.end))
    }

    /// The moment of a minute of a local day; minute 1440 is the next midnight.
    fn boundary(&self, date: NaiveDate, minute: u32) -> DateTime<Utc> {
        let midnight = date.and_time(NaiveTime::MIN);
        self.instant(
            midnight
                .checked_add_signed(TimeDelta::minutes(i64::from(minute)))
                .unwrap_or(midnight),
        )
    }

    fn hours(&self, date: NaiveDate) -> &[Range<u32>] {
        &self.week[date.weekday().num_days_from_monday() as usize]
    }

    fn is_open_weekday(&self, date: NaiveDate) -> bool {
        !self.hours(date).is_empty()
    }

    fn business_days_a_week(&self) -> i64 {
        signed(self.week.iter().filter(|hours| !hours.is_empty()).count())
    }

    fn forward(&self, date: NaiveDate, days: i64) -> NaiveDate {
        let (mut date, mut left) = (date, days);
        while left > 0 {
            let Some(next) = date.checked_add_days(self.stride(left)) else {
                return NaiveDate::MAX;
            };
            left -= self.business_days_between(date, next);
            date = next;
        }
        date
    }

    fn backward(&self, date: NaiveDate, days: i64) -> NaiveDate {
        let (mut date, mut left) = (date, days);
        while left > 0 {
            let earlier = date.checked_sub_days(self.stride(left));
            let Some((earlier, before)) = earlier.and_then(|earlier| Some((earlier, earlier.pred_opt()?))) else {
                return NaiveDate::MIN;
            };
            left -= self.business_days_between(before, date.pred_opt().unwrap_or(before));
            date = earlier;
        }
        date
    }

    /// Whole weeks that cannot contain all of so many business days, at least one day: the last step is a single day.
    fn stride(&self, days: i64) -> Days {
        let whole = (days - 1) / self.business_days_a_week();
        Days::new(whole.saturating_mul(7).max(1).unsigned_abs())
    }

    fn refuse_long_closures(&self) -> Result<(), CalendarFault> {
        let mut open_again = NaiveDate::MIN;
        for &holiday in &self.holidays {
            if holiday <= open_again {
                continue;
            }
            open_again = self.forward(holiday, 1);
            if (open_again - holiday).num_days() > LONGEST_CLOSURE {
                return Err(CalendarFault::ClosedTooLong(holiday));
            }
        }
        Ok(())
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Sorts the working hours by weekday and refuses what is empty or overlaps.
fn week(hours: &[HoursDocument]) -> Result<[Vec<Range<u32>>; 7], CalendarFault> {
    let mut week: [Vec<Range<u32>>; 7] = Default::default();
    for part in hours {
        let minute = |text: &String| minute_of_day(text).ok_or_else(|| CalendarFault::Time(text.clone()));
        let (from, to) = (minute(&part.from)?, minute(&part.to)?);
        if from >= to {
            return Err(CalendarFault::Empty {
                from: part.from.clone(),
                to: part.to.clone(),
            });
        }
        for day in &part.days {
            week[*day as usize].push(from..to);
        }
    }
    for (day, open) in week.iter_mut().enumerate() {
        open.sort_unstable_by_key(|minutes| minutes.start);
        if let Some(pair) = open.windows(2).find(|pair| pair[1].start < pair[0].end) {
            let at = pair[1].start;
            return Err(CalendarFault::Overlap {
                day: DAYS[day],
                at: format!("{:02}:{:02}", at / 60, at % 60),
            });
        }
    }
    Ok(week)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const _: () = assert!(Weekday::Mon as usize == 0 && Weekday::Sun as usize == 6, "weekdays index the week");
