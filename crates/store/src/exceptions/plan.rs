//! How a list is read: decided from the filter, the order and the counters of cells alone, before any exception is touched.
//!
//! Rows come in groups: the cells of one value that is sorted by, or all cells where a time is. Within a group an index gives the order.

use domain::filter::{Direction, Filter, Sort, SortKey};

use super::{
    cells::KnownCell,
    cursor::{Cursor, Place, place},
    filter::{Restriction, misfits},
};

/// Groups of up to so many rows are read whole and sorted.
pub const SMALL: i64 = 2_000;
/// Rows of the first walk along an index.
pub const WALK: i64 = 2_000;
/// Rows of the longest walk.
pub const LONG_WALK: i64 = 20_000;
/// Rows of a walk that need not look at more than cells.
const SHORT_WALK: i64 = 600;
/// Index entries that a merge may take from all its cells before it takes only a few from each.
const MERGE: i64 = 8_000;

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
        !other && restriction.owners.is_empty() && restriction.sought.is_none()
    }
}

/// Rows that share the value that is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Their cells.
    pub cells: Vec<i64>,
    /// How many rows the cells hold.
    pub rows: i64,
    /// Whether the cursor stands among them.
    pub is_begun: bool,
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
            cells: group.iter().map(|(_, known)| known.id).collect(),
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

/// Entries to take from each cell of a merge.
pub fn each(group: &Group, wanted: i64) -> i64 {
    let cells = i64::try_from(group.cells.len()).unwrap_or(i64::MAX).max(1);
    if cells.saturating_mul(wanted) <= MERGE {
        wanted
    } else {
        (wanted * 4 / cells + 8).min(wanted)
    }
}

/// What a walk saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Rows walked over.
    pub walked: i64,
    /// Of these, rows that fit in all but their cell.
    pub fitting: i64,
    /// Of these, rows that are sought.
    pub found: i64,
}

impl Seen {
    /// How long a walk would find what is wanted, if that is worth while.
    pub fn longer(self, wanted: i64) -> Option<i64> {
        let likely = wanted.saturating_mul(self.walked) / self.found.max(1) * 3 / 2;
        (self.found > 0 && likely <= LONG_WALK).then_some(likely)
    }
}

/// Where the rows come from that are sorted at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The index of cells.
    Cells,
    /// The index of terms.
    Terms,
    /// The index of owners.
    Owners,
    /// The index of the time that does not order the list.
    OtherTime,
}

/// The index that leads to the fewest rows, judged by what a walk saw. `rows` are those of the cells, `all` those of the tenant.
pub fn source(restriction: &Restriction, seen: Seen, rows: i64, all: i64) -> Source {
    let fitting = all.saturating_mul(seen.fitting) / seen.walked.max(1);
    if rows <= fitting {
        Source::Cells
    } else if restriction.sought.is_some() {
        Source::Terms
    } else if !restriction.owners.is_empty() {
        Source::Owners
    } else {
        Source::OtherTime
    }
}

#[cfg(test)]
mod tests;
