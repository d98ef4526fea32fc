//! What people do with one exception next, given where it stands: a command, who gives it, and when. What comes of it the domain decides.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    standing::{AUTO_CLEARED, FOLDED},
    status::Status,
    work::{Actor, Command},
};

use super::{
    temper::{Intent, Temper, portion},
    view::View,
    words::Words,
};
use crate::stream::Stream;

/// After so many commands that were refused nobody tries further.
const PATIENCE: u32 = 3;

/// What somebody is going to do.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) at: DateTime<Utc>,
    pub(super) by: Actor,
    pub(super) command: Command,
}

/// One exception's way through the desk.
pub(super) struct Story {
    pub(super) stream: Stream,
    respond: TimeDelta,
    pub(super) todo: VecDeque<(TimeDelta, Intent)>,
    reopens: bool,
    lies: bool,
    /// What chooses resolution and root cause; the same for the parts of an incident.
    pub(super) codes: (f64, f64),
    /// The exception it is a part of.
    pub(super) whole: Option<String>,
    /// Whether a second person was asked about the end already.
    pub(super) was_asked: bool,
    refusals: u32,
}

impl Story {
    pub(super) fn new(temper: Temper, codes: (f64, f64), whole: Option<String>, stream: Stream) -> Self {
        Self {
            stream,
            respond: temper.respond,
            todo: temper.todo.into(),
            reopens: temper.reopens,
            lies: temper.lies,
            codes,
            whole,
            was_asked: false,
            refusals: 0,
        }
    }

    /// A command was refused.
    pub(super) fn refused(&mut self) {
        self.refusals += 1;
    }

    /// What happens next, unless nobody does anything more.
    pub(super) fn next(&mut self, view: &View<'_>) -> Option<Turn> {
        if self.refusals > PATIENCE {
            return None;
        }
        match view.standing.cell.status {
            Status::Open => self.open(view),
            Status::InProgress => self.in_progress(view),
            Status::Waiting => self.waiting(view),
            Status::PendingApproval => self.pending(view),
            Status::Resolved => self.resolved(view),
        }
    }

    fn open(&mut self, view: &View<'_>) -> Option<Turn> {
        let work = &view.standing.work;
        let from = work.snoozed_until.map_or(view.at, |until| until.max(view.at));
        if let Some(owner) = &work.owner {
            let at = view.later(from, self.minutes(3, 40));
            return turn(at, view.people.named(owner)?, Command::Start);
        }
        if work.previous_queue.is_some() {
            let (least, most) = if self.lies { (1_500, 15_000) } else { (5, 60) };
            let at = view.later(from, self.minutes(least, most));
            let lead = view.people.lead(&mut self.stream);
            if self.stream.unit() < 0.3 {
                let reason = self.words(view).hand_back();
                return turn(at, lead, Command::HandBack { reason });
            }
            return turn(at, lead, Command::Claim);
        }
        let respond = std::mem::replace(&mut self.respond, TimeDelta::zero());
        let respond = if respond.is_zero() { self.minutes(5, 60) } else { respond };
        let at = view.later(from, respond);
        let operator = view.people.operator(view.queue(), &mut self.stream);
        if self.stream.unit() < 0.12 {
            let owner = operator.member_id().to_owned();
            return turn(at, view.people.lead(&mut self.stream), Command::Assign { owner });
        }
        turn(at, operator, Command::Claim)
    }

    fn in_progress(&mut self, view: &View<'_>) -> Option<Turn> {
        let work = &view.standing.work;
        let owner = view.people.named(work.owner.as_ref()?)?;
        let from = work.snoozed_until.map_or(view.at, |until| until.max(view.at));
        let mut after = TimeDelta::zero();
        while let Some((time, intent)) = self.todo.pop_front() {
            after += time;
            let at = view.later(from, after);
            if let Some(command) = self.command(intent, view, at) {
                return turn(at, owner, command);
            }
        }
        let at = view.later(from, after + self.minutes(20, 120));
        let command = self.command(Intent::Resolve, view, at)?;
        turn(at, owner, command)
    }

    /// Most hear from the other side before the time is over; otherwise the clock ends the wait.
    fn waiting(&mut self, view: &View<'_>) -> Option<Turn> {
        let work = &view.standing.work;
        let (waiting, owner) = (work.waiting.as_ref()?, view.people.named(work.owner.as_ref()?)?);
        let heard = 0.3 + self.stream.unit();
        let at = view.later(view.at + portion(waiting.until - view.at, heard), self.minutes(1, 15));
        if at >= waiting.until {
            return None;
        }
        turn(at, owner, Command::Resume)
    }

    /// Some requests nobody decides in time.
    fn pending(&mut self, view: &View<'_>) -> Option<Turn> {
        let pending = view.standing.work.pending.as_ref()?;
        let by = view.people.decider(pending, &mut self.stream)?;
        let chance = self.stream.unit();
        let at = view.later(view.at, self.minutes(4, 90));
        match chance {
            chance if chance < 0.80 => {
                let note = (self.stream.unit() < 0.5).then(|| self.words(view).grant());
                turn(at, by, Command::Grant { note })
            }
            chance if chance < 0.95 => {
                let reason = self.words(view).refusal();
                turn(at, by, Command::Refuse { reason })
            }
            _ => None,
        }
    }

    fn resolved(&mut self, view: &View<'_>) -> Option<Turn> {
        let by_nobody = matches!(view.standing.resolution.as_deref(), Some(FOLDED | AUTO_CLEARED));
        if by_nobody || !std::mem::take(&mut self.reopens) {
            return None;
        }
        let tomorrow = view.opening(view.at, view.day(view.at, 1));
        let at = view.later(tomorrow, self.minutes(10, 240));
        let reason = self.words(view).reopening();
        turn(at, view.people.lead(&mut self.stream), Command::Reopen { reason })
    }

    pub(super) fn words<'w>(&'w mut self, view: &View<'w>) -> Words<'w> {
        Words {
            pack: view.pack,
            kind: view.kind(),
            party: self.codes.1,
            stream: &mut self.stream,
        }
    }

    pub(super) fn minutes(&mut self, least: i64, most: i64) -> TimeDelta {
        TimeDelta::milliseconds(self.stream.between(least * 60_000, most * 60_000))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what happens next, as its callers return it")]
fn turn(at: DateTime<Utc>, by: &Actor, command: Command) -> Option<Turn> {
    let by = by.clone();
    Some(Turn { at, by, command })
}
