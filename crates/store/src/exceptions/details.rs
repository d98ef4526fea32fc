//! Owners, resolutions and root causes: how many exceptions of each cell have one, from counters where nothing else is asked, else in one
//! pass over what the filter selects.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::{filter::Filter, standing::Standing};

use super::{
    cells::KnownCell,
    filter::{Restriction, Terms, may_hold, misfits},
    statement::Statement,
};
use crate::{StoreError, TenantTx};

/// A property whose values are counted by cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    Owner,
    Resolution,
    RootCause,
}

impl Detail {
    /// All of them.
    pub const ALL: [Detail; 3] = [Detail::Owner, Detail::Resolution, Detail::RootCause];

    /// As counters name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Detail::Owner => "owner",
            Detail::Resolution => "resolution",
            Detail::RootCause => "rootCause",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Detail::Owner => "owner",
            Detail::Resolution => "resolution",
            Detail::RootCause => "root_cause",
        }
    }

    /// The value an exception has.
    pub fn of(self, standing: &Standing) -> Option<&str> {
        match self {
            Detail::Owner => standing.work.owner.as_deref(),
            Detail::Resolution => standing.resolution.as_deref(),
            Detail::RootCause => standing.work.root_cause.as_deref(),
        }
    }

    /// A filter without its choice of this.
    fn ignored_in(self, filter: &Filter) -> Filter {
        let mut rest = filter.clone();
        match self {
            Detail::Owner => rest.owners.clear(),
            Detail::Resolution => rest.resolutions.clear(),
            Detail::RootCause => rest.root_causes.clear(),
        }
        rest
    }
}

/// Changes of counters by detail, value and cell.
pub type Changes = BTreeMap<(Detail, String, i64), i64>;

/// Exceptions by value; `None` where they have none.
pub type Counts = BTreeMap<Option<String>, i64>;

impl TenantTx {
    /// Returns the number of exceptions of each owner, by member id.
    pub(super) async fn owned(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        let (connection, tenant) = self.parts();
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "-- owned
             select value, sum(exceptions)::bigint from facet_value_count
             where tenant_id = $1 and facet = 'owner' group by value having sum(exceptions) > 0",
        )
        .bind(tenant)
        .fetch_all(connection)
        .await?;
        Ok(rows.into_iter().collect())
    }

    /// Exceptions by the value of each detail, under all of the filter but its own choice.
    pub(super) async fn by_detail(
        &mut self,
        filter: &Filter,
        cells: &[KnownCell],
        now: DateTime<Utc>,
    ) -> Result<HashMap<Detail, Counts>, StoreError> {
        let mut asked: Vec<(Filter, Vec<Detail>)> = Vec::new();
        for detail in Detail::ALL {
            let rest = detail.ignored_in(filter);
            match asked.iter_mut().find(|(filter, _)| *filter == rest) {
                Some((_, details)) => details.push(detail),
                None => asked.push((rest, vec![detail])),
            }
        }
        let mut counted = HashMap::new();
        for (rest, details) in asked {
            let fitting: Vec<&KnownCell> = cells
                .iter()
                .filter(|known| misfits(&rest, &known.cell).is_empty() && may_hold(&rest, &known.cell))
                .collect();
            let Some(restriction) = Restriction::of(&rest, self.tenant().as_str(), now).filter(|_| !fitting.is_empty()) else {
                continue;
            };
            let ids: Vec<i64> = fitting.iter().map(|known| known.id).collect();
            if restriction.is_none() {
                self.by_value_counters(&details, &fitting, ids, &mut counted).await?;
            } else {
                self.by_value_rows(&details, &restriction, ids, &mut counted).await?;
            }
        }
        Ok(counted)
    }

    async fn by_value_counters(
        &mut self,
        details: &[Detail],
        fitting: &[&KnownCell],
        ids: Vec<i64>,
        counted: &mut HashMap<Detail, Counts>,
    ) -> Result<(), StoreError> {
        let names: Vec<String> = details.iter().map(|detail| detail.as_str().to_owned()).collect();
        let mut statement = Statement::new("facet_value_counts", self.tenant().as_str());
        statement
            .push("select c.facet, c.value, sum(c.exceptions)::bigint from facet_value_count c where c.tenant_id = $1 and c.facet = any(")
            .bind(names)
            .push(") and c.facet_bucket = any(")
            .bind(ids)
            .push(") group by 1, 2 having sum(c.exceptions) > 0");
        let rows: Vec<(String, String, i64)> = self.fetch(&statement).await?;
        let all: i64 = fitting.iter().map(|known| known.exceptions).sum();
        for detail in details {
            let of = rows.iter().filter(|(facet, ..)| facet == detail.as_str());
            let mut counts: Counts = of.map(|(_, value, count)| (Some(value.clone()), *count)).collect();
            let without = all - counts.values().sum::<i64>();
            counts.insert(None, without);
            counted.insert(*detail, counts);
        }
        Ok(())
    }

    async fn by_value_rows(
        &mut self,
        details: &[Detail],
        restriction: &Restriction,
        ids: Vec<i64>,
        counted: &mut HashMap<Detail, Counts>,
    ) -> Result<(), StoreError> {
        let columns: Vec<String> = details.iter().map(|detail| format!("e.{}", detail.column())).collect();
        let sets: Vec<String> = columns.iter().map(|column| format!("({column})")).collect();
        let (columns, sets) = (columns.join(", "), sets.join(", "));
        let mut statement = Statement::new("count_by_value", self.tenant().as_str());
        statement.push(format_args!("select grouping({columns}), coalesce({columns}), count(*)"));
        restriction.push_source(&mut statement, Terms::Lead);
        statement
            .push(" where e.tenant_id = $1 and e.facet_bucket = any(")
            .bind(ids)
            .push(")");
        restriction.push(&mut statement, Terms::Lead);
        statement.push(format_args!(" group by grouping sets ({sets})"));
        let rows: Vec<(i32, Option<String>, i64)> = self.fetch(&statement).await?;
        for (mask, value, count) in rows {
            // Of the bits of `grouping`, the one of the column that the row is grouped by is 0; the last column has the lowest.
            let place = (0..details.len()).find(|place| mask & (1 << (details.len() - 1 - place)) == 0);
            if let Some(detail) = place.and_then(|place| details.get(place)) {
                counted.entry(*detail).or_default().insert(value, count);
            }
        }
        Ok(())
    }
}
