//! The chain as proof: read in pages, recomputed, added to by whoever acts on a tenant as a whole.
//!
//! Called by `sentinai audit`, by the audit endpoints and by the recorder. Nothing here changes an event.

use chrono::{DateTime, Utc};
use domain::{
    chain::{Broken, Link, Point, Verification},
    event::{EventKind, NewEvent},
    ids::TenantId,
};
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::{
    OwnerStore, Store, StoreError, TenantScope, TenantTx,
    change::tenant_event,
    events::{Event, PAGE_BYTES, append, events_page, in_order, is_full_page, lock_chain},
};

/// Events that are read at a time while a chain is recomputed.
const PAGE: i64 = 10_000;
/// Events that one page of a filtered list looks at, so that a rare kind never means reading a whole chain.
const SPAN: i64 = 50_000;

/// An event and what it is about.
#[derive(Debug, Clone)]
pub struct ChainEvent {
    /// The exception; empty for an event of the tenant as a whole.
    pub exception_id: String,
    /// What happened, when and who.
    pub event: Event,
}

impl ChainEvent {
    /// What it contributes to its tenant's chain.
    pub fn link<'a>(&'a self, tenant: &'a str) -> Link<'a> {
        Link {
            tenant,
            seq: self.event.seq,
            exception_id: &self.exception_id,
            kind: &self.event.kind,
            actor: &self.event.actor,
            at: self.event.at,
            data: &self.event.data,
        }
    }
}

/// What came of recomputing a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Events found sound, from the first on.
    pub events: i64,
    /// The last of them.
    pub end: Point,
    /// The first place that is wrong.
    pub broken: Option<Broken>,
}

impl Verdict {
    /// The event of the verification.
    pub fn event(&self, actor: &str, at: DateTime<Utc>) -> NewEvent {
        let (first_invalid, problem) = self.broken.map(|Broken { seq, problem }| (seq, problem.to_string())).unzip();
        let data = json!({"ok": self.broken.is_none(), "events": self.events, "firstInvalid": first_invalid, "problem": problem});
        tenant_event(EventKind::ChainVerified, actor, at, &data)
    }
}

/// The last verification that was recorded.
#[derive(Debug, sqlx::FromRow)]
pub struct Verified {
    /// Actor that verified.
    pub actor: String,
    /// Time of the verification.
    pub at: DateTime<Utc>,
    /// Whether the chain was sound.
    pub ok: bool,
    /// Events found sound.
    pub events: i64,
    /// Number of the first event that was wrong.
    pub first_invalid: Option<i64>,
    /// What was wrong with it.
    pub problem: Option<String>,
}

/// Which way a page of events goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The events behind this one, oldest first.
    After(i64),
    /// The events before this one, newest first.
    Before(i64),
}

/// Which events; what is not given admits all.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Caused by this actor.
    pub actor: Option<String>,
}

/// A page of events.
#[derive(Debug)]
pub struct EventPage {
    /// In the order asked for.
    pub items: Vec<ChainEvent>,
    /// Where the next page starts; none on the last.
    pub next: Option<Direction>,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    seq: i64,
    exception_id: String,
    kind: String,
    actor: String,
    at: DateTime<Utc>,
    data: String,
    hash: Vec<u8>,
}

impl From<EventRow> for ChainEvent {
    fn from(row: EventRow) -> Self {
        Self {
            exception_id: row.exception_id,
            event: Event {
                seq: row.seq,
                kind: row.kind,
                actor: row.actor,
                at: row.at,
                data: row.data,
                hash: row.hash,
            },
        }
    }
}

impl Store {
    /// Adds events to a tenant's chain; durable when it returns.
    /// Needs no scope: it reads nothing, and also what strangers do to a tenant is told.
    pub async fn record(&self, tenant: &TenantId, events: &[NewEvent]) -> Result<(), StoreError> {
        let mut tx = self.begin_writing(&TenantScope::of(tenant.clone())).await?;
        tx.record(events).await?;
        tx.commit().await
    }
}

impl Store {
    /// Ends of the chains of all tenants, each read by itself.
    pub async fn chain_ends(&self) -> Result<Vec<(TenantId, Point)>, StoreError> {
        let tenants: Vec<String> = sqlx::query_scalar("-- tenants_with_chains\nselect tenant_id from tenant order by 1")
            .fetch_all(&mut *self.connection().await?)
            .await?;
        let mut ends = Vec::with_capacity(tenants.len());
        for tenant in tenants {
            let tenant: TenantId = tenant
                .parse()
                .map_err(|error| StoreError::Bug(sqlx::Error::Decode(Box::new(error))))?;
            let mut tx = self.begin_reading(&TenantScope::of(tenant.clone())).await?;
            let end = tx.chain_end().await?;
            tx.commit().await?;
            ends.extend(end.map(|end| (tenant, end)));
        }
        Ok(ends)
    }
}

impl OwnerStore {
    /// Begins a transaction that only reads, and all it reads is of one moment.
    pub async fn begin_reading(&self, scope: &TenantScope) -> Result<TenantTx, StoreError> {
        TenantTx::begin_reading(&self.pool, scope).await
    }
}

impl TenantTx {
    /// Adds events to the chain. Nothing that others may hold may be locked before.
    pub async fn record(&mut self, events: &[NewEvent]) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let events = in_order(connection, tenant, events).await?;
        append(connection, tenant, head, &events).await
    }

    /// End of the chain; none if it is gone or unreadable.
    pub async fn chain_end(&mut self) -> Result<Option<Point>, StoreError> {
        let (connection, tenant) = self.parts();
        let row = sqlx::query!("-- chain_end\nselect seq, hash from chain_head where tenant_id = $1", tenant)
            .fetch_optional(connection)
            .await?;
        Ok(row.and_then(|row| {
            let hash = row.hash.try_into().ok()?;
            Some(Point { seq: row.seq, hash })
        }))
    }

    /// The last verification that was recorded; none where none was.
    pub async fn last_verification(&mut self) -> Result<Option<Verified>, StoreError> {
        let (connection, tenant) = self.parts();
        let last = sqlx::query_as(
            "-- last_verification
             select actor, occurred_at as at, (data ->> 'ok')::boolean as ok, (data ->> 'events')::bigint as events,
                    (data ->> 'firstInvalid')::bigint as first_invalid, data ->> 'problem' as problem
             from event where tenant_id = $1 and kind = 'chain_verified' order by seq desc limit 1",
        );
        Ok(last.bind(tenant).fetch_optional(connection).await?)
    }

    /// Events behind a position, oldest first.
    pub async fn chain_events(&mut self, after: i64, limit: i64) -> Result<Vec<ChainEvent>, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query_as!(
            EventRow,
            r#"-- chain_events
             select seq, exception_id, kind, actor, occurred_at as at, data::text as "data!", hash from event
             where tenant_id = $1 and seq > $2 order by seq limit $3"#,
            tenant,
            after,
            limit
        );
        Ok(rows.fetch_all(connection).await?.into_iter().map(ChainEvent::from).collect())
    }

    /// A page of the chain. Looks at a bounded span, so a page may be empty and yet have a next one.
    pub async fn chain_page(&mut self, from: Direction, filter: &EventFilter, limit: u32) -> Result<EventPage, StoreError> {
        let end = self.chain_end().await?.map_or(0, |end| end.seq);
        // The span, as the first and the last event of it.
        let (first, last) = match from {
            Direction::After(seq) => (seq.saturating_add(1), seq.saturating_add(SPAN).min(end)),
            Direction::Before(seq) => {
                let last = seq.saturating_sub(1).min(end);
                (last.saturating_sub(SPAN - 1).max(1), last)
            }
        };
        let items = self.span(first, last, matches!(from, Direction::Before(_)), filter, limit).await?;
        let is_full = is_full_page(items.iter().map(|item| &item.event), limit);
        let next = match (from, items.last().filter(|_| is_full)) {
            (Direction::After(_), Some(item)) => Some(item.event.seq).filter(|seq| *seq < end).map(Direction::After),
            (Direction::After(_), None) => (last < end).then_some(Direction::After(last)),
            (Direction::Before(_), Some(item)) => Some(item.event.seq).filter(|seq| *seq > 1).map(Direction::Before),
            (Direction::Before(_), None) => (first > 1).then_some(Direction::Before(first)),
        };
        Ok(EventPage { items, next })
    }

    async fn span(
        &mut self,
        first: i64,
        last: i64,
        newest_first: bool,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Vec<ChainEvent>, StoreError> {
        let (connection, tenant) = self.parts();
        macro_rules! span {
            ($name:literal, $order:literal) => {
                events_page!(
                    $name,
                    "seq between $4 and $5 and ($6::text is null or kind = $6) and ($7::text is null or actor = $7)",
                    $order
                )
            };
        }
        let statement = if newest_first {
            span!("chain_page_back", "desc")
        } else {
            span!("chain_page", "asc")
        };
        let rows: Vec<EventRow> = sqlx::query_as(statement)
            .bind(tenant)
            .bind(i64::from(limit))
            .bind(i64::from(PAGE_BYTES))
            .bind(first)
            .bind(last)
            .bind(filter.kind.as_deref())
            .bind(filter.actor.as_deref())
            .fetch_all(connection)
            .await?;
        Ok(rows.into_iter().map(ChainEvent::from).collect())
    }

    /// Recomputes the chain in constant memory; one page is hashed while the next is read. To be called in a transaction that reads
    /// one moment, so that it verifies while others write. `progress` is told how many events are behind it.
    pub async fn verify_chain(&mut self, anchors: Vec<Point>, mut progress: impl FnMut(i64)) -> Result<Verdict, StoreError> {
        let head = self.chain_end().await?;
        let mut verification = Verification::behind(Point::START, anchors);
        // No number is left out, not even one below the first.
        let mut page = self.chain_events(i64::MIN, PAGE).await?;
        let mut broken = None;
        while let (Some(last), None) = (page.last(), broken) {
            let (tenant, behind) = (self.tenant().clone(), last.event.seq);
            let hashing = spawn_blocking(move || {
                let wrong = page
                    .iter()
                    .find_map(|event| verification.take(&event.link(tenant.as_str()), &event.event.hash).err());
                (verification, wrong)
            });
            let next = self.chain_events(behind, PAGE).await;
            (verification, broken) = hashing.await.map_err(|_| StoreError::Bug(sqlx::Error::WorkerCrashed))?;
            progress(verification.events());
            page = next?;
        }
        let broken = broken.or_else(|| verification.finish(head).err());
        Ok(Verdict {
            events: verification.events(),
            end: verification.end(),
            broken,
        })
    }
}
