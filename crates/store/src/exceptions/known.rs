//! What is stored that a batch of arrivals may be about: the same ids, the same fingerprints.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    intake::Content,
    reception::{Arriving, ClearBy, Known},
};
use sqlx::PgConnection;

use super::{
    standing::{BY_ID, STANDING, StandingRow},
    statement::Statement,
};
use crate::{StoreError, events::LAST_EVENT_AT};

/// A clearing resolves at most so many repetitions of one problem at once; a second one resolves the rest.
const MOST_CLEARED: i64 = 10_000;

#[derive(sqlx::FromRow)]
struct Row {
    by_id: bool,
    #[sqlx(flatten)]
    standing: StandingRow,
    content_hash: Vec<u8>,
    payload: Option<String>,
    context: Option<String>,
    envelope: Option<String>,
    last_event_at: Option<DateTime<Utc>>,
}

/// The exceptions under the ids of the batch, and for each of its fingerprints the oldest open one (all of them where it is cleared) and
/// the one resolved last, of all source systems and of its own.
pub async fn of(connection: &mut PgConnection, tenant: &str, batch: &[Arriving]) -> Result<Vec<Known>, StoreError> {
    let mut ids = Vec::with_capacity(batch.len());
    let mut fingerprints: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for arriving in batch {
        match arriving {
            Arriving::Exception(received) => {
                ids.push(received.id.to_string());
                if let Some(fingerprint) = &received.triaged.fingerprint {
                    fingerprints.entry((fingerprint, &received.raw.source_system)).or_insert(1);
                }
            }
            Arriving::Clearing(clearing) => match &clearing.by {
                ClearBy::Id(id) => ids.push(id.to_string()),
                ClearBy::Fingerprint(fingerprint) => drop(fingerprints.insert((fingerprint, &clearing.raw.source_system), MOST_CLEARED)),
            },
        }
    }
    let most: Vec<i64> = fingerprints.values().copied().collect();
    let sources: Vec<String> = fingerprints.keys().map(|(_, source)| (*source).to_owned()).collect();
    let fingerprints: Vec<String> = fingerprints.into_keys().map(|(fingerprint, _)| fingerprint.to_owned()).collect();
    let mut statement = Statement::new("known_exceptions", tenant);
    statement
        .push("with found (exception_id, by_id) as (select id, true from unnest(")
        .bind(ids)
        .push("::text[]) as id union all select k.exception_id, false from unnest(")
        .bind(fingerprints)
        .push("::text[], ")
        .bind(most)
        .push("::bigint[], ")
        .bind(sources)
        .push(
            "::text[]) as f (fingerprint, most, source_system)
         cross join lateral (
             (select o.exception_id from exception o where o.tenant_id = $1 and o.fingerprint = f.fingerprint and o.resolved_at is null
              order by (o.recurrence_of is not null), o.received_at limit f.most)
             union all
             (select r.exception_id from exception r where r.tenant_id = $1 and r.fingerprint = f.fingerprint and r.resolved_at is not null
                  and r.resolution <> 'FOLDED'
              order by r.resolved_at desc limit 1)
             union all
             (select s.exception_id from exception s where s.tenant_id = $1 and s.fingerprint = f.fingerprint and s.resolved_at is not null
                  and s.resolution <> 'FOLDED' and s.source_system = f.source_system
              order by s.resolved_at desc limit 1)
         ) as k)",
        )
        .push(format_args!(
            " select f.by_id, {STANDING}, e.content_hash, case when f.by_id then e.raw_payload::text end as payload,
                    case when f.by_id then e.normalized_context::text end as context, case when f.by_id then e.envelope::text end as envelope, {LAST_EVENT_AT}
             from found f cross join lateral {BY_ID}"
        ));
    let rows: Vec<Row> = statement.fetch_on(connection).await?;
    rows.into_iter().map(Row::into_known).collect()
}

impl Row {
    fn into_known(self) -> Result<Known, StoreError> {
        let content = self.by_id.then(|| Content {
            payload: self.payload.unwrap_or_default(),
            context: self.context.unwrap_or_default(),
            header: self.envelope.unwrap_or_default(),
            hash: self.content_hash.try_into().unwrap_or_default(),
        });
        Ok(Known {
            standing: self.standing.into_standing()?,
            content,
            last_event_at: self.last_event_at,
        })
    }
}
