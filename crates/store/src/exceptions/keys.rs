//! The statements that find the rows of a page: along an index of time, merged from cells, or gathered from another index and sorted.

use domain::filter::Direction;
use sqlx::{FromRow, Row as _, postgres::PgRow};

use super::{
    cursor::Key,
    filter::Terms,
    plan::{By, Group, Section, Seen, Source, Within},
    row::{COLUMNS, ExceptionRow, JOIN},
    statement::Statement,
};

/// A row of a page, or what was seen.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "all but the last are rows")]
pub enum Step {
    Found(ExceptionRow),
    Seen(Seen),
}

impl<'r> FromRow<'r, PgRow> for Step {
    fn from_row(row: &'r PgRow) -> Result<Self, sqlx::Error> {
        let walked: Option<i64> = row.try_get("walked")?;
        let Some(walked) = walked else {
            return ExceptionRow::from_row(row).map(Step::Found);
        };
        Ok(Step::Seen(Seen {
            walked,
            in_cells: row.try_get("in_cells")?,
            fitting: row.try_get("fitting")?,
            found: row.try_get("found")?,
        }))
    }
}

/// Parameters of all statements.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Rows and their order.
    pub section: &'a Section,
    /// Key and id behind which the page starts.
    pub after: Option<(Key, &'a str)>,
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

/// Takes the first rows along the index of the order, where nothing else is asked of them.
pub fn along(frame: Frame<'_>) -> Statement {
    let Frame { section, .. } = frame;
    let Words { column, order, .. } = Words::of(section.within);
    let mut query = Statement::new("list_along", frame.tenant);
    query.push(format_args!(
        "select null::bigint as walked, {COLUMNS} from (select * from exception e where e.tenant_id = $1"
    ));
    section.restriction.push_led(section.within.by, &mut query);
    push_after(&mut query, frame);
    query
        .push(format_args!(" order by e.{column} {order}, e.exception_id {order} limit "))
        .bind(frame.wanted)
        .push(format_args!(") e {JOIN} order by e.{column} {order}, e.exception_id {order}"));
    query
}

/// Walks `width` rows along the index of the order, and of those that fit finds `wanted`.
pub fn walk(frame: Frame<'_>, cells: Option<Vec<i64>>, width: i64) -> Statement {
    let Section { restriction, within, .. } = frame.section;
    let Words { column, order, .. } = Words::of(*within);
    let mut query = Statement::new("list_walk", frame.tenant);
    query.push(format_args!(
        "with walked as materialized (select e.{column} as at, e.exception_id, true"
    ));
    if let Some(cells) = cells {
        query.push(" and e.facet_bucket = any(").bind(cells).push(")");
    }
    query.push(" as in_cells, true");
    restriction.push_beside(within.by, &mut query);
    query.push(" as fits from exception e where e.tenant_id = $1");
    restriction.push_led(within.by, &mut query);
    push_after(&mut query, frame);
    query
        .push(format_args!(" order by e.{column} {order}, e.exception_id {order} limit "))
        .bind(width);
    query.push(")");
    begin_page(&mut query, "exception_id");
    query
        .push(format_args!(
            "walked where in_cells and fits order by at {order}, exception_id {order} limit "
        ))
        .bind(frame.wanted);
    end_page(
        &mut query,
        "count(*), count(*) filter (where in_cells), count(*) filter (where fits), count(*) filter (where in_cells and fits) from walked",
    );
    query
}

/// Begins the part that gives the rows of a page: `id` and what follows select their ids, in order.
fn begin_page(query: &mut Statement, id: &str) {
    query.push(format_args!(
        " select k.walked, k.in_cells, k.fitting, k.found, x.* from ((select {id} as exception_id, null::bigint as walked,
         null::bigint as in_cells, null::bigint as fitting, null::bigint as found from "
    ));
}

/// Ends that part with what was seen.
fn end_page(query: &mut Statement, seen: &str) {
    query.push(format_args!(
        ") union all select null, {seen}) k left join lateral (select {COLUMNS} from exception e {JOIN}
         where e.tenant_id = $1 and e.exception_id = k.exception_id limit 1) x on true"
    ));
}

/// Takes the first rows of every cell, as many as its quota, and merges them. Only rows are returned that nothing left behind in a cell
/// can precede; what was seen counts the cells in which something may be left. A quota of all that is wanted leaves nothing that matters.
pub fn merge(frame: Frame<'_>, cells: Vec<i64>, quotas: Vec<i64>) -> Statement {
    let within = frame.section.within;
    let Words { column, order, behind } = Words::of(within);
    let (nearest, last, never) = match within.direction {
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
    frame.section.restriction.push(&mut query, Terms::Check);
    push_after(&mut query, frame);
    query
        .push(format_args!(
            " order by e.{column} {order}, e.exception_id {order} limit c.quota) k), behind as materialized
             (select {last}(at) as at from found group by cell, quota having count(*) = quota and quota < "
        ))
        .bind(frame.wanted)
        .push(")");
    begin_page(&mut query, "exception_id");
    query
        .push(format_args!(
            "found where at {ahead} coalesce((select {nearest}(at) from behind), '{never}') order by at {order}, exception_id {order} limit "
        ))
        .bind(frame.wanted);
    end_page(&mut query, "count(*), 0, 0, 0 from behind");
    query
}

/// Takes the rows that one source leads to, at most so many, and sorts those of the groups.
pub fn gather(frame: Frame<'_>, groups: &[Group], source: Source, most: i64) -> Statement {
    let Words { column, order, behind } = Words::of(frame.section.within);
    let places = (0_i64..)
        .zip(groups)
        .flat_map(|(place, group)| group.cells.iter().map(move |_| place));
    let cells: Vec<i64> = groups.iter().flat_map(Group::ids).collect();
    let mut query = Statement::new("list_gather", frame.tenant);
    query.push(format_args!(
        "with found as materialized (select e.facet_bucket, e.{column} as at, e.exception_id"
    ));
    let (restriction, terms) = match source {
        Source::Terms => (&frame.section.restriction, Terms::Lead),
        Source::Cells | Source::Other => (&frame.section.restriction, Terms::Check),
    };
    if source == Source::Cells {
        // Cell by cell, in an order that its index has; the limit keeps all other conditions out. So no other index is taken, whatever the
        // statistics say.
        query.push(" from unnest(").bind(cells.clone()).push(
            "::bigint[]) as c (cell) cross join lateral (select * from exception e where e.tenant_id = $1 and e.facet_bucket = c.cell",
        );
        restriction.push_times(&mut query);
        let by = if restriction.created.is_bounded() { By::Created } else { By::Due };
        query.push(format_args!(" order by e.{} limit all) e", by.column()));
    } else {
        restriction.push_source(&mut query, terms);
    }
    query.push(" where e.tenant_id = $1");
    restriction.push(&mut query, terms);
    query.push(" limit ").bind(most);
    query.push(")");
    begin_page(&mut query, "f.exception_id");
    query
        .push("found f join unnest(")
        .bind(cells)
        .push("::bigint[], ")
        .bind(places.collect::<Vec<i64>>())
        .push("::bigint[]) as c (cell, place) on c.cell = f.facet_bucket");
    if let Some((key, id)) = frame.after {
        query
            .push(format_args!(" where c.place > 0 or (f.at, f.exception_id) {behind} ("))
            .bind(key)
            .push(", ")
            .bind(id.to_owned())
            .push(")");
    }
    query
        .push(format_args!(" order by c.place, f.at {order}, f.exception_id {order} limit "))
        .bind(frame.wanted);
    end_page(&mut query, "count(*), count(*), count(*), count(*) from found");
    query
}

fn push_after(query: &mut Statement, frame: Frame<'_>) {
    let Words { column, behind, .. } = Words::of(frame.section.within);
    if let Some((key, id)) = frame.after {
        query
            .push(format_args!(" and (e.{column}, e.exception_id) {behind} ("))
            .bind(key)
            .push(", ")
            .bind(id.to_owned())
            .push(")");
    }
}
