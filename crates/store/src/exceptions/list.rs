//! Lists: keyset pages in any order, stable while new exceptions arrive, read by index whatever the filter.
//!
//! [`plan`] decides, [`keys`](super::keys) has the statements; this follows one with the other until a page is full.

use chrono::{DateTime, Utc};
use domain::filter::{Filter, Sort};

use super::{
    cells::KnownCell,
    cursor::Cursor,
    filter::Restriction,
    keys::{self, Key},
    plan::{self, Group, Seen, Source, Within},
    row::{COLUMNS, ExceptionRow, JOIN},
    statement::Statement,
};
use crate::{StoreError, TenantTx};

/// A page and where the next one starts.
#[derive(Debug)]
pub struct Page<Row = ExceptionRow> {
    /// The exceptions.
    pub items: Vec<Row>,
    /// Start of the next page, if there is one.
    pub next: Option<Cursor>,
    /// How many the whole filter selects, where the counters of cells say it.
    pub total: Option<i64>,
}

/// An exception with what was sent.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FullRow {
    /// As a list shows it.
    #[sqlx(flatten)]
    pub row: ExceptionRow,
    /// As sent.
    pub raw_payload: String,
}

/// What is asked of a list.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// Which.
    pub filter: &'a Filter,
    /// In which order.
    pub sort: Sort,
    /// From where on.
    pub after: Option<&'a Cursor>,
    /// How many at most.
    pub limit: u32,
    /// What due times are compared with.
    pub now: DateTime<Utc>,
}

/// What a page is read by.
struct Reading<'a> {
    within: Within,
    restriction: Restriction,
    after: Option<&'a Cursor>,
    /// Rows of the tenant.
    all: i64,
}

impl TenantTx {
    /// A page of exceptions.
    pub async fn exceptions(&mut self, listing: Listing<'_>) -> Result<Page, StoreError> {
        let (ids, total) = self.selected(listing).await?;
        let rows = self.rows::<ExceptionRow>(COLUMNS, &ids).await?;
        Ok(page(rows, |row| row, listing, total))
    }

    /// A page of exceptions with what was sent.
    pub async fn full_exceptions(&mut self, listing: Listing<'_>) -> Result<Page<FullRow>, StoreError> {
        let (ids, total) = self.selected(listing).await?;
        let columns = format!("{COLUMNS}, e.raw_payload::text as raw_payload");
        let rows = self.rows::<FullRow>(&columns, &ids).await?;
        Ok(page(rows, |full| &full.row, listing, total))
    }

    /// Ids of a page in order and one more, and how many there are in all.
    async fn selected(&mut self, listing: Listing<'_>) -> Result<(Vec<String>, Option<i64>), StoreError> {
        let cells = self.cells().await?;
        let Some(restriction) = Restriction::of(listing.filter, self.tenant().as_str(), listing.now) else {
            return Ok((Vec::new(), Some(0)));
        };
        let total = restriction.is_none().then(|| {
            let selected = plan::groups(listing.filter, &cells, listing.sort, None);
            selected.iter().map(|group| group.rows).sum()
        });
        let groups = plan::groups(listing.filter, &cells, listing.sort, listing.after);
        let reading = Reading {
            within: Within::of(listing.sort),
            restriction,
            after: listing.after,
            all: cells.iter().map(|cell: &KnownCell| cell.exceptions).sum(),
        };
        let ids = self.keys(&reading, &groups, i64::from(listing.limit) + 1).await?;
        Ok((ids, total))
    }

    /// At most `wanted` ids of the groups, in order.
    async fn keys(&mut self, reading: &Reading<'_>, groups: &[Group], wanted: i64) -> Result<Vec<String>, StoreError> {
        let mut ids: Vec<String> = Vec::new();
        let mut rest = groups;
        while let Some(group) = rest.first() {
            let missing = wanted - i64::try_from(ids.len()).unwrap_or(i64::MAX);
            if missing <= 0 {
                break;
            }
            let small = plan::small(rest);
            if small > 0 {
                let found = self.gathered(reading, &rest[..small], Source::Cells, missing).await?;
                ids.extend(found.into_iter().map(|key| key.exception_id));
                rest = &rest[small..];
                continue;
            }
            match self.in_order(reading, group, missing).await? {
                Ok(found) => {
                    ids.extend(found.into_iter().map(|key| key.exception_id));
                    rest = &rest[1..];
                }
                Err(seen) => {
                    let rows = rest.iter().map(|group| group.rows).sum();
                    let source = plan::source(&reading.restriction, seen, rows, reading.all);
                    let found = self.gathered(reading, rest, source, missing).await?;
                    ids.extend(found.into_iter().map(|key| key.exception_id));
                    break;
                }
            }
        }
        Ok(ids)
    }

    /// The first rows of a group, by an index that has their order; or what was seen where none leads to them fast.
    async fn in_order(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Result<Vec<Key>, Seen>, StoreError> {
        if reading.within.answers(&reading.restriction) {
            if let Some(width) = plan::width(group, reading.all, wanted) {
                let (found, _, is_whole) = self.walked(reading, group, width, wanted).await?;
                if is_whole {
                    return Ok(Ok(found));
                }
            }
            return Ok(Ok(self.merged(reading, group, wanted).await?));
        }
        let (found, seen, is_whole) = self.walked(reading, group, plan::WALK, wanted).await?;
        if is_whole {
            return Ok(Ok(found));
        }
        if let Some(width) = seen.longer(wanted) {
            let (found, seen, is_whole) = self.walked(reading, group, width, wanted).await?;
            return Ok(if is_whole { Ok(found) } else { Err(seen) });
        }
        Ok(Err(seen))
    }

    /// Walks along the index of the order. The last part says whether the page is full or the index came to its end.
    async fn walked(
        &mut self,
        reading: &Reading<'_>,
        group: &Group,
        width: i64,
        wanted: i64,
    ) -> Result<(Vec<Key>, Seen, bool), StoreError> {
        let cells = (group.rows < reading.all).then_some(&group.cells);
        let after = reading.after.filter(|_| group.is_begun).map(Cursor::key);
        let statement = keys::walk(
            self.tenant().as_str(),
            reading.within,
            &reading.restriction,
            cells,
            after,
            width,
            wanted,
        );
        let (found, seen) = keys::read_walk(self.fetch(&statement).await?);
        let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= wanted);
        let is_whole = is_full || seen.walked < width;
        Ok((found, seen, is_whole))
    }

    /// Merges the first rows of each cell.
    async fn merged(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Vec<Key>, StoreError> {
        let after = reading.after.filter(|_| group.is_begun).map(Cursor::key);
        let each = plan::each(group, wanted);
        let merge = |tenant: &str, each| keys::merge(tenant, reading.within, &reading.restriction, &group.cells, after, each, wanted);
        let statement = merge(self.tenant().as_str(), each);
        let found: Vec<Key> = self.fetch(&statement).await?;
        if each == wanted || i64::try_from(found.len()).is_ok_and(|count| count >= wanted) {
            return Ok(found);
        }
        let statement = merge(self.tenant().as_str(), wanted);
        self.fetch(&statement).await
    }

    /// All rows of the groups from one source, sorted.
    async fn gathered(&mut self, reading: &Reading<'_>, groups: &[Group], source: Source, wanted: i64) -> Result<Vec<Key>, StoreError> {
        let after = reading.after.filter(|_| groups[0].is_begun).map(Cursor::key);
        let statement = keys::gather(
            self.tenant().as_str(),
            reading.within,
            &reading.restriction,
            groups,
            source,
            after,
            wanted,
        );
        self.fetch(&statement).await
    }

    /// The rows of some ids, in their order.
    pub(super) async fn rows<Row>(&mut self, columns: &str, ids: &[String]) -> Result<Vec<Row>, StoreError>
    where
        Row: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = Statement::new("list_rows", self.tenant().as_str());
        statement
            .push(format_args!("select {columns} from unnest("))
            .bind(ids.to_vec())
            .push("::text[]) with ordinality as k (exception_id, place) cross join lateral (select * from exception where tenant_id = $1 and exception_id = k.exception_id limit 1) e ")
            .push(JOIN)
            .push(" order by k.place");
        self.fetch(&statement).await
    }
}

fn page<Row>(mut items: Vec<Row>, row: fn(&Row) -> &ExceptionRow, listing: Listing<'_>, total: Option<i64>) -> Page<Row> {
    let limit = listing.limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    Page {
        next: last.map(|last| Cursor::behind(row(last), listing.sort)),
        items,
        total,
    }
}
