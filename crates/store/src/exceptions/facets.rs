//! Counts per value, each under all other parts of the filter, in one pass over the rows the rest selects.

use chrono::{DateTime, Utc};
use domain::filter::{DueBucket, Filter};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::filter::{bounds, push};
use crate::{StoreError, TenantTx};

/// A value and how many exceptions have it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Facet {
    /// The value.
    pub value: String,
    /// How many.
    pub count: i64,
}

/// Counts for all parts of a filter.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the names are those of the exception")]
pub struct Facets {
    /// How many the whole filter selects.
    pub total: i64,
    pub severities: Vec<Facet>,
    pub statuses: Vec<Facet>,
    pub types: Vec<Facet>,
    pub queues: Vec<Facet>,
    pub sources: Vec<Facet>,
    pub due: Vec<Facet>,
}

impl TenantTx {
    /// Counts under a filter.
    pub async fn facets(&mut self, filter: &Filter, now: DateTime<Utc>) -> Result<Facets, StoreError> {
        let (connection, tenant) = self.parts();
        let without = |clear: fn(&mut Filter)| {
            let mut rest = filter.clone();
            clear(&mut rest);
            rest
        };
        Ok(Facets {
            total: total(connection, tenant, filter, now).await?,
            severities: grouped(connection, tenant, "severity::text", &without(|rest| rest.severities.clear()), now).await?,
            statuses: grouped(connection, tenant, "status::text", &without(|rest| rest.statuses.clear()), now).await?,
            types: grouped(connection, tenant, "exception_type", &without(|rest| rest.types.clear()), now).await?,
            queues: grouped(connection, tenant, "queue", &without(|rest| rest.queues.clear()), now).await?,
            sources: grouped(connection, tenant, "source_system", &without(|rest| rest.sources.clear()), now).await?,
            due: due(connection, tenant, &without(|rest| rest.due.clear()), now).await?,
        })
    }
}

async fn total(connection: &mut PgConnection, tenant: &str, filter: &Filter, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("-- count_exceptions\nselect count(*) from exception where ");
    push(&mut query, tenant, filter, now);
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}

async fn grouped(
    connection: &mut PgConnection,
    tenant: &str,
    column: &str,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<Vec<Facet>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("-- facet\n");
    query.push(format_args!("select {column} as value, count(*) as count from exception where "));
    push(&mut query, tenant, filter, now);
    query.push(" group by 1 order by 2 desc, 1");
    Ok(query.build_query_as().fetch_all(connection).await?)
}

async fn due(connection: &mut PgConnection, tenant: &str, filter: &Filter, now: DateTime<Utc>) -> Result<Vec<Facet>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("-- due_facet\nselect case");
    for bucket in DueBucket::ALL {
        match bounds(bucket, now) {
            (_, Some(to)) => query
                .push(" when due_at < ")
                .push_bind(to)
                .push(format_args!(" then '{}'", bucket.as_str())),
            (_, None) => query.push(format_args!(" else '{}' end as value", bucket.as_str())),
        };
    }
    query.push(", count(*) as count from exception where status <> 'RESOLVED' and ");
    push(&mut query, tenant, filter, now);
    query.push(" group by 1 order by 2 desc, 1");
    Ok(query.build_query_as().fetch_all(connection).await?)
}
