//! How a list is read: decided from the filter, the order and the counters of cells alone, before any exception is touched.
//!
//! Rows come in groups: the cells of one value that is sorted by, or all cells where a time is. Within a group an index gives the order.

use chrono::TimeDelta;
use domain::filter::{Direction, Filter, Sort, SortKey};

use super::{
    cells::KnownCell,
    cursor::{Cursor, Mark, Place, place},
    filter::{Range, Restriction, may_hold, misfits},
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
/// Rows of a second walk after one that found nothing, where everything else is longer: what fits may begin a little further on.
const SECOND_WALK: i64 = 8 * WALK;
/// Rows of a walk that need not look at more than cells.
const SHORT_WALK: i64 = 600;

/// Rows to expect behind an index that led to more than [`SMALL`], of all rows of the tenant.
pub fn many(all: i64) -> i64 {
    (10 * SMALL).min(all / 10)
}

/// Order of the rows of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// When it arose.
    Created,
    /// When it is due.
    Due,
    /// The amount at risk.
    Exposure,
    /// When its deadline was breached.
    Breached,
}

impl By {
    /// All of them.
    pub const ALL: [By; 4] = [By::Created, By::Due, By::Exposure, By::Breached];

    /// Its column.
    pub fn column(self) -> &'static str {
        match self {
            By::Created => "created_at",
            By::Due => "due_at",
            By::Exposure => "exposure_minor",
            By::Breached => "breached_at",
        }
    }

    /// Returns whether an index has the rows of each cell in this order.
    pub fn is_kept_by_cell(self) -> bool {
        matches!(self, By::Created | By::Due)
    }
}

/// Order within a group; the id goes the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// Column that is sorted by.
    pub by: By,
    /// Which way.
    pub direction: Direction,
}

/// Most urgent first.
const URGENT: Within = Within {
    by: By::Due,
    direction: Direction::Ascending,
};

/// A part of a list that one restriction and one order hold for, with all its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Names it in cursors; see [`super::cursor`].
    pub mark: Mark,
    /// Rows of the section.
    pub restriction: Restriction,
    /// In which order, within each group.
    pub within: Within,
}

/// The sections of a list in order. `owners` are the members who own anything.
pub fn sections(sort: Sort, restriction: &Restriction, owners: &[String]) -> Vec<Section> {
    let along = |by, direction| Within { by, direction };
    let section = |mark, within, restrict: &dyn Fn(&mut Restriction)| {
        let mut restriction = restriction.clone();
        restrict(&mut restriction);
        Section { mark, restriction, within }
    };
    let (with, without) = (Mark::With(String::new()), Mark::Without);
    match sort.key {
        SortKey::Created => vec![section(Mark::All, along(By::Created, sort.direction), &|_| {})],
        SortKey::Due => vec![section(Mark::All, along(By::Due, sort.direction), &|_| {})],
        SortKey::Exposure => vec![
            section(with, along(By::Exposure, sort.direction), &|rest| rest.exposed = Some(true)),
            section(without, URGENT, &|rest| rest.exposed = Some(false)),
        ],
        SortKey::Lateness => {
            // The longer ago, the later it is.
            let direction = match sort.direction {
                Direction::Ascending => Direction::Descending,
                Direction::Descending => Direction::Ascending,
            };
            let late = section(with, along(By::Breached, direction), &|rest| rest.breached = Some(true));
            let in_time = section(without, URGENT, &|rest| rest.breached = Some(false));
            let wanted = |section: &Section| {
                restriction
                    .breached
                    .is_none_or(|wanted| section.restriction.breached == Some(wanted))
            };
            [late, in_time].into_iter().filter(wanted).collect()
        }
        SortKey::Owner => {
            let wanted =
                |owner: Option<&String>| restriction.owners.is_empty() || restriction.owners.iter().any(|wanted| wanted.as_ref() == owner);
            let mut owners: Vec<&String> = owners.iter().filter(|owner| wanted(Some(owner))).collect();
            owners.sort_unstable();
            if sort.direction == Direction::Descending {
                owners.reverse();
            }
            let of = |owner: &String| {
                section(Mark::With(owner.clone()), URGENT, &|rest| {
                    rest.owners = vec![Some(owner.clone())];
                })
            };
            let nobody = wanted(None).then(|| section(without, URGENT, &|rest| rest.owners = vec![None]));
            owners.into_iter().map(of).chain(nobody).collect()
        }
        _ => vec![section(Mark::All, URGENT, &|_| {})],
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
        .filter(|known| misfits(filter, &known.cell).is_empty() && may_hold(filter, &known.cell))
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
    /// Whichever other index the restriction has.
    Other,
}

/// An index worth asking first whether it leads to few rows: one of what few rows have, or that of cells and a time.
pub fn probe(section: &Section, sort: Sort) -> Option<Source> {
    let (Section { restriction, within, .. }, Range { from, to }) = (section, section.restriction.due);
    let is_soon = matches!((from, to), (Some(from), Some(to)) if to - from <= TimeDelta::days(1));
    let by_time = match within.by {
        By::Created => restriction.due.is_bounded(),
        By::Due => restriction.created.is_bounded() || (is_soon && sort.key != SortKey::Due),
        By::Exposure | By::Breached => restriction.created.is_bounded() || restriction.due.is_bounded(),
    };
    // A whole has few parts, whatever else is asked of them.
    if restriction.parent.is_some() {
        return Some(Source::Other);
    }
    if restriction.sought.is_some() || restriction.is_answered(within.by) {
        return None;
    }
    if is_rare(restriction, within.by) {
        return Some(Source::Other);
    }
    by_time.then_some(Source::Cells)
}

/// Returns whether an index leads to rows that may be few.
fn is_rare(restriction: &Restriction, by: By) -> bool {
    let owned = !restriction.owners.is_empty() && !restriction.owners.contains(&None);
    let led_by_owner = by == By::Due && restriction.one_owner().is_some();
    (owned && !led_by_owner)
        || !restriction.resolutions.is_empty()
        || !restriction.root_causes.is_empty()
        || restriction.resolved.is_bounded()
        || restriction.escalated == Some(true)
        || restriction.severity_changed == Some(true)
        || (restriction.breached == Some(true) && by != By::Breached)
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

/// Numbers of rows that are known before a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Rows of the tenant.
    pub all: i64,
    /// Of these, rows that the index of the order leads to.
    pub led: i64,
    /// Rows to expect at least behind another index.
    pub beside: i64,
}

/// The way that likely reads the fewest rows, judged by what a walk saw.
pub fn way(section: &Section, seen: Seen, group: &Group, known: Known, wanted: i64) -> Way {
    let Known { all, led, beside } = known;
    let (restriction, by) = (&section.restriction, section.within.by);
    let (walked, enough) = (seen.walked.max(1), wanted * 3 / 2);
    // Words and cells often go together, or never. Where enough rows of the cells were seen, they tell; else all rows do.
    let (hits, of) = if seen.in_cells >= TELLING {
        (seen.found, seen.in_cells)
    } else {
        (seen.fitting, walked)
    };
    let source = if restriction.sought.is_some() && restriction.parent.is_none() {
        Source::Terms
    } else if is_rare(restriction, by) || restriction.parent.is_some() || group.rows >= all || led < all {
        Source::Other
    } else {
        // Its index knows both times.
        Source::Cells
    };
    let until = |rows: i64, hits: i64, of: i64| if hits > 0 { rows.saturating_mul(of) / hits } else { i64::MAX };
    let longer = until(enough, seen.found, walked);
    let cells = i64::try_from(group.cells.len()).unwrap_or(i64::MAX);
    // One longer walk: what it did not find is not where it was expected.
    let is_worth_it = longer <= LONG_WALK && walked <= WALK;
    let merged = if by.is_kept_by_cell() && led >= all {
        until(enough + 4 * cells, hits, of).saturating_mul(2)
    } else {
        i64::MAX
    };
    let rest = if led < all {
        led
    } else {
        (all.saturating_mul(seen.fitting.max(1)) / walked).max(beside)
    };
    let is_gamble = seen.found == 0 && walked <= WALK;
    let ways = [
        (if is_worth_it { longer } else { i64::MAX }, Way::Walk(longer)),
        // In the order of the table, so cheaper than rows that an ordered index leads to.
        (rest, Way::Rest(source)),
        (merged, Way::Merge),
        (group.rows.saturating_mul(2), Way::Group),
        (if is_gamble { SECOND_WALK * 2 } else { i64::MAX }, Way::Walk(SECOND_WALK)),
    ];
    let fewest = ways.into_iter().min_by_key(|(rows, _)| *rows);
    fewest.map_or(Way::Group, |(_, way)| way)
}

#[cfg(test)]
mod tests;
