//! What a history came to.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    event::{EventKind, NewEvent},
    standing::Standing,
    status::Status,
};

/// Counts of a history as it stands at its end.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Exceptions received.
    pub exceptions: u32,
    /// Done.
    pub resolved: u32,
    /// Nobody works on them.
    pub open: u32,
    /// Somebody works on them.
    pub in_progress: u32,
    /// They wait for somebody else.
    pub waiting: u32,
    /// A second person must decide.
    pub pending: u32,
    /// Not done, and escalated.
    pub escalated: u32,
    /// Not done, and late.
    pub overdue: u32,
    /// Of all: were late at some time.
    pub breached: u32,
    /// Of those done: were late.
    pub resolved_late: u32,
    /// Requests that a second person granted.
    pub granted: u32,
    /// Requests that a second person refused.
    pub refused: u32,
    /// Exceptions that repeated another one.
    pub recurred: u32,
    /// Exceptions that are parts of another one.
    pub parts: u32,
    /// Comments.
    pub comments: u32,
    /// Events.
    pub events: u32,
    /// Commands that the domain refused, which are not told: 0 where the program knows its own rules.
    pub not_done: u32,
    /// From arising to being done, over the exceptions that are done by people.
    pub median_to_resolve: Option<TimeDelta>,
    late: BTreeSet<String>,
    to_resolve: Vec<TimeDelta>,
}

impl Figures {
    pub(super) fn happened(&mut self, events: &[NewEvent]) {
        for event in events {
            self.events += 1;
            match event.kind {
                EventKind::Breached => drop(self.late.insert(event.exception_id.clone())),
                EventKind::ApprovalGranted => self.granted += 1,
                EventKind::ApprovalRefused => self.refused += 1,
                EventKind::Recurred => self.recurred += 1,
                EventKind::Commented => self.comments += 1,
                _ => {}
            }
        }
    }

    /// Counts an exception as it stands at the end.
    pub(super) fn ends(&mut self, standing: &Standing, end: DateTime<Utc>) {
        let is_late = self.late.contains(&standing.exception_id);
        let one = |is: bool| u32::from(is);
        let is_done = standing.cell.status == Status::Resolved;
        self.exceptions += 1;
        *(match standing.cell.status {
            Status::Open => &mut self.open,
            Status::InProgress => &mut self.in_progress,
            Status::Waiting => &mut self.waiting,
            Status::PendingApproval => &mut self.pending,
            Status::Resolved => &mut self.resolved,
        }) += 1;
        self.escalated += one(!is_done && standing.work.escalation > 0);
        self.overdue += one(!is_done && standing.due_at <= end);
        self.breached += one(is_late);
        self.resolved_late += one(is_late && is_done);
        self.parts += one(standing.work.parent.is_some());
        if let (Some(at), Some(_)) = (standing.resolved_at, &standing.work.root_cause) {
            self.to_resolve.push(at - standing.created_at);
        }
    }

    /// What only the whole tells.
    pub(super) fn complete(mut self) -> Self {
        self.to_resolve.sort_unstable();
        self.median_to_resolve = self.to_resolve.get(self.to_resolve.len() / 2).copied();
        self
    }
}
