//! The statements that find the rows of a page: along an index of time, merged from cells, or gathered from another index and sorted.

use chrono::{DateTime, Utc};
use domain::filter::Direction;

use super::{
    filter::{Restriction, Terms},
    plan::{By, Group, Seen, Source, Within},
    statement::Statement,
};

/// A row of a page; or one without an id, which says what was seen.
#[derive(Debug, sqlx::FromRow)]
pub struct Step {
    exception_id: Option<String>,
    walked: Option<i64>,
    in_cells: Option<i64>,
    fitting: Option<i64>,
    found: Option<i64>,
}

/// What all three statements are about.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The order.
    pub within: Within,
    /// What rows fit.
    pub restriction: &'a Restriction,
    /// Time and id behind which the page starts.
    pub after: Option<(DateTime<Utc>, &'a str)>,
    /// How many rows are wanted.
    pub wanted: i64,
}

/// The order in SQL.
struct Words {
    column: &'static str,
    order: &'static str,
    behind: &'static str,
}

impl Words {
    fn of(within: Within) -> Self {
        let (order, behind) = match within.direction {
            Direction::Ascending => ("asc", ">"),
            Direction::Descending => ("desc", "<"),
        };
        Self {
            column: within.by.column(),
            order,
            behind,
        }
    }
}

/// Walks `width` rows along the index of the order, and of those that fit finds `wanted`.
pub fn walk(frame: Frame<'_>, cells: Option<Vec<i64>>, width: i64) -> Statement {
    let Frame { within, restriction, .. } = frame;
    let Words { column, order, .. } = Words::of(within);
    let mut query = Statement::new("list_walk", frame.tenant);
    query.push(format_args!(
        "with walked as materialized (select e.{column} as at, e.exception_id, true"
    ));
    if let Some(cells) = cells {
        query.push(" and e.facet_bucket = any(").bind(cells).push(")");
    }
    query.push(" as in_cells, true");
    match within.by {
        By::Created => restriction.push_due(&mut query),
        By::Due => restriction.created.push("e.created_at", &mut query),
    }
    restriction.push_others(&mut query, Terms::Check);
    query.push(" as fits from exception e where e.tenant_id = $1");
    match within.by {
        By::Created => restriction.created.push("e.created_at", &mut query),
        By::Due => restriction.push_due(&mut query),
    }
    push_after(&mut query, frame);
    query
        .push(format_args!(" order by e.{column} {order}, e.exception_id {order} limit "))
        .bind(width);
    query
        .push(
            ") (select exception_id, null::bigint as walked, null::bigint as in_cells, null::bigint as fitting, null::bigint as found
             from walked where in_cells and fits order by at ",
        )
        .push(format_args!("{order}, exception_id {order} limit "))
        .bind(frame.wanted);
    query.push(") union all select null, count(*), count(*) filter (where in_cells), count(*) filter (where fits), count(*) filter (where in_cells and fits) from walked");
    query
}

/// Splits an answer into ids and what was seen.
pub fn read(steps: Vec<Step>) -> (Vec<String>, Seen) {
    let mut seen = Seen::default();
    let mut ids = Vec::with_capacity(steps.len());
    for step in steps {
        match step.exception_id {
            Some(id) => ids.push(id),
            None => {
                seen = Seen {
                    walked: step.walked.unwrap_or(0),
                    in_cells: step.in_cells.unwrap_or(0),
                    fitting: step.fitting.unwrap_or(0),
                    found: step.found.unwrap_or(0),
                }
            }
        }
    }
    (ids, seen)
}

/// Takes the first rows of every cell, as many as its quota, and merges them. Only rows are returned that nothing left behind in a cell
/// can precede; what was seen counts the cells in which something may be left. A quota of all that is wanted leaves nothing that matters.
pub fn merge(frame: Frame<'_>, cells: Vec<i64>, quotas: Vec<i64>) -> Statement {
    let Words { column, order, behind } = Words::of(frame.within);
    let (nearest, last, never) = match frame.within.direction {
        Direction::Ascending => ("min", "max", "infinity"),
        Direction::Descending => ("max", "min", "-infinity"),
    };
    let ahead = if behind == ">" { "<" } else { ">" };
    let mut query = Statement::new("list_merge", frame.tenant);
    query
        .push("with found as materialized (select c.cell, c.quota, k.at, k.exception_id from unnest(")
        .bind(cells)
        .push("::bigint[], ")
        .bind(quotas)
        .push("::bigint[]) as c (cell, quota) cross join lateral (select e.")
        .push(format_args!(
            "{column} as at, e.exception_id from exception e where e.tenant_id = $1 and e.facet_bucket = c.cell"
        ));
    frame.restriction.push(&mut query, Terms::Check);
    push_after(&mut query, frame);
    query
        .push(format_args!(
            " order by e.{column} {order}, e.exception_id {order} limit c.quota) k), behind as materialized
             (select {last}(at) as at from found group by cell, quota having count(*) = quota and quota < "
        ))
        .bind(frame.wanted)
        .push(format_args!(
            ") (select exception_id, null::bigint as walked, null::bigint as in_cells, null::bigint as fitting, null::bigint as found from found
             where at {ahead} coalesce((select {nearest}(at) from behind), '{never}') order by at {order}, exception_id {order} limit "
        ))
        .bind(frame.wanted)
        .push(") union all select null, count(*), 0, 0, 0 from behind");
    query
}

/// Takes the rows that one source leads to, at most so many, and sorts those of the groups.
pub fn gather(frame: Frame<'_>, groups: &[Group], source: Source, most: i64) -> Statement {
    let Words { column, order, behind } = Words::of(frame.within);
    let places = (0_i64..)
        .zip(groups)
        .flat_map(|(place, group)| group.cells.iter().map(move |_| place));
    let cells: Vec<i64> = groups.iter().flat_map(Group::ids).collect();
    let mut query = Statement::new("list_gather", frame.tenant);
    query.push(format_args!(
        "with found as materialized (select e.facet_bucket, e.{column} as at, e.exception_id from exception e where e.tenant_id = $1"
    ));
    if source == Source::Cells {
        query.push(" and e.facet_bucket = any(").bind(cells.clone()).push(")");
    }
    let terms = if source == Source::Terms { Terms::Lead } else { Terms::Check };
    frame.restriction.push(&mut query, terms);
    query.push(" limit ").bind(most);
    query
        .push(") (select f.exception_id, null::bigint as walked, null::bigint as in_cells, null::bigint as fitting, null::bigint as found from found f join unnest(")
        .bind(cells)
        .push("::bigint[], ")
        .bind(places.collect::<Vec<i64>>())
        .push("::bigint[]) as c (cell, place) on c.cell = f.facet_bucket");
    if let Some((time, id)) = frame.after {
        query
            .push(format_args!(" where c.place > 0 or (f.at, f.exception_id) {behind} ("))
            .bind(time)
            .push(", ")
            .bind(id.to_owned())
            .push(")");
    }
    query
        .push(format_args!(" order by c.place, f.at {order}, f.exception_id {order} limit "))
        .bind(frame.wanted)
        .push(") union all select null, count(*), count(*), count(*), count(*) from found");
    query
}

fn push_after(query: &mut Statement, frame: Frame<'_>) {
    let Words { column, behind, .. } = Words::of(frame.within);
    if let Some((time, id)) = frame.after {
        query
            .push(format_args!(" and (e.{column}, e.exception_id) {behind} ("))
            .bind(time)
            .push(", ")
            .bind(id.to_owned())
            .push(")");
    }
}
