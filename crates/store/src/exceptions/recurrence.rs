//! How often exceptions came again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::StoreError;

/// How often which exception came again, and when last.
pub type Recurrences = HashMap<String, (i64, DateTime<Utc>)>;

/// Counts repetitions.
pub async fn count(connection: &mut PgConnection, tenant: &str, recurrences: &Recurrences) -> Result<(), StoreError> {
    if recurrences.is_empty() {
        return Ok(());
    }
    // The first row of an exception counts its own arrival as well.
    sqlx::query!(
        "-- count_recurrences
         insert into recurrence (tenant_id, exception_id, occurrences, last_seen_at)
         select $1, r.exception_id, r.times + 1, r.last_seen_at from unnest($2::text[], $3::bigint[], $4::timestamptz[]) as r (exception_id, times, last_seen_at)
         on conflict (tenant_id, exception_id) do update set occurrences = recurrence.occurrences + excluded.occurrences - 1,
             last_seen_at = greatest(recurrence.last_seen_at, excluded.last_seen_at)",
        tenant,
        &recurrences.keys().map(String::as_str).collect::<Vec<_>>() as &[&str],
        &recurrences.values().map(|(times, _)| *times).collect::<Vec<_>>(),
        &recurrences.values().map(|(_, last)| *last).collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
