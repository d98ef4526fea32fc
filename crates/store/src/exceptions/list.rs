//! Lists: keyset pages in any order, stable while new exceptions arrive, read by index whatever the filter.
//!
//! [`plan`] decides, [`keys`] has the statements; this follows one with the other until a page is full.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::filter::{Filter, Sort, SortKey};

use super::{
    cells::KnownCell,
    cursor::Cursor,
    filter::Restriction,
    keys::{self, Frame, Step},
    plan::{self, Attempt, By, Group, Known, Section, Seen, Source, Way},
    row::ExceptionRow,
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

/// Parameters by which a section of a page is read.
struct Reading<'a> {
    sort: Sort,
    section: Section,
    after: Option<&'a Cursor>,
    known: Known,
}

impl Reading<'_> {
    /// What the statements for a group, or for groups that begin with it, are about.
    fn frame<'f>(&'f self, tenant: &'f str, group: &Group, wanted: i64) -> Frame<'f> {
        Frame {
            tenant,
            section: &self.section,
            after: self.after.filter(|_| group.is_begun).map(Cursor::key),
            wanted,
        }
    }
}

fn is_full(found: &[ExceptionRow], wanted: i64) -> bool {
    i64::try_from(found.len()).is_ok_and(|count| count >= wanted)
}

/// Rows of a group, or where to look for those of all groups.
enum Found {
    Rows(Vec<ExceptionRow>),
    Elsewhere(Source),
}

impl TenantTx {
    /// A page of exceptions.
    pub async fn exceptions(&mut self, listing: Listing<'_>) -> Result<Page, StoreError> {
        let cells = self.cells().await?;
        let Some(restriction) = Restriction::of(listing.filter, self.tenant().as_str(), listing.now) else {
            return Ok(Page::empty());
        };
        let total = restriction.is_none().then(|| {
            let selected = plan::groups(listing.filter, &cells, listing.sort, None);
            selected.iter().map(|group| group.rows).sum()
        });
        let by_owner = listing.sort.key == SortKey::Owner || restriction.one_owner().is_some();
        let owned = if by_owner { self.owned().await? } else { BTreeMap::new() };
        let owners: Vec<String> = owned.keys().cloned().collect();
        let all = cells.iter().map(|cell: &KnownCell| cell.exceptions).sum();
        let wanted = i64::from(listing.limit) + 1;
        let mut rows = Vec::new();
        for section in plan::sections(listing.sort, &restriction, &owners) {
            if is_full(&rows, wanted) {
                break;
            }
            if listing.after.is_some_and(|after| after.has_passed(&section.mark, listing.sort)) {
                continue;
            }
            let after = listing.after.filter(|after| after.mark(listing.sort) == section.mark);
            let groups = plan::groups(listing.filter, &cells, listing.sort, after);
            let leader = section.restriction.one_owner().filter(|_| section.within.by == By::Due);
            let led = leader.map_or(all, |owner| owned.get(owner).copied().unwrap_or_default());
            let mut reading = Reading {
                sort: listing.sort,
                section,
                after,
                known: Known { all, led, beside: 0 },
            };
            let missing = wanted - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            rows.extend(self.section(&mut reading, &groups, missing).await?);
        }
        Ok(Page::of(rows, listing, total))
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

    /// At most `wanted` rows of the groups, in order.
    async fn section(&mut self, reading: &mut Reading<'_>, groups: &[Group], wanted: i64) -> Result<Vec<ExceptionRow>, StoreError> {
        let mut rows: Vec<ExceptionRow> = Vec::new();
        let mut rest = groups;
        let mut probe = plan::probe(&reading.section, reading.sort);
        while let Some(group) = rest.first().filter(|_| !is_full(&rows, wanted)) {
            let missing = wanted - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let small = plan::small(rest);
            if small > 0 {
                let (found, _) = self.gathered(reading, &rest[..small], (Source::Cells, plan::ALL), missing).await?;
                rows.extend(found);
                rest = &rest[small..];
                continue;
            }
            if let Some(source) = probe.take() {
                let (found, is_whole) = self.gathered(reading, rest, (source, plan::SMALL), missing).await?;
                if is_whole {
                    rows.extend(found);
                    break;
                }
                reading.known.beside = plan::many(reading.known.all);
            }
            let (found, passed) = match self.in_order(reading, group, missing).await? {
                Found::Rows(found) => (found, 1),
                Found::Elsewhere(source) => (self.gathered(reading, rest, (source, plan::ALL), missing).await?.0, rest.len()),
            };
            rows.extend(found);
            rest = &rest[passed..];
        }
        Ok(rows)
    }

    /// The first rows of a group, or the source from which all groups are best gathered.
    async fn in_order(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Found, StoreError> {
        let by = reading.section.within.by;
        if reading.section.restriction.is_answered(by) {
            if group.rows >= reading.known.all {
                return Ok(Found::Rows(self.along(reading, group, wanted).await?));
            }
            if let Some(width) = plan::width(group, reading.known.all, wanted) {
                let (found, _, is_whole) = self.walked(reading, group, width, wanted).await?;
                if is_whole {
                    return Ok(Found::Rows(found));
                }
            }
            if by.is_kept_by_cell() && reading.known.led >= reading.known.all {
                return Ok(Found::Rows(self.merged(reading, group, wanted).await?));
            }
        }
        let mut width = plan::WALK;
        loop {
            let (found, seen, is_whole) = self.walked(reading, group, width, wanted).await?;
            if is_whole {
                return Ok(Found::Rows(found));
            }
            return Ok(match plan::way(&reading.section, seen, group, reading.known, wanted) {
                Way::Walk(longer) => {
                    width = longer.max(plan::WALK + 1);
                    continue;
                }
                Way::Merge => Found::Rows(self.merged(reading, group, wanted).await?),
                Way::Group => {
                    let only = std::slice::from_ref(group);
                    Found::Rows(self.gathered(reading, only, (Source::Cells, plan::ALL), wanted).await?.0)
                }
                Way::Rest(source) => Found::Elsewhere(source),
            });
        }
    }

    /// Goes along the index of the order.
    async fn along(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Vec<ExceptionRow>, StoreError> {
        let statement = keys::along(reading.frame(self.tenant().as_str(), group, wanted));
        self.fetch(&statement).await
    }

    /// Walks along the index of the order. The last part says whether the page is full or the index came to its end.
    async fn walked(
        &mut self,
        reading: &Reading<'_>,
        group: &Group,
        width: i64,
        wanted: i64,
    ) -> Result<(Vec<ExceptionRow>, Seen, bool), StoreError> {
        let cells = (group.rows < reading.known.all).then(|| group.ids());
        let statement = keys::walk(reading.frame(self.tenant().as_str(), group, wanted), cells, width);
        let (found, seen) = self.steps(&statement).await?;
        let is_whole = is_full(&found, wanted) || seen.walked < width;
        Ok((found, seen, is_whole))
    }

    /// Merges the first rows of each cell.
    async fn merged(&mut self, reading: &Reading<'_>, group: &Group, wanted: i64) -> Result<Vec<ExceptionRow>, StoreError> {
        for attempt in [Attempt::First, Attempt::Second, Attempt::Last] {
            let quotas = plan::quotas(group, wanted, attempt);
            let statement = keys::merge(reading.frame(self.tenant().as_str(), group, wanted), group.ids(), quotas);
            let (found, left) = self.steps(&statement).await?;
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
    ) -> Result<(Vec<ExceptionRow>, bool), StoreError> {
        let statement = keys::gather(reading.frame(self.tenant().as_str(), &groups[0], wanted), groups, source, most);
        let (found, seen) = self.steps(&statement).await?;
        Ok((found, seen.walked < most))
    }

    async fn steps(&mut self, statement: &Statement) -> Result<(Vec<ExceptionRow>, Seen), StoreError> {
        let (mut rows, mut seen) = (Vec::new(), Seen::default());
        for step in self.fetch::<Step>(statement).await? {
            match step {
                Step::Found(row) => rows.push(row),
                Step::Seen(what) => seen = what,
            }
        }
        Ok((rows, seen))
    }
}

impl Page {
    fn empty() -> Self {
        Self {
            items: Vec::new(),
            next: None,
            total: Some(0),
        }
    }

    fn of(mut items: Vec<ExceptionRow>, listing: Listing<'_>, total: Option<i64>) -> Self {
        let limit = listing.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        Self {
            next: last.map(|last| Cursor::behind(last, listing.sort)),
            items,
            total,
        }
    }
}
