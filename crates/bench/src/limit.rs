//! What PostgreSQL alone does with the same rows: copies of stored exceptions and their events, with all their indexes.
//!
//! As the administrator, past row-level security and without the chain: that is the limit, not a way to run. The columns
//! come from the catalogue, so that the rows are those of the present schema.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tokio::{task::JoinSet, time::Instant};

use crate::environment::{Environment, now};

/// Clients that commit row by row.
const CLIENTS: usize = 32;
/// Rows of a batch.
const BATCH: usize = 500;
/// Clients that commit batches: as many as keep the disk and the CPUs busy.
const WRITERS: usize = 2;

/// Rows per second.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// One per transaction.
    pub single: f64,
    /// In batches.
    pub batches: f64,
}

/// Measures both.
pub async fn measure(environment: &Environment, seconds: u64) -> anyhow::Result<Limit> {
    eprintln!("measuring PostgreSQL alone");
    let rows = Arc::new(Rows::read(environment).await?);
    let single = run(environment, &rows, CLIENTS, 1, seconds).await?;
    let batches = run(environment, &rows, WRITERS, BATCH, seconds).await?;
    clear(environment, &rows).await?;
    Ok(Limit { single, batches })
}

/// Rows to copy, and the statement that does.
struct Rows {
    insert: String,
    /// By column, as text.
    exceptions: Vec<Vec<Option<String>>>,
    events: Vec<Vec<Option<String>>>,
    scratch: String,
    next: AtomicI64,
}

impl Rows {
    async fn read(environment: &Environment) -> anyhow::Result<Self> {
        let mut connection = PgConnection::connect(environment.url.expose()).await?;
        let tenant = environment.tenant.as_str();
        let exception = Table::read(&mut connection, "exception", &["tenant_id", "exception_id"]).await?;
        let event = Table::read(&mut connection, "event", &["tenant_id", "exception_id", "seq"]).await?;
        let exceptions = exception.rows(&mut connection, tenant).await?;
        let events = event.rows(&mut connection, tenant).await?;
        Ok(Rows {
            insert: statement(&exception, &event),
            exceptions,
            events,
            scratch: format!("LIMIT_{}", now().timestamp_micros()),
            next: AtomicI64::new(0),
        })
    }
}

/// A table with what its rows differ in left out.
struct Table {
    name: &'static str,
    columns: Vec<(String, String)>,
}

impl Table {
    async fn read(connection: &mut PgConnection, name: &'static str, keys: &[&str]) -> anyhow::Result<Self> {
        let columns = sqlx::query(
            "-- columns_of
             select attname::text, format_type(atttypid, atttypmod) from pg_attribute
             where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
        );
        let columns = columns.bind(name).fetch_all(&mut *connection).await?;
        let columns = columns.iter().map(|row| (row.get::<String, _>(0), row.get::<String, _>(1)));
        let columns = columns.filter(|(column, _)| !keys.contains(&column.as_str())).collect();
        Ok(Table { name, columns })
    }

    /// As many as a batch has, by column.
    async fn rows(&self, connection: &mut PgConnection, tenant: &str) -> anyhow::Result<Vec<Vec<Option<String>>>> {
        let columns = self.columns.iter().map(|(column, _)| format!("array_agg({column}::text)"));
        let text = format!(
            "-- rows_to_copy\nselect {} from (select * from {} where tenant_id = $1 limit {BATCH}) as few",
            columns.collect::<Vec<_>>().join(", "),
            self.name
        );
        let row = sqlx::query(AssertSqlSafe(text)).bind(tenant).fetch_one(connection).await?;
        Ok((0..self.columns.len()).map(|index| row.get(index)).collect())
    }

    fn names(&self) -> String {
        self.columns
            .iter()
            .map(|(column, _)| column.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn casts(&self) -> String {
        self.columns
            .iter()
            .map(|(column, kind)| format!("r.{column}::{kind}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Parameters from a number on.
    fn parameters(&self, first: usize) -> String {
        (first..first + self.columns.len())
            .map(|number| format!("${number}::text[]"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Both rows of an exception in one statement: $1 tenant, $2 ids, $3 places in the chain.
fn statement(exception: &Table, event: &Table) -> String {
    let (first, second) = (4, 4 + exception.columns.len());
    format!(
        "-- limit_insert
         with stored as (
             insert into exception (tenant_id, exception_id, {}) select $1, r.id, {} from unnest($2::text[], {}) as r (id, {})
         )
         insert into event (tenant_id, exception_id, seq, {}) select $1, r.id, r.seq, {} from unnest($2::text[], $3::bigint[], {}) as r (id, seq, {})",
        exception.names(),
        exception.casts(),
        exception.parameters(first),
        exception.names(),
        event.names(),
        event.casts(),
        event.parameters(second),
        event.names(),
    )
}

/// Rows per second of so many clients with so many rows a transaction.
async fn run(environment: &Environment, rows: &Arc<Rows>, clients: usize, size: usize, seconds: u64) -> anyhow::Result<f64> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(PgConnection::connect(environment.url.expose()).await?);
    }
    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let mut running = JoinSet::new();
    for connection in connections {
        running.spawn(copy(connection, Arc::clone(rows), size, until));
    }
    let mut count = 0;
    while let Some(ended) = running.join_next().await {
        count += ended??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    Ok(count as f64 / started.elapsed().as_secs_f64())
}

async fn copy(mut connection: PgConnection, rows: Arc<Rows>, size: usize, until: Instant) -> anyhow::Result<u64> {
    let have = rows.exceptions.first().map_or(0, Vec::len).max(1);
    let mut count = 0;
    while Instant::now() < until {
        let first = rows.next.fetch_add(i64::try_from(size)?, Ordering::Relaxed);
        let seqs: Vec<i64> = (first + 1..=first + i64::try_from(size)?).collect();
        let ids: Vec<String> = seqs.iter().map(|seq| format!("{}-{seq}", rows.scratch)).collect();
        let places: Vec<usize> = seqs.iter().map(|seq| usize::try_from(*seq).unwrap_or_default() % have).collect();
        let mut query = sqlx::query(AssertSqlSafe(rows.insert.as_str()))
            .bind(&rows.scratch)
            .bind(ids)
            .bind(seqs);
        for column in rows.exceptions.iter().chain(&rows.events) {
            query = query.bind(places.iter().map(|place| column[*place % column.len()].clone()).collect::<Vec<_>>());
        }
        count += query.execute(&mut connection).await?.rows_affected();
    }
    Ok(count)
}

/// The copies would slow down what is measured next.
async fn clear(environment: &Environment, rows: &Rows) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(environment.url.expose()).await?;
    for statement in [
        "-- clear_events\ndelete from event where tenant_id = $1",
        "-- clear_exceptions\ndelete from exception where tenant_id = $1",
    ] {
        sqlx::query(statement).bind(&rows.scratch).execute(&mut connection).await?;
    }
    for statement in ["vacuum analyze exception", "vacuum analyze event", "checkpoint"] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    Ok(())
}
