//! A source sends a changed record under a known id and asks that it replace what is stored.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Outcome, Receipt, Reception, Standing, report::Reporter};
use crate::{
    event::EventKind,
    evidence::{Evidence, EvidenceHash},
    exception::Received,
    intake::Content,
    pack::approval::ApprovalDocument,
    standing::{FOLDED, differences},
    status::Status,
    work::{self, Act, Maker, Report, required},
};

impl<'b> Reception<'b> {
    /// Replaces content and triage; status, owner and history stay. The event keeps what was replaced. Requests about it are void; a severity
    /// that the pack lowers only with two people stays, and a member is asked.
    pub(super) fn revise(&mut self, received: &'b Received, changed: &[String]) -> Receipt {
        let id = received.id.as_str();
        let now = self.not_before(id, received.arrival.at);
        let reporter = Reporter::new(&received.arrival.sender, &received.raw.source_system, now);
        let replaced = self.entries.get(id).and_then(|entry| entry.content()).cloned();
        self.unask(id, &reporter);
        let mut rule = None;
        let revised = self.change(id, |standing| rule = revised(standing, received, &reporter));
        if let Some(entry) = self.entries.get_mut(id) {
            entry.latest = Some(received);
        }
        if let Some((before, after)) = revised {
            let pack = &received.pack;
            let replaced = replaced.map(|content| self.sent(&before, &content, format!("{} {}", pack.domain(), before.pack_version)));
            let data = Revised {
                changed,
                pack: pack.label(),
                before: Side::new(&before, replaced),
                after: Side::new(&after, Some(self.sent(&after, &received.raw.content, pack.label()))),
            };
            self.happened(id, EventKind::Revised, reporter.by(), &data);
            self.reopen_grown(&before, &after, received, &reporter);
        }
        if let Some(rule) = rule {
            let severity = received.triaged.severity;
            self.ask(id, Report::Lowered { severity }, rule, &reporter, None);
        }
        let standing = self.entries.get(id).map(|entry| entry.now.clone());
        Receipt {
            outcome: Outcome::Revised,
            // It was there a moment ago.
            standing: standing.unwrap_or_else(|| Standing::new(received)),
        }
    }

    fn sent(&mut self, standing: &Standing, content: &Content, pack: String) -> Sent {
        let cell = &standing.cell;
        let evidence = Evidence::of(content, &cell.source_system, Some(&cell.exception_type), pack);
        Sent {
            content_sha256: hex::encode(content.hash),
            evidence: self.keep(&evidence),
        }
    }

    /// Opens again what one person resolved, or what was folded, while so little was at stake that one was enough.
    fn reopen_grown(&mut self, before: &Standing, after: &Standing, received: &'b Received, reporter: &Reporter) {
        let Some(resolution) = after.resolution.as_deref() else { return };
        let needs_two = |standing| required(&received.pack, standing, Act::Resolve(resolution), Maker::Member);
        // The exception that stands for a folded one was compared with less.
        let has_grown = resolution == FOLDED && after.exposure.highest_minor > before.exposure.highest_minor;
        let Some(rule) = needs_two(after).filter(|_| has_grown || needs_two(before).is_none()) else {
            return;
        };
        let reopened = self.change(&after.exception_id, |standing| {
            standing.reopen(&received.pack, reporter.at, reporter.at);
        });
        if let Some((before, after)) = reopened {
            let (before, after) = differences(&before, &after);
            let data = json!({"reason": rule.because, "because": "revision", "before": before, "after": after});
            self.happened(received.id.as_str(), EventKind::Reopened, reporter.by(), &data);
        }
    }
}

/// Sets where an exception stands to what was sent. Returns the approval rule under which its severity stays, where a member is to be asked.
fn revised<'r>(standing: &mut Standing, received: &'r Received, reporter: &Reporter) -> Option<&'r ApprovalDocument> {
    let (status, severity) = (standing.cell.status, standing.cell.severity);
    standing.cell = received.cell(status);
    standing.exposure = standing.exposure.revised(&received.triaged.exposure);
    let is_lowered = received.triaged.severity < severity;
    let rule = is_lowered
        .then(|| required(&received.pack, standing, Act::Lower, reporter.maker))
        .flatten();
    if rule.is_some() {
        standing.cell.severity = severity;
    }
    standing.fingerprint.clone_from(&received.triaged.fingerprint);
    standing.pack_version = received.pack.version();
    // Without a time of its source it arose when it was received, which its event tells.
    standing.created_at = received.raw.created_at.unwrap_or(reporter.at);
    if let Some(restart) = &mut standing.work.restarted {
        restart.pack_version = received.pack.version();
    }
    let (was_due, now) = (standing.due_at, reporter.at);
    // Also of what is resolved: whether it was in time is told by what is known of it now.
    standing.set_deadlines(&received.pack);
    if status == Status::Resolved {
        return None;
    }
    let has_become_late = standing.due_at <= now && was_due > now;
    standing.alarm_at = if has_become_late {
        Some(standing.due_at)
    } else {
        work::alarm::next_or_due(standing, now)
    };
    rule
}

/// Details of the event of a revision.
#[derive(Serialize)]
struct Revised<'r> {
    changed: &'r [String],
    pack: String,
    before: Side,
    after: Side,
}

#[derive(Serialize)]
struct Side {
    standing: Map<String, Value>,
    #[serde(flatten)]
    sent: Option<Sent>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    content_sha256: String,
    evidence: EvidenceHash,
}

impl Side {
    fn new(standing: &Standing, sent: Option<Sent>) -> Self {
        Self {
            standing: standing.told(),
            sent,
        }
    }
}
