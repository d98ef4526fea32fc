//! Narrow tables: the facts of an exception and its event, six plain indexes, one body.

use std::sync::atomic::AtomicI64;

use sqlx::{Connection, PgConnection, Postgres, Row, postgres::PgArguments, query::Query, raw_sql};

use super::{BATCH, Rows, scratch};
use crate::environment::Environment;

const TABLES: &str = "-- narrow_tables
    drop schema if exists narrow cascade;
    create schema narrow;
    create table narrow.exception (
        tenant_id text not null, exception_id text not null, exception_type text not null, severity_rank smallint not null, status text not null,
        queue text not null, source_system text not null, created_at timestamptz not null, due_at timestamptz not null, title text not null,
        body text not null, primary key (tenant_id, exception_id)
    );
    create index on narrow.exception (tenant_id, created_at, exception_id);
    create index on narrow.exception (tenant_id, status, due_at, exception_id);
    create index on narrow.exception (tenant_id, exception_type, created_at, exception_id);
    create table narrow.event (
        tenant_id text not null, seq bigint not null, exception_id text not null, kind text not null, actor text not null,
        occurred_at timestamptz not null, data text not null, hash bytea not null, primary key (tenant_id, seq)
    );
    create index on narrow.event (tenant_id, exception_id, seq)";

const INSERT: &str = "-- narrow_insert
    with stored as (
        insert into narrow.exception
        select $1, r.id, r.exception_type, 2, 'OPEN', r.queue, r.source_system, $4, $4, r.title, r.body
        from unnest($2::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) as r (id, exception_type, queue, source_system, title, body)
    )
    insert into narrow.event select $1, r.seq, r.id, 'received', 'bench', $4, r.data, sha256(convert_to(r.data, 'UTF8'))
    from unnest($2::text[], $3::bigint[], $10::text[]) as r (id, seq, data)";

/// Facts of stored exceptions.
pub struct Narrow {
    /// Type, queue, source system, title, body, and data of the event: by column.
    facts: [Vec<String>; 6],
    scratch: String,
    next: AtomicI64,
}

impl Narrow {
    /// Makes the tables and reads facts.
    pub async fn create(environment: &Environment) -> anyhow::Result<Self> {
        let mut connection = PgConnection::connect(environment.url.expose()).await?;
        raw_sql(TABLES).execute(&mut connection).await?;
        let rows = sqlx::query(
            "-- narrow_facts
             select exception_type, queue, source_system, title, raw_payload::text,
                    json_build_object('status', status, 'severity', severity, 'queue', queue, 'dueAt', due_at)::text
             from exception where tenant_id = $1 limit $2",
        );
        let rows = rows
            .bind(environment.tenant.as_str())
            .bind(i64::try_from(BATCH)?)
            .fetch_all(&mut connection)
            .await?;
        Ok(Self {
            facts: std::array::from_fn(|column| rows.iter().map(|row| row.get(column)).collect()),
            scratch: scratch(),
            next: AtomicI64::new(0),
        })
    }
}

impl Rows for Narrow {
    fn name(&self) -> &'static str {
        "narrow"
    }

    fn statement(&self) -> &str {
        INSERT
    }

    fn query<'q>(&'q self, seqs: &[i64], statement: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        let ids: Vec<String> = seqs.iter().map(|seq| format!("{}-{seq}", self.scratch)).collect();
        let statement = statement
            .bind(&self.scratch)
            .bind(ids)
            .bind(seqs.to_vec())
            .bind(crate::environment::now());
        self.facts.iter().fold(statement, |statement, column| {
            let value = |seq: &i64| column[usize::try_from(*seq).unwrap_or_default() % column.len()].clone();
            statement.bind(seqs.iter().map(value).collect::<Vec<_>>())
        })
    }

    fn next(&self) -> &AtomicI64 {
        &self.next
    }

    fn cleared(&self) -> Vec<String> {
        vec!["-- drop_narrow\ndrop schema narrow cascade".to_owned()]
    }
}
