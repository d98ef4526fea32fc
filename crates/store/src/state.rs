//! Stored exceptions beside their events, for comparison: read in pages, in constant memory.
//!
//! Called by `sentinai audit verify --state` in a transaction that reads one moment.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    intake::Content,
    replay::{Beside, Replay},
    standing::Standing,
    triage::{RuleNumbers, StoredTriage},
};
use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sqlx::{FromRow, Row, postgres::PgRow};

use crate::{
    StoreError, TenantTx,
    exceptions::{
        standing::{STANDING, StandingRow},
        terms,
    },
};

/// Exceptions that are read at a time.
const PAGE: i64 = 100;
/// Exceptions without a row of which a verification tells the ids.
const MOST: i64 = 100;
/// Kinds of events that never change an exception, left out because there can be many of one exception.
const UNCHANGING: [&str; 2] = ["viewed", "commented"];

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
    /// Domain of the pack that triaged it.
    pub domain: String,
    /// Results of its triage.
    pub triaged: StoredTriage,
    received_at: DateTime<Utc>,
    recurrence_of: Option<String>,
    other_reasons: Option<String>,
    waiting_reason: Option<String>,
}

/// A row that cannot be read.
#[derive(Debug)]
pub struct UnreadableRow {
    /// Id of the exception.
    pub exception_id: String,
    /// Reason, as the database driver gives it.
    pub problem: String,
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
    #[sqlx(flatten)]
    triaged: TriageRow,
    domain: String,
    content_hash: Vec<u8>,
    payload: String,
    context: String,
    envelope: String,
    facet_bucket: i64,
    received_at: DateTime<Utc>,
    recurrence_of: Option<String>,
    other_reasons: Option<String>,
    waiting_reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct TriageRow {
    claimed_severity: Option<String>,
    title: String,
    aged_from: NaiveDate,
    entities: String,
    findings: String,
    finding_count: i16,
    severity_rule: Option<i16>,
    failed_severity_rules: Option<Vec<i16>>,
    routing_rule: Option<i16>,
    failed_routing_rules: Option<Vec<i16>>,
}

impl StateRow {
    fn into_state(self, replay: Replay) -> Result<StoredState, StoreError> {
        let standing = self.standing.into_standing()?;
        Ok(StoredState {
            triaged: self.triaged.beside(&standing),
            standing,
            replay,
            domain: self.domain,
            content: Content {
                payload: self.payload,
                context: self.context,
                header: self.envelope,
                // A hash of another length is like one that differs.
                hash: self.content_hash.try_into().unwrap_or_default(),
            },
            facet_bucket: self.facet_bucket,
            received_at: self.received_at,
            recurrence_of: self.recurrence_of,
            other_reasons: self.other_reasons,
            waiting_reason: self.waiting_reason,
        })
    }
}

impl TriageRow {
    fn beside(self, standing: &Standing) -> StoredTriage {
        StoredTriage {
            claimed_severity: self.claimed_severity,
            title: self.title,
            fingerprint: standing.fingerprint.clone(),
            created_at: standing.created_at,
            aged_from: self.aged_from,
            entities: self.entities,
            findings: self.findings,
            finding_count: self.finding_count,
            rules: RuleNumbers {
                severity: self.severity_rule,
                failed_severity: self.failed_severity_rules.unwrap_or_default(),
                routing: self.routing_rule,
                failed_routing: self.failed_routing_rules.unwrap_or_default(),
            },
        }
    }
}

impl StoredState {
    /// Name and version of the pack that triaged it.
    pub fn pack(&self) -> String {
        format!("{} {}", self.domain, self.standing.pack_version)
    }

    /// Everything of it that events tell, as they write it.
    pub fn told(&self) -> Map<String, Value> {
        let beside = Beside {
            pack: &self.pack(),
            content: &self.content.hash,
            received_at: self.received_at,
            recurrence_of: self.recurrence_of.as_deref(),
            other_reasons: self.other_reasons.as_deref(),
            waiting_reason: self.waiting_reason.as_deref(),
        };
        beside.told(&self.standing)
    }
}

impl TenantTx {
    /// Exceptions behind an id, by id, with their events replayed.
    pub async fn stored_states(&mut self, after: &str) -> Result<Vec<Result<StoredState, UnreadableRow>>, StoreError> {
        let (connection, tenant) = self.parts();
        let statement = format!(
            "-- stored_states
             select {STANDING}, e.domain, e.content_hash, e.raw_payload::text as payload, e.normalized_context::text as context,
                    e.envelope::text as envelope, e.facet_bucket, e.claimed_severity, e.title, e.aged_from, e.entities::text as entities,
                    e.findings::text as findings, e.finding_count, e.severity_rule, e.failed_severity_rules, e.routing_rule,
                    e.failed_routing_rules, e.received_at, e.recurrence_of, e.other_reasons::text as other_reasons, e.waiting_reason
             from exception e where e.tenant_id = $1 and e.exception_id > $2 order by e.exception_id limit $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(tenant).bind(after).bind(PAGE);
        let rows = rows.fetch_all(&mut *connection).await?;
        let ids = rows
            .iter()
            .map(|row| row.try_get("exception_id"))
            .collect::<Result<Vec<String>, _>>()?;
        let mut events = sqlx::query_as(
            "-- events_of_states
             select exception_id, kind, occurred_at, data::text from event
             where tenant_id = $1 and exception_id = any ($2) and kind <> all ($3)
               and (kind <> 'recurred' or data -> 'after' is not null) order by exception_id, seq",
        )
        .bind(tenant)
        .bind(&ids[..])
        .bind(&UNCHANGING[..])
        .fetch(connection);
        let mut replays: BTreeMap<String, Replay> = BTreeMap::new();
        while let Some((id, kind, at, data)) = events.try_next().await? {
            let (kind, data): (String, String) = (kind, data);
            replays.entry(id).or_default().apply(&kind, at, &data);
        }
        drop(events);
        let states = rows.iter().zip(ids).map(|(row, id)| {
            let replay = replays.remove(&id).unwrap_or_default();
            state(row, replay).map_err(|error| UnreadableRow {
                exception_id: id,
                problem: std::error::Error::source(&error).unwrap_or(&error).to_string(),
            })
        });
        Ok(states.collect())
    }

    /// Ids of the exceptions whose search terms are others than these.
    pub async fn wrong_terms(&mut self, expected: &[(String, BTreeSet<String>)]) -> Result<Vec<String>, StoreError> {
        let (connection, tenant) = self.parts();
        let ids: Vec<&str> = expected.iter().map(|(id, _)| id.as_str()).collect();
        let terms: Vec<String> = expected.iter().map(|(_, of)| terms::stored(tenant, of)).collect();
        let wrong = sqlx::query_scalar(
            "-- wrong_terms
             select e.exception_id from unnest($2::text[], $3::text[]) as t (exception_id, terms)
             join exception e on e.tenant_id = $1 and e.exception_id = t.exception_id
             where e.search_terms <> t.terms::tsvector order by e.exception_id",
        );
        Ok(wrong.bind(tenant).bind(ids).bind(terms).fetch_all(connection).await?)
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

fn state(row: &PgRow, replay: Replay) -> Result<StoredState, StoreError> {
    StateRow::from_row(row)?.into_state(replay)
}
