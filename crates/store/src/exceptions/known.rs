//! What is stored that a batch of arrivals may be about: the same ids, the same fingerprints.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    cell::Cell,
    intake::Content,
    reception::{Arriving, ClearBy, Known, Standing},
};
use sqlx::PgConnection;

use crate::StoreError;

/// A clearing resolves at most so many repetitions of one problem at once; a second one resolves the rest.
const MOST_CLEARED: i64 = 10_000;

struct Row {
    by_id: bool,
    exception_id: String,
    version: i64,
    status: String,
    severity: String,
    exception_type: String,
    queue: String,
    source_system: String,
    fingerprint: Option<String>,
    respond_due_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    resolution: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
    content_hash: Vec<u8>,
    payload: Option<String>,
    context: Option<String>,
    header: Option<String>,
}

/// The exceptions under the ids of the batch, and for each of its fingerprints the oldest open one (all of them where it is cleared) and
/// the one resolved last.
pub async fn of(connection: &mut PgConnection, tenant: &str, batch: &[Arriving]) -> Result<Vec<Known>, StoreError> {
    let mut ids = Vec::with_capacity(batch.len());
    let mut fingerprints: BTreeMap<&str, i64> = BTreeMap::new();
    for arriving in batch {
        match arriving {
            Arriving::Exception(received) => {
                ids.push(received.id.as_str());
                if let Some(fingerprint) = &received.triaged.fingerprint {
                    fingerprints.entry(fingerprint).or_insert(1);
                }
            }
            Arriving::Clearing(clearing) => match &clearing.by {
                ClearBy::Id(id) => ids.push(id.as_str()),
                ClearBy::Fingerprint(fingerprint) => drop(fingerprints.insert(fingerprint, MOST_CLEARED)),
            },
        }
    }
    let most: Vec<i64> = fingerprints.values().copied().collect();
    let fingerprints: Vec<&str> = fingerprints.into_keys().collect();
    let rows = sqlx::query_as!(
        Row,
        r#"-- known_exceptions
         select true as "by_id!", exception_id as "exception_id!", version as "version!", status::text as "status!", severity::text as "severity!",
                exception_type as "exception_type!", queue as "queue!", source_system as "source_system!", fingerprint,
                respond_due_at as "respond_due_at!", due_at as "due_at!", resolution, resolved_at, content_hash as "content_hash!",
                raw_payload::text as payload, normalized_context::text as context, header::text as header
         from exception where tenant_id = $1 and exception_id = any($2)
         union all
         select false, e.exception_id, e.version, e.status::text, e.severity::text, e.exception_type, e.queue, e.source_system, e.fingerprint,
                e.respond_due_at, e.due_at, e.resolution, e.resolved_at, e.content_hash, null, null, null
         from unnest($3::text[], $4::bigint[]) as f (fingerprint, most)
         cross join lateral (
             (select * from exception o where o.tenant_id = $1 and o.fingerprint = f.fingerprint and o.resolved_at is null
              order by (o.recurrence_of is not null), o.received_at limit f.most)
             union all
             (select * from exception r where r.tenant_id = $1 and r.fingerprint = f.fingerprint and r.resolved_at is not null
                  and r.resolution <> 'FOLDED'
              order by r.resolved_at desc limit 1)
         ) as e"#,
        tenant,
        &ids as &[&str],
        &fingerprints as &[&str],
        &most,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_known).collect()
}

impl Row {
    fn into_known(self) -> Result<Known, StoreError> {
        let unknown = |_| StoreError::Bug(sqlx::Error::Decode("a status or severity this program does not know".into()));
        let cell = Cell {
            status: self.status.parse().map_err(unknown)?,
            severity: self
                .severity
                .parse()
                .map_err(|_| StoreError::Bug(sqlx::Error::Decode("an unknown severity".into())))?,
            exception_type: self.exception_type,
            queue: self.queue,
            source_system: self.source_system,
        };
        let content = self.by_id.then(|| Content {
            payload: self.payload.unwrap_or_default(),
            context: self.context.unwrap_or_default(),
            header: self.header.unwrap_or_default(),
            hash: self.content_hash.try_into().unwrap_or_default(),
        });
        let standing = Standing {
            exception_id: self.exception_id,
            version: self.version,
            cell,
            fingerprint: self.fingerprint,
            respond_due_at: self.respond_due_at,
            due_at: self.due_at,
            resolution: self.resolution,
            resolved_at: self.resolved_at,
        };
        Ok(Known { standing, content })
    }
}
