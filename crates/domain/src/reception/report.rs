//! What a source system reports about exceptions of its own: requests about them are void, and where the pack reserves what would follow
//! for two people, a member is asked.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Reception;
use crate::{
    event::EventKind,
    evidence::Evidence,
    exception::Sender,
    pack::approval::ApprovalDocument,
    standing::{self, Standing},
    work::{Asked, Maker, Pending, Report, VOIDED, alarm, void},
};

/// The reporter and the time of the report.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    /// As events name them.
    pub actor: String,
    /// Time of the report (UTC).
    pub at: DateTime<Utc>,
    /// Whether a member decided to take it in.
    pub maker: Maker,
}

impl Reporter {
    pub fn new(sender: &Sender, source_system: &str, at: DateTime<Utc>) -> Self {
        Self {
            actor: sender.actor(source_system),
            at,
            maker: if sender.is_source() { Maker::Source } else { Maker::Member },
        }
    }

    pub fn by(&self) -> (String, DateTime<Utc>) {
        (self.actor.clone(), self.at)
    }
}

impl Reception<'_> {
    /// Makes the request about an exception void: it is about to change.
    pub(super) fn unask(&mut self, id: &str, reporter: &Reporter) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let before = entry.now.clone();
        let Some(pending) = void(&mut entry.now) else { return };
        let (before, after) = standing::differences(&before, &entry.now);
        let data = json!({"because": VOIDED, "before": before, "after": after});
        self.happened(id, EventKind::ApprovalVoided, reporter.by(), &data);
        self.voided.extend(self.events.last().map(|event| (pending, event.clone())));
    }

    /// Asks a member whether what was reported shall come true. Whatever was asked before is void by now.
    pub(super) fn ask(&mut self, id: &str, report: Report, rule: &ApprovalDocument, reporter: &Reporter, evidence: Option<&Evidence>) {
        let Some(entry) = self.entries.get(id) else { return };
        let pending = Pending::new(&entry.now, Asked::Report(report), rule, reporter.actor.clone(), reporter.at);
        let changed = self.change(id, |standing| {
            standing.work.pending = Some(pending.clone());
            // What has become late already is told first.
            standing.alarm_at = alarm::next_or_due(standing, reporter.at);
        });
        let Some((before, after)) = changed else { return };
        let (before, after) = standing::differences(&before, &after);
        let mut data = json!({"change": pending.asked, "because": pending.because, "before": before, "after": after});
        if let Some(evidence) = evidence {
            data["evidence"] = json!(self.keep(evidence));
        }
        self.happened(id, EventKind::ApprovalRequested, reporter.by(), &data);
        self.asked.push((id.to_owned(), pending));
    }

    /// Whether a member is asked already whether this exception is cleared. A source that says so again changes nothing; a source that says
    /// so itself goes before a member who replayed it.
    pub(super) fn is_asked(standing: &Standing, reporter: &Reporter) -> bool {
        let pending = standing.work.pending.as_ref();
        pending.is_some_and(|pending| {
            pending.report() == Some(Report::Cleared) && (pending.by == reporter.actor || reporter.maker == Maker::Member)
        })
    }
}
