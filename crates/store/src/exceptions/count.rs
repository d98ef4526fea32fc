//! How many exceptions each cell has by due time: from the counters where they say it, else in one pass over what the filter selects.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{
    cell::Cell,
    filter::{DueBucket, Filter},
};

use super::{
    cells::KnownCell,
    details::{Counts, Detail},
    facets::{Facet, Facets, Portion, by_frequency, facets},
    filter::{Range, Restriction, Terms, bounds, may_hold, misfits},
    statement::Statement,
};
use crate::{StoreError, TenantTx};

/// Cell, position of the bucket, number.
type Counted = (i64, Option<i32>, i64);

/// Which cells are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Those the filter selects.
    Total,
    /// Those that but one of its parts leaves out, too.
    Facets,
}

impl TenantTx {
    /// Counts under a filter, for filtering further.
    pub async fn facets(&mut self, filter: &Filter, now: DateTime<Utc>) -> Result<Facets, StoreError> {
        let cells = self.cells().await?;
        let mut facets = self.counted(filter, &cells, now, Need::Facets).await?;
        let mut details = self.by_detail(filter, &cells, now).await?;
        facets.owners = details.remove(&Detail::Owner).unwrap_or_default();
        facets.resolutions = details.remove(&Detail::Resolution).map(named).unwrap_or_default();
        facets.root_causes = details.remove(&Detail::RootCause).map(named).unwrap_or_default();
        Ok(facets)
    }

    /// How many a filter selects.
    pub async fn count(&mut self, filter: &Filter, now: DateTime<Utc>) -> Result<i64, StoreError> {
        let cells = self.cells().await?;
        Ok(self.counted(filter, &cells, now, Need::Total).await?.total)
    }

    async fn counted(&mut self, filter: &Filter, cells: &[KnownCell], now: DateTime<Utc>, need: Need) -> Result<Facets, StoreError> {
        let most = usize::from(need == Need::Facets);
        let asked: Vec<&KnownCell> = cells
            .iter()
            .filter(|known| misfits(filter, &known.cell).len() <= most && may_hold(filter, &known.cell))
            .collect();
        // The facet of due times ignores the choice of due times.
        let rest = if need == Need::Facets {
            Filter {
                due: Vec::new(),
                ..filter.clone()
            }
        } else {
            filter.clone()
        };
        let Some(restriction) = Restriction::of(&rest, self.tenant().as_str(), now).filter(|_| !asked.is_empty()) else {
            return Ok(Facets::default());
        };
        let beyond_buckets = Filter { due: Vec::new(), ..rest };
        let counters_say_it = Restriction::of(&beyond_buckets, self.tenant().as_str(), now).is_some_and(|beyond| beyond.is_none());
        let counted = if counters_say_it {
            self.by_counters(filter, &asked, need, now).await?
        } else {
            self.by_rows(&restriction, &asked, now).await?
        };
        Ok(facets(filter, &portions(&asked, counted)))
    }

    /// From the counters: cells say how many there are, hours how many are due later, and what is left is late.
    async fn by_counters(
        &mut self,
        filter: &Filter,
        asked: &[&KnownCell],
        need: Need,
        now: DateTime<Utc>,
    ) -> Result<Vec<Counted>, StoreError> {
        let is_split = |known: &KnownCell| {
            let by_due = !filter.due.is_empty() || (need == Need::Facets && misfits(filter, &known.cell).is_empty());
            known.is_open() && by_due
        };
        let (split, whole): (Vec<&KnownCell>, Vec<&KnownCell>) = asked.iter().partition(|known| is_split(known));
        let mut counted: Vec<Counted> = whole.iter().map(|known| (known.id, None, known.exceptions)).collect();
        if split.is_empty() {
            return Ok(counted);
        }
        let ids: Vec<i64> = split.iter().map(|known| known.id).collect();
        let ahead = self.due_ahead(&ids, now).await?;
        let mut late: BTreeMap<i64, i64> = split.iter().map(|known| (known.id, known.exceptions)).collect();
        for (cell, bucket, count) in ahead {
            if let Some(left) = late.get_mut(&cell) {
                *left -= count;
            }
            counted.push((cell, Some(bucket), count));
        }
        counted.extend(late.into_iter().map(|(cell, count)| (cell, Some(0), count)));
        Ok(counted)
    }

    /// What is due from now on, by cell and bucket: whole hours from their counters, the hours that a bucket's bound breaks row by row.
    async fn due_ahead(&mut self, cells: &[i64], now: DateTime<Utc>) -> Result<Vec<(i64, i32, i64)>, StoreError> {
        let (hour, day) = (now + TimeDelta::hours(1), now + TimeDelta::hours(24));
        let floor = |time: DateTime<Utc>| time.duration_trunc(TimeDelta::hours(1)).unwrap_or(time);
        let ceiling = |time: DateTime<Utc>| {
            if floor(time) == time {
                time
            } else {
                floor(time) + TimeDelta::hours(1)
            }
        };
        let (connection, tenant) = self.parts();
        let rows = sqlx::query!(
            r#"-- due_ahead
             select facet_bucket as "cell!", bucket as "bucket!", sum(exceptions)::bigint as "exceptions!" from (
                 select facet_bucket, 1 as bucket, count(*) as exceptions from exception
                 where tenant_id = $1 and facet_bucket = any($2) and due_at >= $3 and due_at < $4 group by facet_bucket
                 union all
                 select facet_bucket, 2, count(*) from exception
                 where tenant_id = $1 and facet_bucket = any($2) and due_at >= $4 and due_at < $5 group by facet_bucket
                 union all
                 select facet_bucket, 2, count(*) from exception
                 where tenant_id = $1 and facet_bucket = any($2) and due_at >= $6 and due_at < $7 group by facet_bucket
                 union all
                 select facet_bucket, 3, count(*) from exception
                 where tenant_id = $1 and facet_bucket = any($2) and due_at >= $7 and due_at < $8 group by facet_bucket
                 union all
                 select facet_bucket, case when due_hour < $7 then 2 else 3 end, exceptions from due_hour_count
                 where tenant_id = $1 and facet_bucket = any($2) and due_hour >= $5 and exceptions > 0 and (due_hour < $6 or due_hour >= $8)
             ) counted group by 1, 2"#,
            tenant,
            cells,
            now,
            hour,
            ceiling(hour),
            floor(day),
            day,
            ceiling(day),
        );
        let rows = rows.fetch_all(connection).await?;
        Ok(rows.into_iter().map(|row| (row.cell, row.bucket, row.exceptions)).collect())
    }

    /// In one pass over the rows.
    async fn by_rows(&mut self, restriction: &Restriction, asked: &[&KnownCell], now: DateTime<Utc>) -> Result<Vec<Counted>, StoreError> {
        let statement = by_rows(self.tenant().as_str(), restriction, asked, now);
        self.fetch(&statement).await
    }
}

/// Values by frequency, without those that have none.
fn named(counts: Counts) -> Vec<Facet> {
    let named = counts.into_iter().filter_map(|(value, count)| Some(Facet { value: value?, count }));
    by_frequency(named.collect())
}

fn portions<'a>(asked: &[&'a KnownCell], counted: Vec<Counted>) -> Vec<Portion<'a>> {
    let cells: HashMap<i64, &Cell> = asked.iter().map(|known| (known.id, &known.cell)).collect();
    let bucket = |place: i32| DueBucket::ALL.get(usize::try_from(place).ok()?).copied();
    let portion = |(cell, place, count): Counted| {
        Some(Portion {
            cell: cells.get(&cell).copied()?,
            due: place.and_then(bucket),
            count,
        })
    };
    counted.into_iter().filter_map(portion).collect()
}

/// Where only times are asked for, cells that are resolved are counted in the index alone; else all cells at once.
fn by_rows(tenant: &str, restriction: &Restriction, asked: &[&KnownCell], now: DateTime<Utc>) -> Statement {
    let ids = |known: &[&KnownCell]| known.iter().map(|known| known.id).collect::<Vec<i64>>();
    let (open, resolved): (Vec<&KnownCell>, Vec<&KnownCell>) = asked.iter().partition(|known| known.is_open());
    let mut query = Statement::new("count_exceptions", tenant);
    if is_by_times(restriction) && !open.is_empty() && !resolved.is_empty() {
        query
            .push("select e.facet_bucket, null::int as bucket, count(*) from exception e where e.tenant_id = $1 and e.facet_bucket = any(");
        query.bind(ids(&resolved)).push(")");
        restriction.push(&mut query, Terms::Check);
        query.push(" group by 1 union all ");
        push_by_bucket(&mut query, restriction, &ids(&open), &ids(&open), now);
    } else {
        push_by_bucket(&mut query, restriction, &ids(asked), &ids(&open), now);
    }
    query
}

/// Returns whether it restricts nothing but creation and due times.
fn is_by_times(restriction: &Restriction) -> bool {
    let rest = Restriction {
        created: Range::default(),
        due: Range::default(),
        due_parts: Vec::new(),
        ..restriction.clone()
    };
    rest.is_none()
}

fn push_by_bucket(query: &mut Statement, restriction: &Restriction, cells: &[i64], open: &[i64], now: DateTime<Utc>) {
    query
        .push("select e.facet_bucket, case when e.facet_bucket = any(")
        .bind(open.to_vec())
        .push(") then case");
    for (place, bucket) in DueBucket::ALL.into_iter().enumerate() {
        match bounds(bucket, now).to {
            Some(to) => query.push(" when e.due_at < ").bind(to).push(format_args!(" then {place}")),
            None => query.push(format_args!(" else {place} end")),
        };
    }
    query.push(" end as bucket, count(*)");
    restriction.push_source(query, Terms::Lead);
    query
        .push(" where e.tenant_id = $1 and e.facet_bucket = any(")
        .bind(cells.to_vec())
        .push(")");
    restriction.push(query, Terms::Lead);
    query.push(" group by 1, 2");
}
