//! What the clock of an exception tells by itself, and when.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::{standing::Standing, status::Status};

/// At most so long before it is due, an exception is imminent.
const IMMINENT: TimeDelta = TimeDelta::hours(1);

/// What the clock tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// What it waited for did not come in time.
    WaitEnds,
    /// It is offered again.
    Wakes,
    /// Nobody decided a request in time.
    RequestExpires,
    /// Nobody took it in time.
    RespondBreach,
    /// It is due soon.
    Imminent,
    /// It was not resolved in time.
    Breach,
}

/// The next moment after `after` at which the clock has something to tell.
pub fn next(standing: &Standing, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    all(standing).into_iter().map(|(at, _)| at).filter(|at| *at > after).min()
}

/// The next moment after a change that the clock had no part in: a moment that is due by then and not yet handled stays.
pub fn next_or_due(standing: &Standing, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    standing.alarm_at.filter(|alarm| *alarm <= at).or_else(|| next(standing, at))
}

/// Returns true if the stored next moment is the one that follows from the state after its last change, or is due and not yet handled.
pub fn is_set(standing: &Standing, last_change: DateTime<Utc>) -> bool {
    let next = next(standing, last_change).map(|next| next.trunc_subsecs(6));
    let is_due = || standing.cell.status != Status::Resolved && standing.alarm_at.is_some_and(|alarm| alarm <= last_change);
    standing.alarm_at == next || is_due()
}

/// What the clock tells at a moment.
pub fn at(standing: &Standing, moment: DateTime<Utc>) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = all(standing)
        .into_iter()
        .filter(|(at, _)| *at == moment)
        .map(|(_, alarm)| alarm)
        .collect();
    alarms.sort_unstable();
    alarms
}

/// When an exception is imminent: a fifth of its time before it is due, at most an hour. Whole seconds: the database keeps no finer times
/// than microseconds, and what it keeps must be this moment.
pub fn imminent_at(standing: &Standing) -> DateTime<Utc> {
    let fifth = (standing.due_at - standing.started_at()).num_seconds() / 5;
    standing.due_at - TimeDelta::seconds(fifth.clamp(0, IMMINENT.num_seconds()))
}

fn all(standing: &Standing) -> Vec<(DateTime<Utc>, Alarm)> {
    if standing.cell.status == Status::Resolved {
        return Vec::new();
    }
    let work = &standing.work;
    let mut alarms = vec![(imminent_at(standing), Alarm::Imminent), (standing.due_at, Alarm::Breach)];
    if work.responded_at.is_none() {
        alarms.push((standing.respond_due_at, Alarm::RespondBreach));
    }
    alarms.extend(work.waiting.as_ref().map(|waiting| (waiting.until, Alarm::WaitEnds)));
    alarms.extend(work.snoozed_until.map(|until| (until, Alarm::Wakes)));
    alarms.extend(work.pending.as_ref().map(|pending| (pending.expires_at, Alarm::RequestExpires)));
    alarms
}
