//! By when: respond and resolve deadlines on a business calendar.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    pack::{Pack, document::SlaDocument},
    severity::Severity,
};

#[cfg(test)]
mod tests;

/// Deadlines of one exception type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Calendar the time runs on; `None` runs around the clock.
    pub calendar: Option<String>,
    /// Durations per severity.
    durations: BTreeMap<Severity, Durations>,
    /// Reasons to wait that stop the clock.
    pause_on: Vec<String>,
}

/// Working time until somebody has taken it, and until it is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durations {
    /// Until somebody has taken it.
    pub respond: TimeDelta,
    /// Until it is resolved.
    pub resolve: TimeDelta,
}

/// The deadlines of one exception and how they came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// Somebody must have taken it.
    pub respond_due_at: DateTime<Utc>,
    /// It must be resolved.
    pub due_at: DateTime<Utc>,
    /// Durations that applied.
    pub durations: Durations,
}

/// A time that does not count: an exception waited for a reason its pack lets stop the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Its start (UTC).
    pub from: DateTime<Utc>,
    /// Its end (UTC); while the exception waits, the end that is expected.
    pub to: DateTime<Utc>,
    /// Code of the pack.
    pub reason: String,
}

/// Why a clock was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PolicyFault {
    #[error("'{0}' is not a duration; write hours and minutes of working time as in PT8H or PT1H30M")]
    Duration(String),
    #[error("respond ({0}) must not be longer than resolve ({1})")]
    Order(String, String),
}

impl Policy {
    /// Compiles a pack's clock. Without one the defaults by severity apply, around the clock:
    /// CRITICAL 2 h, HIGH 8 h, MEDIUM 24 h, LOW 72 h to resolve, a quarter of it to respond.
    pub fn new(sla: Option<&SlaDocument>) -> Result<Self, PolicyFault> {
        let Some(sla) = sla else {
            let hours = [
                (Severity::Critical, 2),
                (Severity::High, 8),
                (Severity::Medium, 24),
                (Severity::Low, 72),
            ];
            let durations = hours.map(|(severity, hours)| {
                let resolve = TimeDelta::hours(hours);
                (
                    severity,
                    Durations {
                        respond: resolve / 4,
                        resolve,
                    },
                )
            });
            return Ok(Self {
                calendar: None,
                durations: durations.into(),
                pause_on: Vec::new(),
            });
        };
        let mut durations = BTreeMap::new();
        for severity in Severity::ALL {
            let (respond, resolve) = match sla.by_severity.get(&severity) {
                Some(own) => (&own.respond, &own.resolve),
                None => (&sla.respond, &sla.resolve),
            };
            let pair = Durations {
                respond: parse_duration(respond)?,
                resolve: parse_duration(resolve)?,
            };
            if pair.respond > pair.resolve {
                return Err(PolicyFault::Order(respond.clone(), resolve.clone()));
            }
            durations.insert(severity, pair);
        }
        Ok(Self {
            calendar: Some(sla.calendar.clone()),
            durations,
            pause_on: sla.pause_on.clone(),
        })
    }

    /// Whether the clock stops while an exception waits for this.
    pub fn pauses_on(&self, reason: &str) -> bool {
        self.pause_on.iter().any(|pausing| pausing == reason)
    }

    /// Computes the deadlines of an exception whose clock started at `from`. Pauses, in order and apart from each other, move the time to
    /// resolve; the time to respond knows none, since who lets an exception wait has responded.
    pub fn deadlines(&self, pack: &Pack, severity: Severity, from: DateTime<Utc>, pauses: &[Pause]) -> Deadlines {
        let durations = self.durations[&severity];
        let calendar = self.calendar.as_deref().and_then(|name| pack.calendar(name));
        Deadlines {
            respond_due_at: later(calendar, from, durations.respond),
            due_at: later_with_pauses(calendar, from, durations.resolve, pauses),
            durations,
        }
    }

    /// The policy and its arithmetic in sentences, for the operator.
    pub fn explain(&self, pack: &Pack, severity: Severity, from: DateTime<Utc>, pauses: &[Pause]) -> Vec<String> {
        let deadlines = self.deadlines(pack, severity, from, pauses);
        let (name, zone) = match self.calendar.as_deref().and_then(|name| pack.document().calendars.get(name)) {
            Some(calendar) => (format!("working time of {}", calendar.label), calendar.time_zone),
            None => ("time around the clock".to_owned(), chrono_tz::UTC),
        };
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%a %-d %b %Y %H:%M %Z");
        let mut explanation = vec![
            format!(
                "{} allows {} to respond and {} to resolve a {severity} exception, in {name}.",
                pack.label(),
                hours(deadlines.durations.respond),
                hours(deadlines.durations.resolve)
            ),
            format!("The clock started: {}.", local(from)),
            format!(
                "{} later: respond by {}.",
                hours(deadlines.durations.respond),
                local(deadlines.respond_due_at)
            ),
        ];
        explanation.extend(pauses.iter().map(|pause| {
            format!(
                "It did not run from {} to {}: {}.",
                local(pause.from),
                local(pause.to),
                pause.reason
            )
        }));
        explanation.push(format!(
            "{} later{}: resolve by {}.",
            hours(deadlines.durations.resolve),
            if pauses.is_empty() { "" } else { ", without the pauses" },
            local(deadlines.due_at)
        ));
        explanation
    }
}

fn later(calendar: Option<&Calendar>, from: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
    calendar.map_or(from.checked_add_signed(time).unwrap_or(DateTime::<Utc>::MAX_UTC), |calendar| {
        calendar.add_working_time(from, time)
    })
}

/// The moment at which so much time has counted: what lies within a pause does not.
fn later_with_pauses(calendar: Option<&Calendar>, from: DateTime<Utc>, time: TimeDelta, pauses: &[Pause]) -> DateTime<Utc> {
    let (mut at, mut left) = (from, time);
    for pause in pauses.iter().filter(|pause| pause.to > pause.from) {
        if pause.to <= at {
            continue;
        }
        let start = pause.from.max(at);
        let counted = calendar.map_or(start - at, |calendar| calendar.working_time_between(at, start));
        if counted >= left {
            break;
        }
        left -= counted;
        at = pause.to;
    }
    later(calendar, at, left)
}

/// A duration in hours and minutes for people: `8 h`, `1 h 30 m`.
pub fn hours(duration: TimeDelta) -> String {
    match (duration.num_hours(), duration.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} m"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} m"),
    }
}

/// An ISO 8601 duration of hours and minutes (`PT…H…M`), greater than zero.
fn parse_duration(text: &str) -> Result<TimeDelta, PolicyFault> {
    let fault = || PolicyFault::Duration(text.to_owned());
    let rest = text.strip_prefix("PT").ok_or_else(fault)?;
    let (hours, rest) = rest.split_once('H').map_or((None, rest), |(hours, rest)| (Some(hours), rest));
    let (minutes, rest) = rest.split_once('M').map_or((None, rest), |(minutes, rest)| (Some(minutes), rest));
    let number = |part: Option<&str>| part.map_or(Ok(0), |part| part.parse::<u16>().map_err(|_| fault()));
    let minutes = i64::from(number(hours)?) * 60 + i64::from(number(minutes)?);
    if minutes == 0 || !rest.is_empty() {
        Err(fault())
    } else {
        Ok(TimeDelta::minutes(minutes))
    }
}
