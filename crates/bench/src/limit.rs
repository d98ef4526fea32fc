//! PostgreSQL alone, in two ways: with narrow tables that hold the same facts, and with copies of the very rows.
//!
//! As the administrator, past row-level security and without the chain: these are limits, not ways to run.

mod narrow;
mod same;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, postgres::PgArguments, query::Query};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    environment::{Environment, now},
    load::{Measured, timed},
    median::median,
};

/// Clients that commit row by row.
const CLIENTS: usize = 32;
/// Rows of a batch.
const BATCH: usize = 500;
/// Clients that commit batches: as many as keep the disk and the CPUs busy.
const WRITERS: usize = 2;

/// Rates and CPU of PostgreSQL alone.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Narrow tables, one row per transaction.
    pub narrow_single: Measured,
    /// Narrow tables, batches.
    pub narrow_batches: Measured,
    /// Copies of the rows, one per transaction.
    pub same_single: Measured,
    /// Copies of the rows, batches.
    pub same_batches: Measured,
}

impl Limits {
    /// All four, in the order in which they are reported.
    pub fn all(&self) -> [&Measured; 4] {
        [&self.narrow_single, &self.narrow_batches, &self.same_single, &self.same_batches]
    }
}

/// Measures them, each several times.
pub async fn measure(environment: &Environment, seconds: u64, runs: u32) -> anyhow::Result<Limits> {
    let narrow: Arc<dyn Rows> = Arc::new(narrow::Narrow::create(environment).await?);
    let same: Arc<dyn Rows> = Arc::new(same::Same::read(environment).await?);
    let limits = Limits {
        narrow_single: median(runs, async || run(environment, &narrow, CLIENTS, 1, seconds).await).await?,
        narrow_batches: median(runs, async || run(environment, &narrow, WRITERS, BATCH, seconds).await).await?,
        same_single: median(runs, async || run(environment, &same, CLIENTS, 1, seconds).await).await?,
        same_batches: median(runs, async || run(environment, &same, WRITERS, BATCH, seconds).await).await?,
    };
    for rows in [narrow, same] {
        clear(environment, &rows.cleared()).await?;
    }
    Ok(limits)
}

/// Rows to insert, and the statement that does.
trait Rows: Send + Sync {
    /// In the table of figures.
    fn name(&self) -> &'static str;
    /// The statement, without its values.
    fn statement(&self) -> &str;
    /// The statement with the values of the rows of these numbers.
    fn query<'q>(&'q self, seqs: &[i64], statement: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments>;
    /// Number of the next row.
    fn next(&self) -> &AtomicI64;
    /// Statements that remove the rows, which would slow down what is measured next.
    fn cleared(&self) -> Vec<String>;
}

async fn run(environment: &Environment, rows: &Arc<dyn Rows>, clients: usize, size: usize, seconds: u64) -> anyhow::Result<Measured> {
    let name = match size {
        1 => format!("PostgreSQL alone, {}, one per transaction, {clients} clients", rows.name()),
        _ => format!("PostgreSQL alone, {}, batches of {size}", rows.name()),
    };
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(PgConnection::connect(environment.url.expose()).await?);
    }
    timed(environment, &name, "a limit", async || {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut running = JoinSet::new();
        for connection in connections {
            running.spawn(insert(connection, Arc::clone(rows), size, until));
        }
        let mut count = 0;
        while let Some(ended) = running.join_next().await {
            count += ended??;
        }
        Ok(count)
    })
    .await
}

async fn insert(mut connection: PgConnection, rows: Arc<dyn Rows>, size: usize, until: Instant) -> anyhow::Result<u64> {
    let mut count = 0;
    while Instant::now() < until {
        let first = rows.next().fetch_add(i64::try_from(size)?, Ordering::Relaxed);
        let seqs: Vec<i64> = (first + 1..=first + i64::try_from(size)?).collect();
        let query = rows.query(&seqs, sqlx::query(AssertSqlSafe(rows.statement())));
        count += query.execute(&mut connection).await?.rows_affected();
    }
    Ok(count)
}

async fn clear(environment: &Environment, statements: &[String]) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(environment.url.expose()).await?;
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement.as_str())).execute(&mut connection).await?;
    }
    sqlx::query("checkpoint").execute(&mut connection).await?;
    Ok(())
}

/// A name of this moment, for rows that are removed afterwards.
fn scratch() -> String {
    format!("LIMIT_{}", now().timestamp_micros())
}
