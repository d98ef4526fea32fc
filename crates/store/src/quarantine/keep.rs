//! Keeping what was refused: one statement for however many, the same content once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::{Refused, SentBy, codes_text, faults_text, lock_size, set_size};
use crate::{StoreError, TenantTx};

/// What became of objects that were to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All are kept.
    Kept,
    /// The tenant holds as many as it may; none is kept, and nothing may be committed.
    Full,
}

/// An object and how often it came within a batch.
struct Counted<'r> {
    refused: &'r Refused,
    times: i64,
}

impl TenantTx {
    /// Keeps refused objects, at most `limit` held ones. What has expired is deleted before.
    pub async fn keep(&mut self, refused: &[Refused], by: SentBy<'_>, limit: i64) -> Result<Keep, StoreError> {
        let (connection, tenant) = self.parts();
        // Sorted by id, and each once: a statement cannot touch a row twice.
        let mut each: BTreeMap<&str, Counted<'_>> = BTreeMap::new();
        for refused in refused {
            let counted = each.entry(refused.id.as_str()).or_insert(Counted { refused, times: 0 });
            counted.times += 1;
        }
        let held = lock_size(connection, tenant).await? - delete_expired(connection, tenant, by.at).await?;
        let known = held_among(connection, tenant, &each.keys().copied().collect::<Vec<_>>()).await?;
        let held = held + i64::try_from(each.len()).unwrap_or(i64::MAX).saturating_sub(known);
        if held > limit {
            return Ok(Keep::Full);
        }
        let days = sqlx::query_scalar!(
            "-- quarantine_days\nselect quarantine_days from tenant where tenant_id = $1",
            tenant
        );
        let days = days.fetch_one(&mut *connection).await?;
        let each: Vec<Counted<'_>> = each.into_values().collect();
        upsert(connection, tenant, &each, by, by.at + TimeDelta::days(days.into())).await?;
        set_size(connection, tenant, held).await?;
        Ok(Keep::Kept)
    }

    /// Writes new reasons to objects that are still held.
    pub async fn refuse_again(&mut self, refused: &[Refused]) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        lock_size(connection, tenant).await?;
        let ids: Vec<&str> = refused.iter().map(|refused| refused.id.as_str()).collect();
        let faults = refused
            .iter()
            .map(|refused| faults_text(&refused.faults))
            .collect::<Result<Vec<_>, _>>()?;
        let codes: Vec<String> = refused.iter().map(|refused| codes_text(&refused.faults)).collect();
        sqlx::query!(
            "-- refuse_again
             update quarantine set faults = r.faults::json, codes = r.codes
             from unnest($2::text[], $3::text[], $4::text[]) as r (quarantine_id, faults, codes)
             where tenant_id = $1 and quarantine.quarantine_id = r.quarantine_id and state = 'HELD'",
            tenant,
            &ids as &[&str],
            &faults,
            &codes
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

impl TenantTx {
    /// Deletes what has expired.
    pub(crate) async fn delete_expired_quarantine(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        let held = lock_size(connection, tenant).await?;
        let gone = delete_expired(connection, tenant, now).await?;
        if gone > 0 {
            set_size(connection, tenant, held - gone).await?;
        }
        Ok(())
    }
}

/// Deletes what has expired and tells how many of it were held.
async fn delete_expired(connection: &mut PgConnection, tenant: &str, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let gone = sqlx::query_scalar!(
        r#"-- delete_expired_quarantine
         with gone as (delete from quarantine where tenant_id = $1 and expires_at <= $2 returning state)
         select count(*) as "held!" from gone where state = 'HELD'"#,
        tenant,
        now
    );
    Ok(gone.fetch_one(connection).await?)
}

async fn held_among(connection: &mut PgConnection, tenant: &str, ids: &[&str]) -> Result<i64, StoreError> {
    let held = sqlx::query_scalar!(
        r#"-- held_among
         select count(*) as "held!" from quarantine where tenant_id = $1 and quarantine_id = any($2) and state = 'HELD'"#,
        tenant,
        ids as &[&str]
    );
    Ok(held.fetch_one(connection).await?)
}

/// What came before keeps its id and its text; the newest reasons and sender count.
async fn upsert(
    connection: &mut PgConnection,
    tenant: &str,
    each: &[Counted<'_>],
    by: SentBy<'_>,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = |of: fn(&Refused) -> &str| each.iter().map(|counted| of(counted.refused)).collect::<Vec<&str>>();
    let optional = |of: fn(&Refused) -> Option<&str>| each.iter().map(|counted| of(counted.refused)).collect::<Vec<Option<&str>>>();
    let times: Vec<i64> = each.iter().map(|counted| counted.times).collect();
    let faults = each
        .iter()
        .map(|counted| faults_text(&counted.refused.faults))
        .collect::<Result<Vec<_>, _>>()?;
    let codes: Vec<String> = each.iter().map(|counted| codes_text(&counted.refused.faults)).collect();
    sqlx::query!(
        "-- keep_refused
         insert into quarantine (tenant_id, quarantine_id, first_at, last_at, times, sent_by, key_id, source_system, exception_id, exception_type,
             form, object, faults, codes, state, expires_at)
         select $1, r.quarantine_id, $2, $2, r.times, $3, $14, r.source_system, r.exception_id, r.exception_type,
             r.form, r.object, r.faults::json, r.codes, 'HELD', $4
         from unnest($5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
             as r (quarantine_id, times, source_system, exception_id, exception_type, form, object, faults, codes)
         on conflict (tenant_id, quarantine_id) do update
         set last_at = excluded.last_at, times = quarantine.times + excluded.times, sent_by = excluded.sent_by, key_id = excluded.key_id,
             faults = excluded.faults,
             codes = excluded.codes, state = 'HELD', decided_at = null, decided_by = null, reason = null, stored_as = null,
             expires_at = excluded.expires_at",
        tenant,
        by.at,
        by.actor,
        expires_at,
        &text(|r| r.id.as_str()) as &[&str],
        &times,
        &optional(|r| r.source_system.as_deref()) as &[Option<&str>],
        &text(|r| r.exception_id.as_str()) as &[&str],
        &optional(|r| r.exception_type.as_deref()) as &[Option<&str>],
        &text(|r| r.form.as_str()) as &[&str],
        &text(|r| &r.object) as &[&str],
        &faults,
        &codes,
        by.key_id
    )
    .execute(connection)
    .await?;
    Ok(())
}
