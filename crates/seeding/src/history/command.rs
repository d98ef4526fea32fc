//! From what somebody means to do to the command that does it, as the pack allows it.

use chrono::{DateTime, Utc};
use domain::{
    pack::{document::CodeDocument, playbook::StepKind},
    severity::Severity,
    work::Command,
};

use super::{story::Story, temper::Intent, view::View};

impl Story {
    /// The command, given at a time; `None` where the pack or the exception has no use for it.
    pub(super) fn command(&mut self, intent: Intent, view: &View<'_>, at: DateTime<Utc>) -> Option<Command> {
        match intent {
            Intent::Comment => {
                let text = self.words(view).comment();
                Some(Command::Comment { text })
            }
            Intent::Step => self.step(view),
            Intent::Wait(days) => self.wait(view, at, days),
            Intent::Escalate => {
                let reason = self.words(view).escalation();
                Some(Command::Escalate { reason })
            }
            Intent::Assign => {
                let owner = view.people.operator(view.queue(), &mut self.stream).member_id().to_owned();
                (view.standing.work.owner.as_ref() != Some(&owner)).then_some(Command::Assign { owner })
            }
            Intent::Release => Some(Command::Release),
            Intent::Severity => self.severity(view),
            Intent::Snooze => {
                let days = self.stream.between(1, 3);
                let reason = self.words(view).snooze();
                let until = view.day(at, days);
                Some(Command::Snooze { until, reason })
            }
            Intent::Link => self.whole.clone().map(|parent| Command::Link { parent }),
            Intent::Resolve => self.resolve(view),
        }
    }

    /// The next step of the playbook that a person does and that always applies.
    fn step(&mut self, view: &View<'_>) -> Option<Command> {
        let playbook = view.pack.playbook(&view.kind()?.document.playbook)?;
        let done = &view.standing.work.steps;
        let next = playbook
            .steps
            .iter()
            .find(|step| step.kind == StepKind::Human && step.when.is_none() && !done.contains_key(&step.id))?;
        let step = next.id.clone();
        if self.stream.unit() < 0.08 {
            let reason = self.words(view).skip();
            return Some(Command::SkipStep { step, reason });
        }
        let note = next.evidence.first().map(|what| self.words(view).evidence(what));
        Some(Command::CompleteStep { step, note })
    }

    /// Mostly for what stops the clock; what does not is waited for briefly.
    fn wait(&mut self, view: &View<'_>, at: DateTime<Utc>, days: i64) -> Option<Command> {
        let (reasons, kind) = (&view.pack.document().waiting_reasons, view.kind()?);
        let pausing: Vec<&String> = reasons.keys().filter(|reason| kind.policy.pauses_on(reason)).collect();
        let stops = !pausing.is_empty() && self.stream.unit() < 0.85;
        let reason = if stops {
            pausing[self.stream.index(pausing.len())].clone()
        } else {
            reasons.get_index(self.stream.index(reasons.len()))?.0.clone()
        };
        let days = if stops || days > 4 { days } else { 0 };
        let from = view.opening(at, view.day(at, days));
        let until = view.later(from, self.minutes(60, 240));
        let note = (self.stream.unit() < 0.4).then(|| self.words(view).note());
        Some(Command::Wait { reason, until, note })
    }

    /// One up or one down.
    fn severity(&mut self, view: &View<'_>) -> Option<Command> {
        let mut ordered = Severity::ALL;
        ordered.sort_unstable();
        let place = ordered.iter().position(|severity| *severity == view.standing.cell.severity)?;
        let is_lower = self.stream.unit() < 0.4;
        let severity = *ordered.get(if is_lower { place.checked_sub(1)? } else { place + 1 })?;
        let reason = self.words(view).severity(is_lower);
        Some(Command::ChangeSeverity { severity, reason })
    }

    fn resolve(&mut self, view: &View<'_>) -> Option<Command> {
        let kind = &view.kind()?.document;
        let (demanding, ordinary): (Vec<&CodeDocument>, Vec<_>) = kind.resolutions.iter().partition(|code| view.needs_second(&code.code));
        let asks = !demanding.is_empty() && !self.was_asked && self.stream.unit() < 0.12;
        let choice = if asks || ordinary.is_empty() { demanding } else { ordinary };
        self.was_asked |= asks;
        let resolution = choice.get(place(self.codes.0, choice.len()))?.code.clone();
        let root_cause = kind.root_causes.get(place(self.codes.1, kind.root_causes.len()))?.code.clone();
        let note = (self.stream.unit() < 0.4).then(|| self.words(view).note());
        Some(Command::Resolve {
            resolution,
            root_cause,
            note,
        })
    }
}

/// A place in a list whose first entries are more frequent.
pub(super) fn place(unit: f64, length: usize) -> usize {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index of a short list"
    )]
    let place = (libm::pow(unit, 2.5) * length as f64) as usize;
    place.min(length.saturating_sub(1))
}
