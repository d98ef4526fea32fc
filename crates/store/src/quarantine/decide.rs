//! Decisions about held objects, in bounded portions: taken in after all, or discarded. Each is an event of the tenant's chain.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    event::{EventKind, NewEvent},
    ids::{ExceptionId, QuarantineId},
    intake::quarantine::Form,
};
use serde_json::json;

use super::{By, lock_size, set_size};
use crate::{
    StoreError, TenantTx,
    events::{append, lock_chain},
};

/// Held objects that somebody decides about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those with this fault.
    Code(String),
    /// These.
    Ids(Vec<QuarantineId>),
}

impl Which {
    fn code(&self) -> Option<&str> {
        match self {
            Which::Code(code) => Some(code),
            Which::All | Which::Ids(_) => None,
        }
    }

    fn ids(&self) -> Option<Vec<&str>> {
        match self {
            Which::Ids(ids) => Some(ids.iter().map(QuarantineId::as_str).collect()),
            Which::All | Which::Code(_) => None,
        }
    }
}

/// A held object, to be taken in again.
#[derive(Debug, Clone)]
pub struct HeldObject {
    /// Its id.
    pub id: QuarantineId,
    /// What it was meant to be.
    pub form: Form,
    /// JSON text as sent.
    pub object: String,
    /// Id under which it is stored where it has none of its own.
    pub exception_id: ExceptionId,
    /// Key with which it was sent last; none where no key was used.
    pub key_id: Option<String>,
}

/// A portion that was discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discarded {
    /// How many.
    pub discarded: usize,
    /// How many more there are.
    pub remaining: i64,
}

impl TenantTx {
    /// The next held objects in the order of their ids: at most `most`, and no more once they have `bytes` bytes.
    pub async fn held(
        &mut self,
        which: &Which,
        after: Option<&QuarantineId>,
        (most, bytes): (i64, i64),
        now: DateTime<Utc>,
    ) -> Result<Vec<HeldObject>, StoreError> {
        let (connection, tenant) = self.parts();
        let named = which.ids();
        let rows = sqlx::query!(
            r#"-- held_objects
             select quarantine_id as "quarantine_id!", form as "form!", object as "object!", exception_id as "exception_id!", key_id from (
                 select quarantine_id, form, object, exception_id, key_id,
                        sum(octet_length(object)) over (order by quarantine_id) - octet_length(object) as before
                 from (
                     select quarantine_id, form, object, exception_id, key_id from quarantine
                     where tenant_id = $1 and state = 'HELD' and expires_at > $2 and quarantine_id > $3
                       and ($4::text is null or strpos(',' || codes || ',', ',' || $4 || ',') > 0) and ($5::text[] is null or quarantine_id = any($5))
                     order by quarantine_id limit $6
                 ) as next
             ) as measured
             where before < $7 order by quarantine_id"#,
            tenant,
            now,
            after.map_or("", QuarantineId::as_str),
            which.code(),
            named.as_deref() as Option<&[&str]>,
            most,
            bytes
        );
        let rows = rows.fetch_all(connection).await?;
        let objects = rows.into_iter().map(|row| {
            Ok(HeldObject {
                id: row.quarantine_id.parse().map_err(broken)?,
                form: if row.form == Form::Event.as_str() {
                    Form::Event
                } else {
                    Form::Exception
                },
                object: row.object,
                exception_id: row.exception_id.parse().map_err(broken)?,
                key_id: row.key_id,
            })
        });
        objects.collect()
    }

    /// How many held objects there are behind one.
    pub async fn count_held(&mut self, which: &Which, after: Option<&QuarantineId>, now: DateTime<Utc>) -> Result<i64, StoreError> {
        let (connection, tenant) = self.parts();
        let named = which.ids();
        let count = sqlx::query_scalar!(
            r#"-- count_held
             select count(*) as "count!" from quarantine
             where tenant_id = $1 and state = 'HELD' and expires_at > $2 and quarantine_id > $3
               and ($4::text is null or strpos(',' || codes || ',', ',' || $4 || ',') > 0) and ($5::text[] is null or quarantine_id = any($5))"#,
            tenant,
            now,
            after.map_or("", QuarantineId::as_str),
            which.code(),
            named.as_deref() as Option<&[&str]>
        );
        Ok(count.fetch_one(connection).await?)
    }

    /// Notes that objects are stored as exceptions. What was noted before stays; being stored goes before a discard at the same moment.
    pub async fn mark_replayed(&mut self, stored: &BTreeMap<QuarantineId, ExceptionId>, by: By<'_>) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let size = lock_size(connection, tenant).await?;
        let ids: Vec<&str> = stored.keys().map(QuarantineId::as_str).collect();
        let stored_as: Vec<&str> = stored.values().map(ExceptionId::as_str).collect();
        let rows = sqlx::query!(
            r#"-- mark_replayed
             update quarantine set state = 'REPLAYED', stored_as = r.stored_as, decided_at = $4, decided_by = $5, reason = null
             from unnest($2::text[], $3::text[]) as r (quarantine_id, stored_as), quarantine as before
             where quarantine.tenant_id = $1 and quarantine.quarantine_id = r.quarantine_id and quarantine.state <> 'REPLAYED'
               and before.tenant_id = $1 and before.quarantine_id = r.quarantine_id
             returning quarantine.quarantine_id as "id!", quarantine.stored_as as "stored_as!", quarantine.times, quarantine.first_at, quarantine.sent_by,
                 before.state = 'HELD' as "was_held!""#,
            tenant,
            &ids as &[&str],
            &stored_as as &[&str],
            by.at,
            by.actor
        );
        let mut rows = rows.fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by(|one, other| one.id.cmp(&other.id));
        let events = rows.iter().map(|row| NewEvent {
            exception_id: row.stored_as.clone(),
            kind: EventKind::QuarantineReplayed,
            actor: by.actor.to_owned(),
            at: by.at,
            data: json!({"quarantineId": row.id, "sentBy": row.sent_by, "times": row.times, "firstAt": row.first_at}).to_string(),
        });
        append(connection, tenant, head, &events.collect::<Vec<_>>()).await?;
        let decided = rows.iter().filter(|row| row.was_held).count();
        set_size(connection, tenant, size - i64::try_from(decided).unwrap_or(i64::MAX)).await
    }

    /// Gives up held objects, at most `most`.
    pub async fn discard(&mut self, which: &Which, reason: &str, by: By<'_>, most: i64) -> Result<Discarded, StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let size = lock_size(connection, tenant).await?;
        let named = which.ids();
        let ids = sqlx::query_scalar!(
            "-- discard_quarantine
             update quarantine set state = 'DISCARDED', decided_at = $2, decided_by = $3, reason = $4
             where tenant_id = $1 and quarantine_id in (
                 select quarantine_id from quarantine
                 where tenant_id = $1 and state = 'HELD' and expires_at > $2
                   and ($5::text is null or strpos(',' || codes || ',', ',' || $5 || ',') > 0) and ($6::text[] is null or quarantine_id = any($6))
                 order by quarantine_id limit $7)
             returning quarantine_id",
            tenant,
            by.at,
            by.actor,
            reason,
            which.code(),
            named.as_deref() as Option<&[&str]>,
            most
        );
        let mut ids = ids.fetch_all(&mut *connection).await?;
        ids.sort_unstable();
        if !ids.is_empty() {
            let event = |id: &String| NewEvent {
                exception_id: String::new(),
                kind: EventKind::QuarantineDiscarded,
                actor: by.actor.to_owned(),
                at: by.at,
                data: json!({"quarantineId": id, "reason": reason}).to_string(),
            };
            append(connection, tenant, head, &ids.iter().map(event).collect::<Vec<_>>()).await?;
            set_size(connection, tenant, size - i64::try_from(ids.len()).unwrap_or(i64::MAX)).await?;
        }
        let remaining = self.count_held(which, None, by.at).await?;
        Ok(Discarded {
            discarded: ids.len(),
            remaining,
        })
    }
}

fn broken(error: domain::ids::InvalidId) -> StoreError {
    StoreError::Bug(sqlx::Error::Decode(Box::new(error)))
}
