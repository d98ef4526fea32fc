//! Counters of cells, due hours and values, moved in the transaction that changes exceptions. Whoever moves them holds the tenant's chain.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{cell::Cell, standing::Standing, status::Status};
use sqlx::{Postgres, postgres::PgArguments, query::Query};

use super::details::{Changes, Detail};

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

    /// Adds the changes of the counters to a statement: seven arrays of cells, three of due hours, four of values.
    pub fn bind(self, query: Query<'static, Postgres, PgArguments>) -> Query<'static, Postgres, PgArguments> {
        let cells: Vec<(Cell, i64)> = self.cells.into_iter().filter(|(_, by)| *by != 0).collect();
        let text = |of: fn(&Cell) -> &str| cells.iter().map(|(cell, _)| of(cell)).collect::<Vec<&str>>();
        let due: Vec<((i64, DateTime<Utc>), i64)> = self.due.into_iter().filter(|(_, by)| *by != 0).collect();
        let values: Vec<_> = self.values.into_iter().filter(|(_, by)| *by != 0).collect();
        query
            .bind(cells.iter().map(|(cell, _)| cell.id()).collect::<Vec<_>>())
            .bind(text(|cell| cell.status.as_str()))
            .bind(text(|cell| cell.severity.as_str()))
            .bind(text(|cell| &cell.exception_type))
            .bind(text(|cell| &cell.queue))
            .bind(text(|cell| &cell.source_system))
            .bind(cells.iter().map(|(_, by)| *by).collect::<Vec<_>>())
            .bind(due.iter().map(|((cell, _), _)| *cell).collect::<Vec<_>>())
            .bind(due.iter().map(|((_, hour), _)| *hour).collect::<Vec<_>>())
            .bind(due.iter().map(|(_, by)| *by).collect::<Vec<_>>())
            .bind(values.iter().map(|((detail, _, _), _)| detail.as_str()).collect::<Vec<_>>())
            .bind(values.iter().map(|((_, value, _), _)| value.clone()).collect::<Vec<_>>())
            .bind(values.iter().map(|((_, _, cell), _)| *cell).collect::<Vec<_>>())
            .bind(values.iter().map(|(_, by)| *by).collect::<Vec<_>>())
    }
}
