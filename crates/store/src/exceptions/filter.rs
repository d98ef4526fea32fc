//! A filter in two halves: what cells say, and what only rows say. The second half as SQL; every value is a parameter.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    cell::Cell,
    filter::{DueBucket, Filter},
    status::Status,
};

use super::{plan::By, statement::Statement, terms};

type Time = DateTime<Utc>;

/// Parts of a filter that counts are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Severity,
    Status,
    Type,
    Queue,
    Source,
    Due,
}

/// The parts of a filter that a cell does not fit; due times are no matter of cells, except that what is resolved is not due.
pub fn misfits(filter: &Filter, cell: &Cell) -> Vec<Part> {
    let fits = [
        (Part::Severity, among(&filter.severities, &cell.severity)),
        (Part::Status, among(&filter.statuses, &cell.status)),
        (Part::Type, among(&filter.types, &cell.exception_type)),
        (Part::Queue, among(&filter.queues, &cell.queue)),
        (Part::Source, among(&filter.sources, &cell.source_system)),
        (Part::Due, filter.due.is_empty() || cell.status != Status::Resolved),
    ];
    fits.into_iter().filter(|(_, fits)| !fits).map(|(part, _)| part).collect()
}

/// Returns whether a cell may hold rows that fit the rest of a filter: only waiting rows have a waiting reason, and only resolved ones a
/// resolution and a root cause.
pub fn may_hold(filter: &Filter, cell: &Cell) -> bool {
    let is_resolved = cell.status == Status::Resolved;
    let of_resolved =
        !filter.resolutions.is_empty() || !filter.root_causes.is_empty() || filter.resolved_from.is_some() || filter.resolved_to.is_some();
    let may_wait = matches!(cell.status, Status::Waiting | Status::PendingApproval);
    (is_resolved || !of_resolved) && (may_wait || filter.waiting_for.is_empty())
}

fn among<T: PartialEq>(chosen: &[T], value: &T) -> bool {
    chosen.is_empty() || chosen.contains(value)
}

/// Times from, included, to, excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: Option<Time>,
    /// Behind the last.
    pub to: Option<Time>,
}

impl Range {
    /// Whether it says anything.
    pub fn is_bounded(self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    fn and(self, other: Range) -> Range {
        Range {
            from: self.from.max(other.from),
            to: [self.to, other.to].into_iter().flatten().min(),
        }
    }

    fn is_empty(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from >= to)
    }

    /// Appends `and column >= … and column < …`.
    pub fn push(self, column: &str, query: &mut Statement) {
        for (comparison, bound) in [(">=", self.from), ("<", self.to)] {
            if let Some(bound) = bound {
                query.push(format_args!(" and {column} {comparison} ")).bind(bound);
            }
        }
    }
}

/// Bounds of a bucket.
pub fn bounds(bucket: DueBucket, now: Time) -> Range {
    let (hour, day) = (now + TimeDelta::hours(1), now + TimeDelta::hours(24));
    let (from, to) = match bucket {
        DueBucket::Late => (None, Some(now)),
        DueBucket::NextHour => (Some(now), Some(hour)),
        DueBucket::Today => (Some(hour), Some(day)),
        DueBucket::Later => (Some(day), None),
    };
    Range { from, to }
}

/// Use of the search terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// Their index leads to the rows.
    Lead,
    /// Rows that another index leads to are checked. Written as a function, which no index answers: reading the whole index of a frequent
    /// word would cost more than all the rows.
    Check,
}

/// What a filter says of a row beyond its cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restriction {
    /// When it arose.
    pub created: Range,
    /// When it is due: the bounds of all that is sought.
    pub due: Range,
    /// The parts of `due` that are sought, where they leave a gap.
    pub due_parts: Vec<Range>,
    /// When it was resolved.
    pub resolved: Range,
    /// From which day its age counts: from, included, to, excluded.
    pub aged: (Option<NaiveDate>, Option<NaiveDate>),
    /// Any of these; `None` is nobody.
    pub owners: Vec<Option<String>>,
    /// Any of these.
    pub waiting_for: Vec<String>,
    /// Any of these.
    pub resolutions: Vec<String>,
    /// Any of these.
    pub root_causes: Vec<String>,
    /// Selects by a breach of the deadline.
    pub breached: Option<bool>,
    /// Selects by an escalation.
    pub escalated: Option<bool>,
    /// Selects by a severity that a member set or a repetition raised.
    pub severity_changed: Option<bool>,
    /// Selects by an exposure.
    pub exposed: Option<bool>,
    /// The exception that they are parts of.
    pub parent: Option<String>,
    /// A `tsquery` over the terms.
    pub sought: Option<String>,
}

impl Restriction {
    /// The restriction of a filter; none where no row can fit.
    pub fn of(filter: &Filter, tenant: &str, now: Time) -> Option<Self> {
        let range = |from, to| Range { from, to };
        let due = range(filter.due_from, filter.due_to);
        let parts: Vec<Range> = buckets(&filter.due, now)
            .into_iter()
            .map(|part| part.and(due))
            .filter(|part| !part.is_empty())
            .collect();
        let created = range(filter.created_from, filter.created_to);
        let resolved = range(filter.resolved_from, filter.resolved_to);
        let (first, last) = (parts.first()?, parts.last()?);
        if created.is_empty() || resolved.is_empty() {
            return None;
        }
        Some(Self {
            created,
            due: range(first.from, last.to),
            due_parts: if parts.len() > 1 { parts } else { Vec::new() },
            resolved,
            aged: (filter.aged_from, filter.aged_to),
            owners: filter.owners.clone(),
            waiting_for: filter.waiting_for.clone(),
            resolutions: filter.resolutions.clone(),
            root_causes: filter.root_causes.clone(),
            breached: filter.breached,
            escalated: filter.escalated,
            severity_changed: filter.severity_changed,
            exposed: None,
            parent: filter.parent.clone(),
            sought: terms::sought(tenant, filter),
        })
    }

    /// Whether it says anything about a row.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The one owner, where there is but one.
    pub fn one_owner(&self) -> Option<&str> {
        match &self.owners[..] {
            [Some(owner)] => Some(owner),
            _ => None,
        }
    }

    /// Returns whether an index in the order of `by` answers it without looking at rows.
    pub fn is_answered(&self, by: By) -> bool {
        let mut rest = self.clone();
        match by {
            By::Created => rest.created = Range::default(),
            By::Due => {
                rest.due = Range::default();
                rest.due_parts.clear();
                if rest.one_owner().is_some() {
                    rest.owners.clear();
                }
            }
            By::Exposure => rest.exposed = None,
            By::Breached => rest.breached = None,
        }
        rest.is_none()
    }

    /// Appends ` from …`: the rows, as `e`, that [`push`](Self::push) restricts.
    pub fn push_source(&self, query: &mut Statement, terms: Terms) {
        match &self.sought {
            Some(sought) if terms == Terms::Lead => query.push(" from sought_exceptions(").bind(sought.clone()).push(") e"),
            _ => query.push(" from exception e"),
        };
    }

    /// Appends ` and …` for everything but the cell.
    pub fn push(&self, query: &mut Statement, terms: Terms) {
        for by in By::ALL {
            self.push_led(by, query);
        }
        self.push_others(query, terms);
    }

    /// Appends the conditions that lead along the index of an order.
    pub fn push_led(&self, by: By, query: &mut Statement) {
        match by {
            By::Created => self.created.push("e.created_at", query),
            By::Due => {
                self.push_due(query);
                if let Some(owner) = self.one_owner() {
                    query.push(" and e.owner = ").bind(owner.to_owned());
                }
            }
            By::Exposure => push_whether(self.exposed, "e.exposure_minor is not null", "e.exposure_minor is null", query),
            By::Breached => push_whether(self.breached, "e.breached_at is not null", "e.breached_at is null", query),
        }
    }

    /// Appends the conditions on rows that an index in the order of `by` leads to.
    pub fn push_beside(&self, by: By, query: &mut Statement) {
        for other in By::ALL.into_iter().filter(|other| *other != by) {
            self.push_led(other, query);
        }
        self.push_others(query, Terms::Check);
    }

    /// Appends the conditions on when it arose and is due.
    pub fn push_times(&self, query: &mut Statement) {
        self.created.push("e.created_at", query);
        self.push_due(query);
    }

    /// Appends the conditions on when it is due.
    fn push_due(&self, query: &mut Statement) {
        self.due.push("e.due_at", query);
        if !self.due_parts.is_empty() {
            query.push(" and (false");
            for part in &self.due_parts {
                query.push(" or (true");
                part.push("e.due_at", query);
                query.push(")");
            }
            query.push(")");
        }
    }

    /// Appends the conditions that are no matter of an order.
    fn push_others(&self, query: &mut Statement, terms: Terms) {
        self.resolved.push("e.resolved_at", query);
        for (comparison, bound) in [(">=", self.aged.0), ("<", self.aged.1)] {
            if let Some(bound) = bound {
                query.push(format_args!(" and e.aged_from {comparison} ")).bind(bound);
            }
        }
        if !self.owners.is_empty() && self.one_owner().is_none() {
            let members: Vec<String> = self.owners.iter().flatten().cloned().collect();
            let nobody = if self.owners.contains(&None) { " or e.owner is null" } else { "" };
            query.push(" and (e.owner = any(").bind(members).push(format_args!("){nobody})"));
        }
        for (column, codes) in [
            ("e.waiting_reason", &self.waiting_for),
            ("e.resolution", &self.resolutions),
            ("e.root_cause", &self.root_causes),
        ] {
            if !codes.is_empty() {
                query.push(format_args!(" and {column} = any(")).bind(codes.clone()).push(")");
            }
        }
        push_whether(self.escalated, "e.escalation > 0", "e.escalation = 0", query);
        push_whether(self.severity_changed, "e.severity_changed", "not e.severity_changed", query);
        if let Some(parent) = &self.parent {
            query.push(" and e.parent_id = ").bind(parent.clone());
        }
        if let Some(sought) = self.sought.as_ref().filter(|_| terms == Terms::Check) {
            query
                .push(" and ts_match_vq(e.search_terms, ")
                .bind(sought.clone())
                .push("::tsquery)");
        }
    }
}

fn push_whether(wanted: Option<bool>, condition: &str, opposite: &str, query: &mut Statement) {
    if let Some(wanted) = wanted {
        query.push(" and ").push(if wanted { condition } else { opposite });
    }
}

/// The times of some buckets, neighbours joined; all times for none.
fn buckets(chosen: &[DueBucket], now: Time) -> Vec<Range> {
    if chosen.is_empty() {
        return vec![Range::default()];
    }
    let mut ranges: Vec<Range> = Vec::new();
    for bucket in DueBucket::ALL.into_iter().filter(|bucket| chosen.contains(bucket)) {
        let next = bounds(bucket, now);
        match ranges.last_mut() {
            Some(last) if last.to == next.from => last.to = next.to,
            _ => ranges.push(next),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restriction(due: &[DueBucket], due_from: Option<Time>) -> Option<Restriction> {
        let filter = Filter {
            due: due.to_vec(),
            due_from,
            ..Filter::default()
        };
        Restriction::of(&filter, "T", Time::UNIX_EPOCH)
    }

    #[test]
    fn neighbouring_buckets_are_one_range_and_others_leave_a_gap() {
        let now = Time::UNIX_EPOCH;
        let joined = restriction(&[DueBucket::NextHour, DueBucket::Late], None).expect("some");
        assert_eq!((joined.due.from, joined.due.to), (None, Some(now + TimeDelta::hours(1))));
        assert!(joined.due_parts.is_empty());
        let gap = restriction(&[DueBucket::Late, DueBucket::Later], None).expect("some");
        assert!(!gap.due.is_bounded());
        assert_eq!(gap.due_parts.len(), 2);
    }

    #[test]
    fn buckets_outside_a_range_select_nothing() {
        assert_eq!(restriction(&[DueBucket::Late], Some(Time::UNIX_EPOCH)), None);
        assert!(restriction(&[], None).expect("everything").is_none());
    }
}
