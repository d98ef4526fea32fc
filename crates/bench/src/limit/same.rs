//! Copies of stored exceptions and their events, in the real tables with all their indexes. The columns come from the catalogue, so that the
//! rows are those of the present schema.

use std::sync::atomic::AtomicI64;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Row, postgres::PgArguments, query::Query};

use super::{BATCH, Rows, scratch};
use crate::environment::Environment;

/// Rows to copy, and the statement that does.
pub struct Same {
    insert: String,
    /// By column, as text.
    exceptions: Vec<Vec<Option<String>>>,
    events: Vec<Vec<Option<String>>>,
    scratch: String,
    next: AtomicI64,
}

impl Same {
    /// Reads as many rows as a batch has.
    pub async fn read(environment: &Environment) -> anyhow::Result<Self> {
        let mut connection = PgConnection::connect(environment.url.expose()).await?;
        let tenant = environment.tenant.as_str();
        let exception = Table::read(&mut connection, "exception", &["tenant_id", "exception_id"]).await?;
        let event = Table::read(&mut connection, "event", &["tenant_id", "exception_id", "seq"]).await?;
        Ok(Self {
            insert: statement(&exception, &event),
            exceptions: exception.rows(&mut connection, tenant).await?,
            events: event.rows(&mut connection, tenant).await?,
            scratch: scratch(),
            next: AtomicI64::new(0),
        })
    }
}

impl Rows for Same {
    fn name(&self) -> &'static str {
        "same rows"
    }

    fn statement(&self) -> &str {
        &self.insert
    }

    fn query<'q>(&'q self, seqs: &[i64], statement: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        let ids: Vec<String> = seqs.iter().map(|seq| format!("{}-{seq}", self.scratch)).collect();
        let statement = statement.bind(&self.scratch).bind(ids).bind(seqs.to_vec());
        self.exceptions.iter().chain(&self.events).fold(statement, |statement, column| {
            let value = |seq: &i64| column[usize::try_from(*seq).unwrap_or_default() % column.len()].clone();
            statement.bind(seqs.iter().map(value).collect::<Vec<_>>())
        })
    }

    fn next(&self) -> &AtomicI64 {
        &self.next
    }

    fn cleared(&self) -> Vec<String> {
        let delete = |table: &str| format!("-- clear_{table}\ndelete from {table} where tenant_id = '{}'", self.scratch);
        let vacuum = |table: &str| format!("-- vacuum_{table}\nvacuum analyze {table}");
        vec![delete("event"), delete("exception"), vacuum("event"), vacuum("exception")]
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
