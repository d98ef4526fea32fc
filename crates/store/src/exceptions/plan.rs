//! How a list is read: decided from the filter, the order and the counters of cells alone, before any exception is touched.
//!
//! Rows come in groups: the cells of one value that is sorted by, or all cells where a time is. Within a group an index gives the order.

use chrono::TimeDelta;
use domain::filter::{Direction, Filter, Sort, SortKey};

use super::{
    cells::KnownCell,
    cursor::{Cursor, Place, place},
    filter::{Range, Restriction, misfits},
};

/// Groups of up to so many rows are read whole and sorted.
pub const SMALL: i64 = 2_000;
/// More rows than there are.
pub const ALL: i64 = i64::MAX;
/// Rows of the first walk along an index.
pub const WALK: i64 = 1_000;
/// Rows of cells that say how many of them fit.
const TELLING: i64 = 50;
/// Rows of the longest walk.
pub const LONG_WALK: i64 = 20_000;
/// Rows of a walk that need not look at more than cells.
const SHORT_WALK: i64 = 600;
/// The time that orders the rows of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// When it arose.
    Created,
    /// When it is due.
    Due,
}

impl By {
    /// Its column.
    pub fn column(self) -> &'static str {
        match self {
            By::Created => "created_at",
            By::Due => "due_at",
        }
    }
}

/// Order within a group; the id goes the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// By which time.
    pub by: By,
    /// Which way.
    pub direction: Direction,
}

impl Within {
    /// The order within the groups of a sort: its time, or for all others the due time, most urgent first.
    pub fn of(sort: Sort) -> Self {
        match sort.key {
            SortKey::Created => Self {
                by: By::Created,
                direction: sort.direction,
            },
            SortKey::Due => Self {
                by: By::Due,
                direction: sort.direction,
            },
            _ => Self {
                by: By::Due,
                direction: Direction::Ascending,
            },
        }
    }

    /// Whether an index in this order answers a restriction without looking at rows.
    pub fn answers(self, restriction: &Restriction) -> bool {
        let other = match self.by {
            By::Created => restriction.due.is_bounded() || !restriction.due_parts.is_empty(),
            By::Due => restriction.created.is_bounded(),
        };
        !other && restriction.is_by_times()
    }
}

/// Rows that share the value that is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Their cells, and how many rows each holds.
    pub cells: Vec<(i64, i64)>,
    /// How many rows they are.
    pub rows: i64,
    /// Whether the cursor stands among them.
    pub is_begun: bool,
}

impl Group {
    /// Names of the cells.
    pub fn ids(&self) -> Vec<i64> {
        self.cells.iter().map(|(id, _)| *id).collect()
    }
}

/// The cells that a filter selects, in groups in the order of the list, from the cursor on.
pub fn groups(filter: &Filter, cells: &[KnownCell], sort: Sort, after: Option<&Cursor>) -> Vec<Group> {
    let mut fitting: Vec<(Place, &KnownCell)> = cells
        .iter()
        .filter(|known| misfits(filter, &known.cell).is_empty())
        .map(|known| (place(sort.key, &known.cell), known))
        .collect();
    fitting.sort_by(|(one, _), (other, _)| match sort.direction {
        Direction::Ascending => one.cmp(other),
        Direction::Descending => other.cmp(one),
    });
    let start = after.and_then(|cursor| cursor.place(sort));
    let is_passed = |place: &Place| {
        start.as_ref().is_some_and(|start| match sort.direction {
            Direction::Ascending => place < start,
            Direction::Descending => place > start,
        })
    };
    fitting
        .chunk_by(|(one, _), (other, _)| one == other)
        .filter(|group| !is_passed(&group[0].0))
        .map(|group| Group {
            cells: group.iter().map(|(_, known)| (known.id, known.exceptions)).collect(),
            rows: group.iter().map(|(_, known)| known.exceptions).sum(),
            is_begun: start.as_ref() == Some(&group[0].0),
        })
        .collect()
}

/// How many of the groups at the front are small enough to be read whole, all together.
pub fn small(groups: &[Group]) -> usize {
    let mut rows = 0;
    groups
        .iter()
        .take_while(|group| {
            rows += group.rows;
            rows <= SMALL
        })
        .count()
}

/// Rows to walk so that a page is likely full, where only cells are chosen; none where merging cells is better.
pub fn width(group: &Group, all: i64, wanted: i64) -> Option<i64> {
    if group.rows >= all {
        return Some(wanted);
    }
    let likely = wanted.saturating_mul(all) / group.rows.max(1) * 3 / 2;
    (likely <= SHORT_WALK.max(wanted * 3)).then_some(likely)
}

/// How many rows to take from each cell of a merge: its share of what is wanted and some more, the more the later the attempt; in the end
/// all that is wanted from each.
pub fn quotas(group: &Group, wanted: i64, attempt: Attempt) -> Vec<i64> {
    let factor = match attempt {
        Attempt::First => 1,
        Attempt::Second => 8,
        Attempt::Last => return vec![wanted; group.cells.len()],
    };
    let share = |rows: i64| wanted.saturating_mul(rows) / group.rows.max(1);
    let quota = |rows: i64| (share(rows) * 3 / 2 + share(rows).isqrt() * 3 + 6) * factor;
    group.cells.iter().map(|(_, rows)| quota(*rows).min(wanted)).collect()
}

/// How often a merge was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    First,
    Second,
    Last,
}

/// What a walk saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Rows walked over.
    pub walked: i64,
    /// Of these, rows of the cells.
    pub in_cells: i64,
    /// Of those walked over, rows that fit in all but their cell.
    pub fitting: i64,
    /// Rows that are both.
    pub found: i64,
}

/// Where the rows come from that are sorted at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The index of cells.
    Cells,
    /// The index of terms.
    Terms,
    /// The index of parts.
    Parts,
    /// The index of owners.
    Owners,
    /// The index of the time that does not order the list.
    OtherTime,
}

/// An index worth asking first whether it leads to few rows: that of the cells and a time, that of owners, or that of parts.
pub fn probe(sort: Sort, restriction: &Restriction) -> Option<Source> {
    let within = Within::of(sort);
    let Range { from, to } = restriction.due;
    let is_soon = matches!((from, to), (Some(from), Some(to)) if to - from <= TimeDelta::days(1));
    let by_time = match within.by {
        By::Created => restriction.due.is_bounded(),
        By::Due => restriction.created.is_bounded() || (is_soon && sort.key != SortKey::Due),
    };
    match restriction.sought {
        // A whole has few parts, whatever else is asked of them.
        _ if restriction.parent.is_some() => Some(Source::Parts),
        Some(_) => None,
        None if !restriction.owners.is_empty() => Some(Source::Owners),
        None => by_time.then_some(Source::Cells),
    }
}

/// How to go on where a walk did not fill the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A longer walk.
    Walk(i64),
    /// The first fitting rows of each cell of the group.
    Merge,
    /// All rows of the cells of the group.
    Group,
    /// All rows that another index leads to, for this and all further groups.
    Rest(Source),
}

/// The way that likely reads the fewest rows, judged by what a walk saw. `all` are the rows of the tenant.
pub fn way(restriction: &Restriction, seen: Seen, group: &Group, all: i64, wanted: i64) -> Way {
    let (walked, enough) = (seen.walked.max(1), wanted * 3 / 2);
    // Words and cells often go together, or never. Where enough rows of the cells were seen, they tell; else all rows do.
    let (hits, of) = if seen.in_cells >= TELLING {
        (seen.found, seen.in_cells)
    } else {
        (seen.fitting, walked)
    };
    let source = if restriction.parent.is_some() {
        Source::Parts
    } else if restriction.sought.is_some() {
        Source::Terms
    } else if !restriction.owners.is_empty() {
        Source::Owners
    } else if group.rows < all {
        // Its index knows both times.
        Source::Cells
    } else {
        Source::OtherTime
    };
    let until = |rows: i64, hits: i64, of: i64| if hits > 0 { rows.saturating_mul(of) / hits } else { i64::MAX };
    let longer = until(enough, seen.found, walked);
    let cells = i64::try_from(group.cells.len()).unwrap_or(i64::MAX);
    // One longer walk: what it did not find is not where it was expected.
    let is_worth_it = longer <= LONG_WALK && walked <= WALK;
    let ways = [
        (if is_worth_it { longer } else { i64::MAX }, Way::Walk(longer)),
        // In the order of the table, so cheaper than rows that an ordered index leads to.
        (all.saturating_mul(seen.fitting.max(1)) / walked, Way::Rest(source)),
        (until(enough + 4 * cells, hits, of).saturating_mul(2), Way::Merge),
        (group.rows.saturating_mul(2), Way::Group),
    ];
    let fewest = ways.into_iter().min_by_key(|(rows, _)| *rows);
    fewest.map_or(Way::Group, |(_, way)| way)
}

#[cfg(test)]
mod tests;
