//! One decision: what a command, or the clock, makes of an exception.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{
    Command,
    alarm::{self, Alarm},
    pending::{self, Pending, void},
};
use crate::{
    calendar::Calendar,
    event::{EventKind, NewEvent, not_before},
    fault::Fault,
    member,
    pack::Pack,
    role::Role,
    standing::{Standing, differences},
    status::Status,
};

mod apply;
mod check;

/// Who the clock is, in events.
pub const CLOCK: &str = "system:clock";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// As events name them.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Actor {
    /// Their id as an owner of exceptions.
    pub fn member_id(&self) -> &str {
        member::of_actor(&self.name).unwrap_or(&self.name)
    }
}

/// What a decision is about.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// Where the exception stands.
    pub standing: Standing,
    /// The pack it is worked under.
    pub pack: &'a Pack,
    /// Of the exception it is to be a part of: whether that is a part itself. `None` where there is no such exception.
    pub parent_is_part: Option<bool>,
    /// Whether it has parts.
    pub has_parts: bool,
    /// When its last event happened (UTC), where that may be later than now.
    pub last_event_at: Option<DateTime<Utc>>,
}

impl<'a> Case<'a> {
    /// Calendar of its type.
    pub(super) fn calendar(&self) -> Option<&'a Calendar> {
        let kind = self.pack.exception_type(&self.standing.cell.exception_type)?;
        self.pack.calendar(kind.policy.calendar.as_deref()?)
    }

    /// The date where its type is worked.
    pub(super) fn today(&self, at: DateTime<Utc>) -> NaiveDate {
        self.calendar().map_or(at.date_naive(), |calendar| calendar.local_date(at))
    }
}

/// What became of a command.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Where the exception stood.
    pub before: Standing,
    /// Where it stands now.
    pub now: Standing,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
    /// The request that waits for a second person now, if the command needs one.
    pub asked: Option<Pending>,
    /// The request that was decided, and how.
    pub settled: Option<(Pending, Settled)>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// A second person allowed it.
    Granted,
    /// A second person refused it.
    Refused,
    /// Who asked took it back.
    Withdrawn,
    /// The exception changed.
    Void,
    /// Nobody decided in time.
    Expired,
}

impl Settled {
    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Settled::Granted => "GRANTED",
            Settled::Refused => "REFUSED",
            Settled::Withdrawn => "WITHDRAWN",
            Settled::Void => "VOID",
            Settled::Expired => "EXPIRED",
        }
    }
}

/// Why a command was refused; nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The status does not know the verb.
    NotNow {
        /// Where it stands.
        status: Status,
        /// What it knows instead.
        allowed: Vec<&'static str>,
    },
    /// It stands against what the exception is; a sentence that says what to do.
    Conflict(String),
    /// The command is not what it should be.
    Invalid(Vec<Fault>),
    /// Somebody else works on it.
    Owned {
        /// Their member id.
        owner: String,
    },
    /// Only who asked takes a request back.
    NotTheirRequest {
        /// The maker, as events name them.
        by: String,
    },
    /// A stronger role is needed.
    RoleTooWeak {
        /// The weakest that may.
        needed: Role,
        /// Theirs.
        has: Role,
    },
    /// Whoever asks never decides.
    OwnRequest,
}

/// A decision in the making.
struct Draft<'c, 'a> {
    case: &'c Case<'a>,
    by: &'c Actor,
    at: DateTime<Utc>,
    now: Standing,
    events: Vec<NewEvent>,
    settled: Option<(Pending, Settled)>,
}

/// Decides about a command at a time, or at that of the last event where that is later. What the clock had to tell before comes first.
pub fn decide(case: &Case<'_>, command: &Command, by: &Actor, at: DateTime<Utc>) -> Result<Decision, Refused> {
    let before = case.standing.clone();
    let at = not_before(case.last_event_at, at);
    let mut draft = Draft::new(case, by, at);
    draft.tick();
    check::check(&draft, command)?;
    let mut asked = None;
    if let Some(rule) = pending::required_for(case, &draft.now, command, at) {
        asked = Some(draft.ask(command, rule));
    } else {
        draft.apply(command);
    }
    Ok(draft.finish(before, asked))
}

/// What the clock has to tell until a time; `None` where that is nothing.
pub fn tick(case: &Case<'_>, at: DateTime<Utc>) -> Option<Decision> {
    let clock = Actor {
        name: CLOCK.to_owned(),
        role: Role::Operator,
    };
    let mut draft = Draft::new(case, &clock, not_before(case.last_event_at, at));
    draft.tick();
    if draft.now == case.standing {
        return None;
    }
    Some(draft.finish(case.standing.clone(), None))
}

impl<'c, 'a> Draft<'c, 'a> {
    fn new(case: &'c Case<'a>, by: &'c Actor, at: DateTime<Utc>) -> Self {
        Self {
            case,
            by,
            at,
            now: case.standing.clone(),
            events: Vec::new(),
            settled: None,
        }
    }

    /// Tells what the clock had to tell, in the order of its times.
    fn tick(&mut self) {
        while let Some(moment) = self.now.alarm_at.filter(|moment| *moment <= self.at) {
            for alarm in alarm::at(&self.now, moment) {
                self.ring(alarm, moment);
            }
            self.now.alarm_at = alarm::next(&self.now, moment);
        }
    }

    /// One alarm.
    fn ring(&mut self, alarm: Alarm, moment: DateTime<Utc>) {
        let before = self.now.clone();
        let kind = match alarm {
            Alarm::WaitEnds => {
                self.now.stop_waiting(moment);
                // A request goes on waiting for its second person: what changes is to where it falls back.
                match &mut self.now.work.pending {
                    Some(pending) if self.now.cell.status == Status::PendingApproval => pending.status_before = Status::InProgress,
                    _ => self.now.cell.status = Status::InProgress,
                }
                EventKind::WaitEnded
            }
            Alarm::Wakes => {
                self.now.work.snoozed_until = None;
                EventKind::Woken
            }
            Alarm::RequestExpires => {
                self.settled = void(&mut self.now).map(|pending| (pending, Settled::Expired));
                EventKind::ApprovalExpired
            }
            Alarm::RespondBreach => EventKind::RespondBreached,
            Alarm::Imminent => EventKind::BreachImminent,
            Alarm::Breach => {
                self.breach(moment);
                EventKind::Breached
            }
        };
        self.happened(CLOCK, kind, &before, json!({"at": moment}));
    }

    /// It is late: a level up, and to the queue that takes over where nobody has it.
    fn breach(&mut self, moment: DateTime<Utc>) {
        self.now.breached_at.get_or_insert(moment);
        self.now.work.escalation += 1;
        if self.now.work.owner.is_none() {
            self.enter_escalation_queue();
        }
    }

    fn enter_escalation_queue(&mut self) {
        let queue = self.case.pack.document().queues.get(&self.now.cell.queue);
        if let Some(target) = queue.and_then(|queue| queue.escalates_to.clone()) {
            self.enter_queue(target);
        }
    }

    fn enter_queue(&mut self, queue: String) {
        let old = std::mem::replace(&mut self.now.cell.queue, queue);
        self.now.work.previous_queue = Some(old);
    }

    /// Notes an event about the change since `before`.
    fn happened(&mut self, actor: &str, kind: EventKind, before: &Standing, mut data: Value) {
        let (before, after) = differences(before, &self.now);
        if let Value::Object(data) = &mut data
            && before != json!({})
        {
            data.insert("before".to_owned(), before);
            data.insert("after".to_owned(), after);
        }
        self.events.push(NewEvent {
            exception_id: self.now.exception_id.clone(),
            kind,
            actor: actor.to_owned(),
            at: self.at,
            data: data.to_string(),
        });
    }

    /// Sets the version and the next alarm; what is late already is told at once.
    fn finish(mut self, before: Standing, asked: Option<Pending>) -> Decision {
        let is_late = self.now.due_at <= self.at && before.due_at > self.at && self.now.cell.status != Status::Resolved;
        if is_late && !self.events.iter().any(|event| event.kind == EventKind::Breached) {
            self.ring(Alarm::Breach, self.now.due_at);
        }
        self.now.alarm_at = alarm::next(&self.now, self.at);
        // What is only said changes nothing: others' work on it stays valid.
        if self.now != before {
            self.now.version = before.version + 1;
        }
        Decision {
            before,
            now: self.now,
            events: self.events,
            asked,
            settled: self.settled,
        }
    }
}
