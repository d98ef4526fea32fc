//! Stored exceptions beside their events, for comparison: read in pages, in constant memory.
//!
//! Called by `sentinai audit verify --state` in a transaction that reads one moment.

use std::collections::BTreeMap;

use domain::{intake::Content, replay::Replay, standing::Standing};

use crate::{
    StoreError, TenantTx,
    exceptions::standing::{STANDING, StandingRow},
};

/// Exceptions that are read at a time, with all their events.
const PAGE: i64 = 500;
/// Exceptions without a row of which a verification tells the ids.
const MOST: i64 = 100;
/// Kinds of events that never change an exception, left out because there can be many of one exception.
const UNCHANGING: [&str; 3] = ["viewed", "recurred", "commented"];

/// A stored exception with what its events say about it.
#[derive(Debug)]
pub struct StoredState {
    /// Its state.
    pub standing: Standing,
    /// Its content, with the hash that is stored.
    pub content: Content,
    /// The counter it is counted in.
    pub facet_bucket: i64,
    /// Its events, replayed.
    pub replay: Replay,
}

/// A counter that is not what counting says.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WrongCounter {
    /// Table of the counter.
    pub counter: String,
    /// Which one: its facet bucket, and the hour where it has one.
    pub key: String,
    /// The stored value.
    pub stored: i64,
    /// The value by counting the exceptions.
    pub counted: i64,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    #[sqlx(flatten)]
    standing: StandingRow,
    content_hash: Vec<u8>,
    payload: String,
    context: String,
    envelope: String,
    facet_bucket: i64,
}

impl StateRow {
    fn into_state(self, replays: &mut BTreeMap<String, Replay>) -> Result<StoredState, StoreError> {
        let standing = self.standing.into_standing()?;
        Ok(StoredState {
            replay: replays.remove(&standing.exception_id).unwrap_or_default(),
            standing,
            content: Content {
                payload: self.payload,
                context: self.context,
                header: self.envelope,
                // A hash of another length is like one that differs.
                hash: self.content_hash.try_into().unwrap_or_default(),
            },
            facet_bucket: self.facet_bucket,
        })
    }
}

impl TenantTx {
    /// Exceptions behind an id, by id, with their events replayed.
    pub async fn stored_states(&mut self, after: &str) -> Result<Vec<StoredState>, StoreError> {
        let (connection, tenant) = self.parts();
        let statement = format!(
            "-- stored_states
             select {STANDING}, e.content_hash, e.raw_payload::text as payload, e.normalized_context::text as context,
                    e.envelope::text as envelope, e.facet_bucket
             from exception e where e.tenant_id = $1 and e.exception_id > $2 order by e.exception_id limit $3"
        );
        let rows: Vec<StateRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(tenant)
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut *connection)
            .await?;
        let ids: Vec<&str> = rows.iter().map(|row| row.standing.exception_id()).collect();
        let events: Vec<(String, String, String)> = sqlx::query_as(
            "-- events_of_states
             select exception_id, kind, data::text from event
             where tenant_id = $1 and exception_id = any ($2) and kind <> all ($3) order by exception_id, seq",
        )
        .bind(tenant)
        .bind(&ids[..])
        .bind(&UNCHANGING[..])
        .fetch_all(connection)
        .await?;
        let mut replays: BTreeMap<String, Replay> = BTreeMap::new();
        for (id, kind, data) in events {
            replays.entry(id).or_default().apply(&kind, &data);
        }
        rows.into_iter().map(|row| row.into_state(&mut replays)).collect()
    }

    /// Exceptions that were received and have no row, the first of them.
    pub async fn missing_exceptions(&mut self) -> Result<Vec<String>, StoreError> {
        let (connection, tenant) = self.parts();
        let ids = sqlx::query_scalar(
            "-- missing_exceptions
             select e.exception_id from event e where e.tenant_id = $1 and e.kind = 'received'
               and not exists (select from exception x where x.tenant_id = $1 and x.exception_id = e.exception_id)
             order by e.seq limit $2",
        );
        Ok(ids.bind(tenant).bind(MOST).fetch_all(connection).await?)
    }

    /// Counters that are not what counting gives.
    pub async fn wrong_counters(&mut self) -> Result<Vec<WrongCounter>, StoreError> {
        let (connection, tenant) = self.parts();
        let counters = sqlx::query_as(
            "-- wrong_counters
             select 'facet_count' as counter, coalesce(k.facet_bucket, c.facet_bucket)::text as key, coalesce(k.exceptions, 0) as stored,
                    coalesce(c.n, 0) as counted
             from (select facet_bucket, exceptions from facet_count where tenant_id = $1) k
             full join (select facet_bucket, count(*) as n from exception where tenant_id = $1 group by 1) c on c.facet_bucket = k.facet_bucket
             where coalesce(k.exceptions, 0) <> coalesce(c.n, 0)
             union all
             select 'due_hour_count', coalesce(k.facet_bucket, c.facet_bucket) || ' ' || coalesce(k.due_hour, c.due_hour),
                    coalesce(k.exceptions, 0), coalesce(c.n, 0)
             from (select facet_bucket, due_hour, exceptions from due_hour_count where tenant_id = $1) k
             full join (select facet_bucket, date_trunc('hour', due_at, 'UTC') as due_hour, count(*) as n from exception
                        where tenant_id = $1 and status <> 'RESOLVED' group by 1, 2) c
                  on c.facet_bucket = k.facet_bucket and c.due_hour = k.due_hour
             where coalesce(k.exceptions, 0) <> coalesce(c.n, 0)
             union all
             select 'facet_value_count', coalesce(k.key, c.key), coalesce(k.exceptions, 0), coalesce(c.n, 0)
             from (select concat_ws(' ', facet, value, facet_bucket) as key, exceptions from facet_value_count where tenant_id = $1) k
             full join (select concat_ws(' ', facet, value, facet_bucket) as key, count(*) as n from exception,
                            lateral (values ('owner', owner), ('resolution', resolution), ('rootCause', root_cause)) as v (facet, value)
                        where tenant_id = $1 and value is not null group by 1) c on c.key = k.key
             where coalesce(k.exceptions, 0) <> coalesce(c.n, 0)
             order by 1, 2 limit $2",
        );
        Ok(counters.bind(tenant).bind(MOST).fetch_all(connection).await?)
    }
}
