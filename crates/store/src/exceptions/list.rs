//! Lists: keyset pages in any order, stable while new exceptions arrive, read by index whatever the filter.
//!
//! [`plan`] decides, [`keys`] has the statements; this follows one with the other until a page is full.

use chrono::{DateTime, Utc};
use domain::filter::{Filter, Sort};

use super::{
    cells::KnownCell,
    cursor::Cursor,
    filter::Restriction,
    keys::{self, Frame},
    plan::{self, Attempt, Group, Seen, Source, Way, Within},
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
#[derive(Debug, Clone)]
pub struct FullRow {
    /// As a list shows it.
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
    sort: Sort,
    within: Within,
    restriction: Restriction,
    after: Option<&'a Cursor>,
    /// Rows of the tenant.
    all: i64,
}

impl Reading<'_> {
    /// What the statements for a group, or for groups that begin with it, are about.
    fn frame<'f>(&'f self, tenant: &'f str, group: &Group, wanted: i64) -> Frame<'f> {
        Frame {
            tenant,
            within: self.within,
            restriction: &self.restriction,
            after: self.after.filter(|_| group.is_begun).map(Cursor::key),
            wanted,
        }
    }
}

fn is_full(found: &[String], wanted: i64) -> bool {
    i64::try_from(found.len()).is_ok_and(|count| count >= wanted)
}

/// Rows of a group, or where to look for those of all groups.
enum Found {
    Ids(Vec<String>),
    Elsewhere(Source),
}

impl TenantTx {
    /// A page of exceptions.
    pub async fn exceptions(&mut self, listing: Listing<'_>) -> Result<Page, StoreError> {
        let (ids, total) = self.selected(listing).await?;
        let rows = self.rows::<ExceptionRow>(COLUMNS, &ids).await?;
        Ok(page(rows, |row| row, listing, total))
    }

    /// A page of exceptions with their payloads, which ends after the payload that reaches a number of bytes.
    pub async fn full_exceptions(&mut self, listing: Listing<'_>, bytes: i64) -> Result<Page<FullRow>, StoreError> {
        let page = self.exceptions(listing).await?;
        let ids = page.items.iter().map(|row| row.exception_id.clone()).collect();
        let payloads = self.payloads(ids, bytes).await?;
        let is_cut = payloads.len() < page.items.len();
        let items: Vec<FullRow> = page
            .items
            .into_iter()
            .zip(payloads)
            .map(|(row, (raw_payload,))| FullRow { row, raw_payload })
            .collect();
        let cut = items.last().filter(|_| is_cut);
        Ok(Page {
            next: cut.map(|last| Cursor::behind(&last.row, listing.sort)).or(page.next),
            total: page.total,
            items,
        })
    }

    /// Payloads of exceptions, in their order, up to the one that reaches a number of bytes. They are read one after the other, so that the database
    /// unpacks none in vain.
    async fn payloads(&mut self, ids: Vec<String>, bytes: i64) -> Result<Vec<(String,)>, StoreError> {
        let mut statement = Statement::new("payloads_of_page", self.tenant().as_str());
        statement
            .push(
                "with recursive sent (place, raw_payload, bytes) as (select 0, null::text, 0::bigint union all
                     select s.place + 1, e.raw_payload, s.bytes + octet_length(e.raw_payload) from sent s cross join lateral
                         (select o.raw_payload::text as raw_payload from exception o where o.tenant_id = $1 and o.exception_id = (",
            )
            .bind(ids)
            .push("::text[])[s.place + 1] limit 1) as e where s.bytes < ")
            .bind(bytes)
            .push(") select raw_payload from sent where place > 0 order by place");
        self.fetch(&statement).await
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
            sort: listing.sort,
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
        let mut probe = plan::probe(reading.sort, &reading.restriction);
        while let Some(group) = rest.first().filter(|_| !is_full(&ids, wanted)) {
            let missing = wanted - i64::try_from(ids.len()).unwrap_or(i64::MAX);
            let small = plan::small(rest);
            if small > 0 {
                let (found, _) = self.gathered(reading, &rest[..small], (Source::Cells, plan::ALL), missing).await?;
                ids.extend(found);
                rest = &rest[small..];
                continue;
            }
            if let Some(source) = probe.take() {
                let (found, is_whole) = self.gathered(reading, rest, (source, plan::SMALL), missing).await?;
                if is_whole {
                    ids.extend(found);
                    break;
                }
            }
            let (found, passed) = match self.in_order(reading, group, missing).await? {
                Found::Ids(found) => (found, 1),
                Found::Elsewhere(source) => (self.gathered(reading, rest, (source, plan::ALL), missing).await?.0, rest.len()),
            };
            ids.extend(found);
            rest = &rest[passed..];
        }
        Ok(ids)
    }

    /// The first rows of a group, or the source from which all groups are best gathered.
    async fn in_order(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Found, StoreError> {
        if reading.within.answers(&reading.restriction) {
            if let Some(width) = plan::width(group, reading.all, wanted) {
                let (found, _, is_whole) = self.walked(reading, group, width, wanted).await?;
                if is_whole {
                    return Ok(Found::Ids(found));
                }
            }
            return Ok(Found::Ids(self.merged(reading, group, wanted).await?));
        }
        let mut width = plan::WALK;
        loop {
            let (found, seen, is_whole) = self.walked(reading, group, width, wanted).await?;
            if is_whole {
                return Ok(Found::Ids(found));
            }
            return Ok(match plan::way(&reading.restriction, seen, group, reading.all, wanted) {
                Way::Walk(longer) => {
                    width = longer.max(plan::WALK + 1);
                    continue;
                }
                Way::Merge => Found::Ids(self.merged(reading, group, wanted).await?),
                Way::Group => {
                    let only = std::slice::from_ref(group);
                    Found::Ids(self.gathered(reading, only, (Source::Cells, plan::ALL), wanted).await?.0)
                }
                Way::Rest(source) => Found::Elsewhere(source),
            });
        }
    }

    /// Walks along the index of the order. The last part says whether the page is full or the index came to its end.
    async fn walked(
        &mut self,
        reading: &Reading<'_>,
        group: &Group,
        width: i64,
        wanted: i64,
    ) -> Result<(Vec<String>, Seen, bool), StoreError> {
        let cells = (group.rows < reading.all).then(|| group.ids());
        let statement = keys::walk(reading.frame(self.tenant().as_str(), group, wanted), cells, width);
        let (found, seen) = keys::read(self.fetch(&statement).await?);
        let is_whole = is_full(&found, wanted) || seen.walked < width;
        Ok((found, seen, is_whole))
    }

    /// Merges the first rows of each cell.
    async fn merged(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Vec<String>, StoreError> {
        for attempt in [Attempt::First, Attempt::Second, Attempt::Last] {
            let quotas = plan::quotas(group, wanted, attempt);
            let statement = keys::merge(reading.frame(self.tenant().as_str(), group, wanted), group.ids(), quotas);
            let (found, left) = keys::read(self.fetch(&statement).await?);
            if is_full(&found, wanted) || left.walked == 0 {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The rows of the groups from one source, sorted; and whether the source had no more than were taken.
    async fn gathered(
        &mut self,
        reading: &Reading<'_>,
        groups: &[Group],
        (source, most): (Source, i64),
        wanted: i64,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let statement = keys::gather(reading.frame(self.tenant().as_str(), &groups[0], wanted), groups, source, most);
        let (found, seen) = keys::read(self.fetch(&statement).await?);
        Ok((found, seen.walked < most))
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
