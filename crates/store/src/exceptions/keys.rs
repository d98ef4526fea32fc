//! The statements that find the rows of a page: along an index of time, merged from cells, or gathered from another index and sorted.

use chrono::{DateTime, Utc};
use domain::filter::Direction;

use super::{
    filter::Restriction,
    plan::{By, Group, Seen, Source, Within},
    statement::Statement,
};

/// A row of a page.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Key {
    /// Its id.
    pub exception_id: String,
}

/// A row of a page, or in the last row, without an id, what the walk saw.
#[derive(Debug, sqlx::FromRow)]
pub struct Step {
    exception_id: Option<String>,
    walked: Option<i64>,
    fitting: Option<i64>,
    found: Option<i64>,
}

type After<'a> = Option<(DateTime<Utc>, &'a str)>;

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
pub fn walk(
    tenant: &str,
    within: Within,
    restriction: &Restriction,
    cells: Option<&Vec<i64>>,
    after: After<'_>,
    width: i64,
    wanted: i64,
) -> Statement {
    let Words { column, order, .. } = Words::of(within);
    let mut query = Statement::new("list_walk", tenant);
    query.push(format_args!(
        "with walked as materialized (select e.{column} as at, e.exception_id, true"
    ));
    if let Some(cells) = cells {
        query.push(" and e.cell = any(").bind(cells.clone()).push(")");
    }
    query.push(" as in_cells, true");
    match within.by {
        By::Created => restriction.push_due(&mut query),
        By::Due => restriction.created.push("e.created_at", &mut query),
    }
    restriction.push_others(&mut query);
    query.push(" as fits from exception e where e.tenant_id = $1");
    match within.by {
        By::Created => restriction.created.push("e.created_at", &mut query),
        By::Due => restriction.push_due(&mut query),
    }
    push_after(&mut query, "e.", within, after);
    query
        .push(format_args!(" order by e.{column} {order}, e.exception_id {order} limit "))
        .bind(width);
    query
        .push(
            ") (select exception_id, null::bigint as walked, null::bigint as fitting, null::bigint as found
             from walked where in_cells and fits order by at ",
        )
        .push(format_args!("{order}, exception_id {order} limit "))
        .bind(wanted);
    query.push(") union all select null, count(*), count(*) filter (where fits), count(*) filter (where in_cells and fits) from walked");
    query
}

/// Splits the answer of a walk.
pub fn read_walk(steps: Vec<Step>) -> (Vec<Key>, Seen) {
    let mut seen = Seen::default();
    let mut keys = Vec::with_capacity(steps.len());
    for step in steps {
        match step.exception_id {
            Some(exception_id) => keys.push(Key { exception_id }),
            None => {
                seen = Seen {
                    walked: step.walked.unwrap_or(0),
                    fitting: step.fitting.unwrap_or(0),
                    found: step.found.unwrap_or(0),
                }
            }
        }
    }
    (keys, seen)
}

/// Takes the first `each` rows of every cell and merges them. Where that is fewer than wanted, only rows are returned that nothing
/// left behind in a cell can precede.
pub fn merge(
    tenant: &str,
    within: Within,
    restriction: &Restriction,
    cells: &[i64],
    after: After<'_>,
    each: i64,
    wanted: i64,
) -> Statement {
    let Words { column, order, behind } = Words::of(within);
    let mut query = Statement::new("list_merge", tenant);
    query
        .push("with found as materialized (select c.cell, k.at, k.exception_id from unnest(")
        .bind(cells.to_vec())
        .push("::bigint[]) as c (cell) cross join lateral (select e.")
        .push(format_args!(
            "{column} as at, e.exception_id from exception e where e.tenant_id = $1 and e.cell = c.cell"
        ));
    restriction.push(&mut query);
    push_after(&mut query, "e.", within, after);
    query
        .push(format_args!(" order by e.{column} {order}, e.exception_id {order} limit "))
        .bind(each)
        .push(") k) select exception_id from found");
    if each < wanted {
        let (nearest, last, never) = match within.direction {
            Direction::Ascending => ("min", "max", "infinity"),
            Direction::Descending => ("max", "min", "-infinity"),
        };
        // Ahead of the nearest row at which a cell was left.
        let ahead = if behind == ">" { "<" } else { ">" };
        query
            .push(format_args!(
                " where at {ahead} coalesce((select {nearest}(left_at) from (select {last}(at) as left_at from found group by cell having count(*) = "
            ))
            .bind(each)
            .push(format_args!(") l), '{never}')"));
    }
    query
        .push(format_args!(" order by at {order}, exception_id {order} limit "))
        .bind(wanted);
    query
}

/// Takes all rows that one source leads to, and sorts those of the groups.
pub fn gather(
    tenant: &str,
    within: Within,
    restriction: &Restriction,
    groups: &[Group],
    source: Source,
    after: After<'_>,
    wanted: i64,
) -> Statement {
    let Words { column, order, behind } = Words::of(within);
    let cells = |group: &Group| group.cells.clone();
    let places = (0_i64..)
        .zip(groups)
        .flat_map(|(place, group)| group.cells.iter().map(move |_| place));
    let all: Vec<i64> = groups.iter().flat_map(cells).collect();
    let mut query = Statement::new("list_gather", tenant);
    query.push(format_args!(
        "with found as materialized (select e.cell, e.{column} as at, e.exception_id from exception e where e.tenant_id = $1"
    ));
    if source == Source::Cells {
        query.push(" and e.cell = any(").bind(all.clone()).push(")");
    }
    restriction.push(&mut query);
    query.push(") select f.exception_id from found f join unnest(").bind(all);
    query
        .push("::bigint[], ")
        .bind(places.collect::<Vec<i64>>())
        .push("::bigint[]) as c (cell, place) on c.cell = f.cell");
    if let Some((time, id)) = after {
        query
            .push(format_args!(" where c.place > 0 or (f.at, f.exception_id) {behind} ("))
            .bind(time)
            .push(", ")
            .bind(id.to_owned())
            .push(")");
    }
    query
        .push(format_args!(" order by c.place, f.at {order}, f.exception_id {order} limit "))
        .bind(wanted);
    query
}

fn push_after(query: &mut Statement, alias: &str, within: Within, after: After<'_>) {
    let Words { column, behind, .. } = Words::of(within);
    if let Some((time, id)) = after {
        query
            .push(format_args!(" and ({alias}{column}, {alias}exception_id) {behind} ("))
            .bind(time)
            .push(", ")
            .bind(id.to_owned())
            .push(")");
    }
}
