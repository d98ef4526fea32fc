//! Counts per value, each under all other parts of the filter: pure arithmetic over how many exceptions each cell has, by due time.

use std::collections::BTreeMap;

use domain::{
    cell::Cell,
    filter::{DueBucket, Filter},
};

use super::filter::{Part, misfits};

/// A value and how many exceptions have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The value.
    pub value: String,
    /// How many.
    pub count: i64,
}

/// Counts for all parts of a filter.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the exception")]
pub struct Facets {
    /// How many the whole filter selects.
    pub total: i64,
    pub severities: Vec<Facet>,
    pub statuses: Vec<Facet>,
    pub types: Vec<Facet>,
    pub queues: Vec<Facet>,
    pub sources: Vec<Facet>,
    pub due: Vec<Facet>,
    /// By member id; `None` is nobody.
    pub owners: BTreeMap<Option<String>, i64>,
    pub resolutions: Vec<Facet>,
    pub root_causes: Vec<Facet>,
}

/// How many exceptions of a cell are due at a time; what is resolved, or was not asked, has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// When they are due.
    pub due: Option<DueBucket>,
    /// How many.
    pub count: i64,
}

/// Adds portions up. A portion that the filter leaves out for one part alone counts for that part's facet, which ignores its own choice.
pub fn facets(filter: &Filter, portions: &[Portion<'_>]) -> Facets {
    let mut counts = Counts::default();
    for portion in portions.iter().filter(|portion| portion.count > 0) {
        match *misfits_of(filter, portion) {
            [] => {
                counts.total += portion.count;
                for part in [Part::Severity, Part::Status, Part::Type, Part::Queue, Part::Source, Part::Due] {
                    counts.add(part, portion);
                }
            }
            [part] => counts.add(part, portion),
            _ => {}
        }
    }
    counts.into()
}

fn misfits_of(filter: &Filter, portion: &Portion<'_>) -> Box<[Part]> {
    let mut parts = misfits(filter, portion.cell);
    if portion.due.is_some_and(|due| !filter.due.is_empty() && !filter.due.contains(&due)) {
        parts.push(Part::Due);
    }
    parts.into()
}

#[derive(Default)]
struct Counts<'a> {
    total: i64,
    severities: BTreeMap<&'a str, i64>,
    statuses: BTreeMap<&'a str, i64>,
    types: BTreeMap<&'a str, i64>,
    queues: BTreeMap<&'a str, i64>,
    sources: BTreeMap<&'a str, i64>,
    due: BTreeMap<&'a str, i64>,
}

impl<'a> Counts<'a> {
    fn add(&mut self, part: Part, portion: &Portion<'a>) {
        let cell = portion.cell;
        let (counts, value) = match part {
            Part::Severity => (&mut self.severities, cell.severity.as_str()),
            Part::Status => (&mut self.statuses, cell.status.as_str()),
            Part::Type => (&mut self.types, cell.exception_type.as_str()),
            Part::Queue => (&mut self.queues, cell.queue.as_str()),
            Part::Source => (&mut self.sources, cell.source_system.as_str()),
            Part::Due => match portion.due {
                Some(due) => (&mut self.due, due.as_str()),
                None => return,
            },
        };
        *counts.entry(value).or_default() += portion.count;
    }
}

impl From<Counts<'_>> for Facets {
    fn from(counts: Counts<'_>) -> Self {
        Self {
            total: counts.total,
            severities: sorted(counts.severities),
            statuses: sorted(counts.statuses),
            types: sorted(counts.types),
            queues: sorted(counts.queues),
            sources: sorted(counts.sources),
            due: sorted(counts.due),
            ..Self::default()
        }
    }
}

/// Most frequent first, then by name.
fn sorted(counts: BTreeMap<&str, i64>) -> Vec<Facet> {
    let facets = counts.into_iter().map(|(value, count)| Facet {
        value: value.to_owned(),
        count,
    });
    by_frequency(facets.collect())
}

/// Sorts by frequency what is sorted by name.
pub fn by_frequency(mut facets: Vec<Facet>) -> Vec<Facet> {
    facets.sort_by_key(|facet| -facet.count);
    facets
}

#[cfg(test)]
mod tests {
    use domain::{severity::Severity, status::Status};

    use super::*;

    fn cell(status: Status, severity: Severity, kind: &str) -> Cell {
        Cell {
            status,
            severity,
            exception_type: kind.into(),
            queue: "q".into(),
            source_system: "s".into(),
        }
    }

    fn portions(cells: &[Cell; 3]) -> Vec<Portion<'_>> {
        let [a, b, c] = cells;
        let portion = |cell, due, count| Portion { cell, due, count };
        vec![
            portion(a, Some(DueBucket::Late), 3),
            portion(a, Some(DueBucket::Later), 4),
            portion(b, None, 10),
            portion(c, Some(DueBucket::Today), 1),
        ]
    }

    fn values(facets: &[Facet]) -> Vec<(&str, i64)> {
        facets.iter().map(|facet| (facet.value.as_str(), facet.count)).collect()
    }

    #[test]
    fn each_facet_ignores_its_own_choice_and_no_other() {
        let cells = [
            cell(Status::Open, Severity::High, "A"),
            cell(Status::Resolved, Severity::High, "B"),
            cell(Status::Open, Severity::Low, "B"),
        ];
        let filter = Filter {
            severities: vec![Severity::High],
            types: vec!["A".into()],
            ..Filter::default()
        };
        let counted = facets(&filter, &portions(&cells));
        assert_eq!(counted.total, 7);
        assert_eq!(values(&counted.severities), [("HIGH", 7)]);
        assert_eq!(values(&counted.types), [("B", 10), ("A", 7)]);
        assert_eq!(values(&counted.statuses), [("OPEN", 7)]);
        assert_eq!(values(&counted.due), [("later", 4), ("late", 3)]);
    }

    #[test]
    fn what_is_resolved_is_not_due() {
        let cells = [
            cell(Status::Open, Severity::High, "A"),
            cell(Status::Resolved, Severity::High, "B"),
            cell(Status::Open, Severity::Low, "B"),
        ];
        let filter = Filter {
            due: vec![DueBucket::Late],
            ..Filter::default()
        };
        let counted = facets(&filter, &portions(&cells));
        assert_eq!(counted.total, 3);
        assert_eq!(values(&counted.due), [("later", 4), ("late", 3), ("today", 1)]);
        assert_eq!(values(&counted.statuses), [("OPEN", 3)]);
    }
}
