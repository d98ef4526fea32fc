//! When exceptions arise: within the days before, shaped by weekday, time of day and holidays.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::{
    calendar::{Calendar, minute_of_day},
    pack::seed::{SeedHours, SeedProfile},
};

use crate::{
    fault::{SeedFault, SeedProblem, join},
    functions::Calendars,
    plan::fault,
    stream::{Stream, Weights},
};

/// Shape of a week.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) calendar: Calendar,
    /// From Monday.
    weekdays: [f64; 7],
    /// Minutes of the day from and to, and weight.
    hours: Vec<(u32, u32, f64)>,
    on_holidays: bool,
}

/// Parts of the window and their weights.
#[derive(Debug)]
pub(crate) struct Slots {
    /// Milliseconds since 1970, the end excluded.
    parts: Vec<(i64, i64)>,
    weights: Weights,
}

impl Profile {
    pub(crate) fn new(profile: &SeedProfile, calendars: &Calendars, pointer: &str) -> Result<Self, SeedFault> {
        let calendar = calendars.get(&profile.calendar).cloned();
        let calendar = calendar.ok_or_else(|| {
            let problem = SeedProblem::Unknown {
                what: "calendar",
                name: profile.calendar.clone(),
            };
            fault(&join(pointer, "calendar"), problem)
        })?;
        let mut weekdays = [0.0; 7];
        for (day, weight) in &profile.weekdays {
            weekdays[*day as usize] = *weight;
        }
        let hours = profile.hours.iter().map(|part| hours(part, &join(pointer, "hours")));
        let hours = hours.collect::<Result<Vec<_>, _>>()?;
        let are_weights = Weights::new(weekdays).is_some() && Weights::new(hours.iter().map(|part| part.2)).is_some();
        if !are_weights {
            return Err(fault(pointer, SeedProblem::Weights));
        }
        Ok(Profile {
            calendar,
            weekdays,
            hours,
            on_holidays: profile.on_holidays,
        })
    }

    /// The parts of the days before that have volume. Where there are none because of holidays, as if there were
    /// no holidays; else the whole window.
    pub(crate) fn slots(&self, as_of: DateTime<Utc>, window: Duration) -> Slots {
        let end = as_of.timestamp_millis();
        let start = as_of.checked_sub_signed(window).unwrap_or(DateTime::<Utc>::MIN_UTC);
        // The first whole millisecond that is not too old.
        let start = start.timestamp_millis() + i64::from(!start.timestamp_subsec_nanos().is_multiple_of(1_000_000));
        self.volume(start, end, self.on_holidays)
            .or_else(|| self.volume(start, end, true))
            .unwrap_or_else(|| Slots {
                parts: vec![(start, end.max(start + 1))],
                weights: Weights::single(),
            })
    }

    fn volume(&self, start: i64, end: i64, on_holidays: bool) -> Option<Slots> {
        let date = |at| DateTime::from_timestamp_millis(at).map(|at| self.calendar.local_date(at));
        let (first, last) = (date(start)?.pred_opt()?, date(end)?);
        let days = first.iter_days().take_while(|day| *day <= last);
        let open = days.filter(|day| on_holidays || !self.calendar.is_holiday(*day));
        let mut parts = Vec::new();
        let mut weights = Vec::new();
        for (day, (from, to, weight)) in open.flat_map(|day| self.hours.iter().map(move |hours| (day, *hours))) {
            let (from, to) = (self.at(day, from), self.at(day, to));
            let part = (from.max(start), to.min(end));
            if part.0 < part.1 {
                parts.push(part);
                weights.push(weight * self.weekdays[day.weekday().num_days_from_monday() as usize] * share(part, (from, to)));
            }
        }
        Weights::new(weights).map(|weights| Slots { parts, weights })
    }

    fn at(&self, day: NaiveDate, minute: u32) -> i64 {
        let local = day
            .and_time(NaiveTime::MIN)
            .checked_add_signed(TimeDelta::minutes(i64::from(minute)));
        local.map_or(i64::MAX, |local| self.calendar.instant(local).timestamp_millis())
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a day of milliseconds")]
fn share(part: (i64, i64), whole: (i64, i64)) -> f64 {
    (part.1 - part.0) as f64 / (whole.1 - whole.0) as f64
}

fn hours(part: &SeedHours, pointer: &str) -> Result<(u32, u32, f64), SeedFault> {
    let minute = |text: &String| minute_of_day(text).ok_or_else(|| fault(pointer, SeedProblem::TimeOfDay(text.clone())));
    let (from, to) = (minute(&part.from)?, minute(&part.to)?);
    if from >= to {
        return Err(fault(pointer, SeedProblem::EmptyRange { what: "from", than: "to" }));
    }
    Ok((from, to, part.weight))
}

impl Slots {
    /// A moment, to the millisecond.
    pub(crate) fn draw(&self, stream: &mut Stream) -> DateTime<Utc> {
        let (start, end) = self.parts[self.weights.choose(stream)];
        let at = stream.between(start, end - 1);
        DateTime::from_timestamp_millis(at).unwrap_or_default()
    }
}
