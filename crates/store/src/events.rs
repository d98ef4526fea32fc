//! Events: appended to the tenant's chain, read per exception.

use std::{borrow::Cow, collections::HashMap};

use chrono::{DateTime, Utc};
use domain::{
    chain::{Hash, Link},
    event::{NewEvent, not_before},
};
use sqlx::{
    PgConnection, Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use crate::{StoreError, TenantTx, exceptions::statement::Statement};

/// When the last event of `exception e` happened. One index has this order, and so the plan is the same whatever the statistics.
pub(crate) const LAST_EVENT_AT: &str =
    "(select v.occurred_at from event v where v.tenant_id = $1 and v.exception_id >= e.exception_id and v.exception_id <= e.exception_id
    order by v.exception_id desc, v.seq desc limit 1) as last_event_at";

/// An event as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    /// Position in the tenant's chain.
    pub seq: i64,
    /// Kind of the event as it is stored and hashed.
    pub kind: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: DateTime<Utc>,
    /// JSON text.
    pub data: String,
    /// Hash of the chain up to here.
    pub hash: Vec<u8>,
}

/// End of a tenant's chain, locked until the transaction ends.
#[derive(Debug)]
pub(crate) struct ChainHead {
    seq: i64,
    hash: Hash,
}

impl ChainHead {
    /// From a row of `chain_head` with `seq` and `hash`.
    pub(crate) fn from_row(row: &PgRow) -> Result<Self, StoreError> {
        let (seq, hash): (i64, Vec<u8>) = (row.try_get("seq")?, row.try_get("hash")?);
        let hash = hash
            .try_into()
            .map_err(|_| StoreError::Bug(sqlx::Error::Protocol("a chain hash has 32 bytes".into())))?;
        Ok(Self { seq, hash })
    }
}

/// Locks the end of the chain: whoever holds it appends next.
pub(crate) async fn lock_chain(connection: &mut PgConnection, tenant: &str) -> Result<ChainHead, StoreError> {
    let head = find_chain(connection, tenant).await?;
    head.ok_or(StoreError::Bug(sqlx::Error::RowNotFound))
}

/// The same for a tenant that may not be there.
pub(crate) async fn find_chain(connection: &mut PgConnection, tenant: &str) -> Result<Option<ChainHead>, StoreError> {
    let row = sqlx::query("-- lock_chain\nselect seq, hash from chain_head where tenant_id = $1 for update")
        .bind(tenant)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(ChainHead::from_row).transpose()
}

/// End of a statement after `with`: appends the events of [`ChainHead::bind`] and tells listeners how many exceptions were received.
macro_rules! appending {
    () => {
        "appended as (
             insert into event (tenant_id, seq, exception_id, kind, actor, occurred_at, data, hash)
             select $1, e.seq, e.exception_id, e.kind, e.actor, e.at, e.data::json, e.hash
             from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::bytea[])
                  as e (seq, exception_id, kind, actor, at, data, hash)
             returning kind, exception_id
         ), moved as (
             update chain_head set seq = $9, hash = $10 where tenant_id = $1
         )
         select pg_notify('sentinai_events', $1 || ' ' || count(*) filter (where kind = 'received')) from appended where exception_id <> '' having count(*) > 0"
    };
}
pub(crate) use appending;

impl ChainHead {
    /// Links events to the chain and adds them to a statement that begins with them: `$1` the tenant, `$2` to `$8` the events, `$9` and
    /// `$10` the new end.
    pub(crate) fn bind(
        mut self,
        query: Query<'static, Postgres, PgArguments>,
        tenant: &str,
        events: &[NewEvent],
    ) -> Query<'static, Postgres, PgArguments> {
        let mut seqs = Vec::with_capacity(events.len());
        let mut hashes = Vec::with_capacity(events.len());
        for event in events {
            self.seq += 1;
            let link = Link {
                tenant,
                seq: self.seq,
                exception_id: &event.exception_id,
                kind: event.kind.as_str(),
                actor: &event.actor,
                at: event.at,
                data: &event.data,
            };
            self.hash = link.hash(&self.hash);
            seqs.push(self.seq);
            hashes.push(self.hash);
        }
        query
            .bind(tenant)
            .bind(seqs)
            .bind(events.iter().map(|event| event.exception_id.as_str()).collect::<Vec<_>>())
            .bind(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>())
            .bind(events.iter().map(|event| event.actor.as_str()).collect::<Vec<_>>())
            .bind(events.iter().map(|event| event.at).collect::<Vec<_>>())
            .bind(events.iter().map(|event| event.data.as_str()).collect::<Vec<_>>())
            .bind(hashes.iter().map(|hash| &hash[..]).collect::<Vec<_>>())
            .bind(self.seq)
            .bind(&self.hash[..])
    }
}

/// Appends events to the chain.
pub(crate) async fn append(connection: &mut PgConnection, tenant: &str, head: ChainHead, events: &[NewEvent]) -> Result<(), StoreError> {
    let statement = concat!("-- append_events\nwith ", appending!());
    head.bind(sqlx::query(statement), tenant, events).execute(connection).await?;
    Ok(())
}

/// Events as they are appended: what is about an exception is not before its last event, which another server may have written, or which
/// was written while these waited.
pub(crate) async fn in_order<'e>(
    connection: &mut PgConnection,
    tenant: &str,
    events: &'e [NewEvent],
) -> Result<Cow<'e, [NewEvent]>, StoreError> {
    let ids: Vec<String> = events
        .iter()
        .map(|event| event.exception_id.clone())
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() {
        return Ok(Cow::Borrowed(events));
    }
    let mut statement = Statement::new("last_events", tenant);
    statement
        .push(format_args!("select e.exception_id, {LAST_EVENT_AT} from unnest("))
        .bind(ids)
        .push("::text[]) as e (exception_id)");
    let rows: Vec<(String, Option<DateTime<Utc>>)> = statement.fetch_on(connection).await?;
    let mut last: HashMap<String, Option<DateTime<Utc>>> = rows.into_iter().collect();
    let mut events = events.to_vec();
    for event in &mut events {
        if let Some(last) = last.get_mut(&event.exception_id) {
            event.at = not_before(*last, event.at);
            *last = Some(event.at);
        }
    }
    Ok(Cow::Owned(events))
}

/// Bytes of the data of events after which a page of them ends.
pub(crate) const PAGE_BYTES: u32 = 1 << 20;

/// The statement for a page of events of tenant `$1` under a condition, in an order: at most `$2` of them, up to the one that reaches `$3`
/// bytes. Parameters of the condition begin with `$4`.
macro_rules! events_page {
    ($name:literal, $condition:literal, $order:literal) => {
        concat!(
            "-- ",
            $name,
            "
             select seq, exception_id, kind, actor, at, data, hash from (
                 select v.*, sum(octet_length(v.data)) over (order by v.seq ",
            $order,
            " rows between unbounded preceding and 1 preceding) as bytes from (
                     select seq, exception_id, kind, actor, occurred_at as at, data::text as data, hash from event
                     where tenant_id = $1 and ",
            $condition,
            " order by seq ",
            $order,
            " limit $2
                 ) as v
             ) as v where coalesce(bytes, 0) < $3 order by seq ",
            $order
        )
    };
}
pub(crate) use events_page;

/// Tells whether a page of events ended at its limit or at [`PAGE_BYTES`], so that others may follow.
pub(crate) fn is_full_page<'e>(events: impl ExactSizeIterator<Item = &'e Event>, limit: u32) -> bool {
    let is_long = events.len() >= limit as usize;
    is_long || events.map(|event| event.data.len()).sum::<usize>() >= PAGE_BYTES as usize
}

/// A page of events.
#[derive(Debug)]
pub struct EventsOf {
    /// The events, oldest first.
    pub items: Vec<Event>,
    /// The next page is behind this event; none where this one is not full.
    pub next: Option<i64>,
}

impl TenantTx {
    /// Events of one exception behind one of them, at most `limit` and fewer where they are large.
    pub async fn events_of(&mut self, exception_id: &str, after: i64, limit: u32) -> Result<EventsOf, StoreError> {
        let (connection, tenant) = self.parts();
        let items: Vec<Event> = sqlx::query_as(events_page!("events_of", "exception_id = $4 and seq > $5", "asc"))
            .bind(tenant)
            .bind(i64::from(limit))
            .bind(i64::from(PAGE_BYTES))
            .bind(exception_id)
            .bind(after)
            .fetch_all(connection)
            .await?;
        let is_full = is_full_page(items.iter(), limit);
        Ok(EventsOf {
            next: items.last().filter(|_| is_full).map(|last| last.seq),
            items,
        })
    }
}
