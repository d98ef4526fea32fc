//! Counters of cells, due hours and values, moved in the transaction that changes exceptions. Whoever moves them holds the tenant's chain.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{cell::Cell, standing::Standing, status::Status};
use sqlx::PgConnection;

use super::details::{self, Changes, Detail};
use crate::StoreError;

/// How counters change.
#[derive(Debug, Default)]
pub struct Tally {
    cells: BTreeMap<Cell, i64>,
    due: BTreeMap<(i64, DateTime<Utc>), i64>,
    values: Changes,
}

impl Tally {
    /// Of all that is new or changed: where it stood before, and where it stands now.
    pub fn of<'s>(changes: impl Iterator<Item = (Option<&'s Standing>, &'s Standing)>) -> Self {
        let mut tally = Self::default();
        for (before, now) in changes {
            if let Some(before) = before {
                tally.change(before, -1);
            }
            tally.change(now, 1);
        }
        tally
    }

    fn change(&mut self, standing: &Standing, by: i64) {
        // What is done is not due.
        if standing.cell.status != Status::Resolved {
            // The hour of a time that exists.
            let hour = standing.due_at.duration_trunc(TimeDelta::hours(1)).unwrap_or(standing.due_at);
            *self.due.entry((standing.cell.id(), hour)).or_default() += by;
        }
        for detail in Detail::ALL {
            if let Some(value) = detail.of(standing) {
                *self.values.entry((detail, value.to_owned(), standing.cell.id())).or_default() += by;
            }
        }
        *self.cells.entry(standing.cell.clone()).or_default() += by;
    }

    /// Moves the counters.
    pub async fn record(self, connection: &mut PgConnection, tenant: &str) -> Result<(), StoreError> {
        details::record(connection, tenant, self.values).await?;
        let cells: Vec<(Cell, i64)> = self.cells.into_iter().filter(|(_, by)| *by != 0).collect();
        let text = |of: fn(&Cell) -> &str| cells.iter().map(|(cell, _)| of(cell)).collect::<Vec<&str>>();
        let due: Vec<((i64, DateTime<Utc>), i64)> = self.due.into_iter().filter(|(_, by)| *by != 0).collect();
        if cells.is_empty() && due.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            r#"-- count_facets
             with facets as (
                 insert into facet_count (tenant_id, facet_bucket, status, severity, exception_type, queue, source_system, exceptions)
                 select $1, c.cell, c.status, c.severity, c.exception_type, c.queue, c.source_system, c.by
                 from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
                      as c (cell, status, severity, exception_type, queue, source_system, by)
                 on conflict (tenant_id, facet_bucket) do update set exceptions = facet_count.exceptions + excluded.exceptions
             )
             insert into due_hour_count (tenant_id, facet_bucket, due_hour, exceptions)
             select $1, d.cell, d.due_hour, d.by from unnest($9::bigint[], $10::timestamptz[], $11::bigint[]) as d (cell, due_hour, by)
             on conflict (tenant_id, facet_bucket, due_hour) do update set exceptions = due_hour_count.exceptions + excluded.exceptions"#,
            tenant,
            &cells.iter().map(|(cell, _)| cell.id()).collect::<Vec<_>>(),
            &text(|cell| cell.status.as_str()) as &[&str],
            &text(|cell| cell.severity.as_str()) as &[&str],
            &text(|cell| &cell.exception_type) as &[&str],
            &text(|cell| &cell.queue) as &[&str],
            &text(|cell| &cell.source_system) as &[&str],
            &cells.iter().map(|(_, by)| *by).collect::<Vec<_>>(),
            &due.iter().map(|((cell, _), _)| *cell).collect::<Vec<_>>(),
            &due.iter().map(|((_, hour), _)| *hour).collect::<Vec<_>>(),
            &due.iter().map(|(_, by)| *by).collect::<Vec<_>>(),
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}
