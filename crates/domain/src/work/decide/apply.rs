//! What a command that is allowed does.

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, Utc};
use serde_json::{Value, json};

use super::{Draft, Settled};
use crate::{
    clock::Pause,
    event::EventKind,
    pack::approval::ApprovalDocument,
    standing::{AUTO_CLEARED, StepDone, Waiting},
    status::Status,
    work::{
        Asked, Command, Pending, Report,
        pending::{VOIDED, void},
    },
};

impl Draft<'_, '_> {
    /// Asks a second person instead of doing it.
    pub(super) fn ask(&mut self, command: &Command, rule: &ApprovalDocument) -> Pending {
        // There is one request at a time: what a source reported is void.
        self.unask();
        let before = self.now.clone();
        let pending = Pending::new(&before, Asked::Command(command.clone()), rule, self.by.name.clone(), self.at);
        self.take_if_nobody_has();
        self.now.cell.status = Status::PendingApproval;
        self.now.work.pending = Some(pending.clone());
        let by = self.by.name.clone();
        self.happened(
            &by,
            EventKind::ApprovalRequested,
            &before,
            json!({"change": command, "because": rule.because}),
        );
        pending
    }

    /// Does it.
    pub(super) fn apply(&mut self, command: &Command) {
        if self.voids(command) {
            self.unask();
        }
        let before = self.now.clone();
        let mut settled = None;
        let kind = match command {
            Command::Grant { .. } => {
                settled = void(&mut self.now).map(|pending| (pending, Settled::Granted));
                EventKind::ApprovalGranted
            }
            Command::Refuse { .. } => {
                settled = void(&mut self.now).map(|pending| (pending, Settled::Refused));
                EventKind::ApprovalRefused
            }
            Command::Withdraw => {
                settled = void(&mut self.now).map(|pending| (pending, Settled::Withdrawn));
                EventKind::ApprovalWithdrawn
            }
            other => self.do_it(other, &self.by.name),
        };
        let by = self.by.name.clone();
        self.happened(&by, kind, &before, told(command));
        if let Some((pending, Settled::Granted)) = &settled {
            let before = self.now.clone();
            let (kind, data) = match &pending.asked {
                Asked::Command(asked) => (self.do_it(asked, &pending.by), told(asked)),
                Asked::Report(report) => self.do_reported(*report),
            };
            // Done in the name of who asked; the event before names who allowed it.
            self.happened(&pending.by, kind, &before, data);
        }
        self.settled = settled.or(self.settled.take());
    }

    /// Whether a command changes what the waiting request is about.
    fn voids(&self, command: &Command) -> bool {
        match self.now.work.pending.as_ref().map(|pending| &pending.asked) {
            Some(Asked::Command(_)) => matches!(command, Command::Assign { .. } | Command::Escalate { .. } | Command::Move { .. }),
            Some(Asked::Report(_)) => matches!(command, Command::Resolve { .. } | Command::ChangeSeverity { .. }),
            None => false,
        }
    }

    /// Applies what a source reported.
    fn do_reported(&mut self, report: Report) -> (EventKind, Value) {
        match report {
            Report::Cleared => {
                self.now.resolve(AUTO_CLEARED, self.at);
                (EventKind::Resolved, json!({"resolution": AUTO_CLEARED}))
            }
            Report::Lowered { severity } => {
                self.now.cell.severity = severity;
                self.now.set_deadlines(self.case.pack);
                (EventKind::SeverityChanged, json!({"severity": severity}))
            }
        }
    }

    /// Does it in the name of `by`, who asked for it.
    fn do_it(&mut self, command: &Command, by: &str) -> EventKind {
        match command {
            Command::Claim | Command::Start => {
                self.take(self.by.member_id().to_owned());
                EventKind::Claimed
            }
            Command::Assign { owner } => {
                self.now.work.owner = Some(owner.clone());
                EventKind::Assigned
            }
            Command::Release => {
                self.leave();
                EventKind::Released
            }
            Command::HandBack { .. } => {
                self.leave();
                if let Some(queue) = self.now.work.previous_queue.take() {
                    self.now.cell.queue = queue;
                }
                EventKind::HandedBack
            }
            Command::Wait { reason, until, .. } => {
                self.wait(reason, *until);
                EventKind::Waiting
            }
            Command::Resume => {
                self.now.stop_waiting(self.at);
                self.now.set_deadlines(self.case.pack);
                self.now.cell.status = Status::InProgress;
                EventKind::Resumed
            }
            Command::Escalate { .. } => {
                self.leave();
                self.now.work.escalation += 1;
                self.enter_escalation_queue();
                EventKind::Escalated
            }
            Command::Move { queue, .. } => {
                self.leave();
                self.enter_queue(queue.clone());
                EventKind::Moved
            }
            Command::ChangeSeverity { severity, reason } => {
                self.now.set_severity(*severity, by, self.at, reason);
                self.now.set_deadlines(self.case.pack);
                EventKind::SeverityChanged
            }
            Command::Resolve {
                resolution, root_cause, ..
            } => {
                self.take_if_nobody_has();
                self.now.resolve(resolution, self.at);
                self.now.work.root_cause = Some(root_cause.clone());
                EventKind::Resolved
            }
            other => self.do_small(other),
        }
    }

    /// What neither moves the exception nor its clock.
    fn do_small(&mut self, command: &Command) -> EventKind {
        match command {
            Command::CompleteStep { step, note } => self.step(step, true, note.clone()),
            Command::SkipStep { step, reason } => self.step(step, false, Some(reason.clone())),
            Command::Reopen { .. } => {
                self.now.reopen(self.case.pack, self.at, self.at);
                EventKind::Reopened
            }
            Command::Link { parent } => {
                self.now.work.parent = Some(parent.clone());
                EventKind::Linked
            }
            Command::Unlink => {
                self.now.work.parent = None;
                EventKind::Unlinked
            }
            Command::Snooze { until, .. } => {
                self.now.work.snoozed_until = Some(self.opening(*until));
                EventKind::Snoozed
            }
            Command::Wake => {
                self.now.work.snoozed_until = None;
                EventKind::Woken
            }
            _ => EventKind::Commented,
        }
    }

    fn step(&mut self, step: &str, done: bool, note: Option<String>) -> EventKind {
        let outcome = StepDone {
            done,
            by: self.by.name.clone(),
            at: self.at,
            note,
        };
        self.now.work.steps.insert(step.to_owned(), outcome);
        if done { EventKind::StepCompleted } else { EventKind::StepSkipped }
    }

    fn take(&mut self, owner: String) {
        self.now.work.owner = Some(owner);
        self.now.work.responded_at.get_or_insert(self.at);
        if self.now.cell.status == Status::Open {
            self.now.cell.status = Status::InProgress;
        }
    }

    /// Who acts on what nobody has is who works on it.
    fn take_if_nobody_has(&mut self) {
        self.now.work.responded_at.get_or_insert(self.at);
        if self.now.work.owner.is_none() {
            self.now.work.owner = Some(self.by.member_id().to_owned());
        }
    }

    /// Nobody has it any more; the time after now counts.
    fn leave(&mut self) {
        if self.now.work.waiting.is_some() {
            self.now.stop_waiting(self.at);
            self.now.set_deadlines(self.case.pack);
        }
        self.now.work.owner = None;
        self.now.cell.status = Status::Open;
    }

    fn wait(&mut self, reason: &str, until: DateTime<Utc>) {
        // As the database keeps it: the deadline that follows from it must be the stored one.
        let until = until.trunc_subsecs(6);
        let kind = self.case.pack.exception_type(&self.now.cell.exception_type);
        if kind.is_some_and(|kind| kind.policy.pauses_on(reason)) {
            self.now.work.pauses.push(Pause {
                from: self.at,
                to: until,
                reason: reason.to_owned(),
            });
        }
        self.now.work.waiting = Some(Waiting {
            reason: reason.to_owned(),
            since: self.at,
            until,
        });
        self.now.cell.status = Status::Waiting;
        self.now.set_deadlines(self.case.pack);
    }

    /// A request about what changes now is void.
    fn unask(&mut self) {
        let before = self.now.clone();
        if let Some(pending) = void(&mut self.now) {
            self.happened(super::CLOCK, EventKind::ApprovalVoided, &before, json!({"because": VOIDED}));
            self.settled = Some((pending, Settled::Void));
        }
    }

    /// When a day begins where its type is worked.
    fn opening(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        self.case
            .calendar()
            .map_or(midnight.and_utc(), |calendar| calendar.instant(midnight))
    }
}

/// The command as its event tells it.
fn told(command: &Command) -> Value {
    let mut told = serde_json::to_value(command).unwrap_or_default();
    if let Value::Object(told) = &mut told {
        told.remove("command");
        told.retain(|_, value| !value.is_null());
    }
    told
}
