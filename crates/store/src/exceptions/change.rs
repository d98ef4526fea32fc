//! Changes of stored exceptions that a reception brought: other content, another status.

use chrono::{DateTime, Utc};
use domain::reception::{Entry, Reception};
use sqlx::PgConnection;

use super::columns::Columns;
use crate::StoreError;

/// Writes them. Nobody else can have changed the rows: the chain is ours.
pub async fn known(connection: &mut PgConnection, tenant: &str, reception: &Reception<'_>) -> Result<(), StoreError> {
    let (revised, moved): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) = reception
        .outcome()
        .filter(|entry| entry.before.is_some())
        .partition(|entry| entry.latest.is_some());
    let revised = Columns::of(tenant, revised.into_iter());
    if !revised.is_empty() {
        revise(connection, tenant, &revised).await?;
    }
    if !moved.is_empty() {
        stand(connection, tenant, &moved).await?;
    }
    Ok(())
}

/// Sets where exceptions stand.
async fn stand(connection: &mut PgConnection, tenant: &str, entries: &[&Entry<'_>]) -> Result<(), StoreError> {
    let now = entries.iter().map(|entry| &entry.now);
    sqlx::query!(
        "-- stand_exceptions
         update exception set status = s.status::status, cell = s.cell, version = s.version, respond_due_at = s.respond_due_at, due_at = s.due_at,
             resolution = s.resolution, resolved_at = s.resolved_at
         from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::timestamptz[])
              as s (exception_id, status, cell, version, respond_due_at, due_at, resolution, resolved_at)
         where exception.tenant_id = $1 and exception.exception_id = s.exception_id",
        tenant,
        &now.clone().map(|now| now.exception_id.as_str()).collect::<Vec<_>>() as &[&str],
        &now.clone().map(|now| now.cell.status.as_str()).collect::<Vec<_>>() as &[&str],
        &now.clone().map(|now| now.cell.id()).collect::<Vec<_>>(),
        &now.clone().map(|now| now.version).collect::<Vec<_>>(),
        &now.clone().map(|now| now.respond_due_at).collect::<Vec<_>>(),
        &now.clone().map(|now| now.due_at).collect::<Vec<_>>(),
        &now.clone().map(|now| now.resolution.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &now.map(|now| now.resolved_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Replaces content and triage.
async fn revise(connection: &mut PgConnection, tenant: &str, revised: &Columns<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "-- revise_exceptions
         update exception set domain = r.domain, pack_version = r.pack_version, exception_type = r.exception_type, severity = r.severity::severity,
             claimed_severity = r.claimed_severity, status = r.status::status, title = r.title, source_system = r.source_system, queue = r.queue,
             fingerprint = r.fingerprint, created_at = r.created_at, respond_due_at = r.respond_due_at, due_at = r.due_at, version = r.version,
             content_hash = r.content_hash, entities = r.entities::jsonb, reasons = r.reasons::jsonb, findings = r.findings::jsonb,
             raw_payload = r.raw_payload::json, normalized_context = r.normalized_context::json, header = r.header::json,
             cell = r.cell, terms = r.terms::tsvector, resolution = r.resolution, resolved_at = r.resolved_at
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
             $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::bytea[],
             $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::bigint[], $23::text[],
             $24::text[], $25::bigint[], $26::text[], $27::timestamptz[])
             as r (exception_id, domain, pack_version, exception_type, severity, claimed_severity, title, source_system, queue, fingerprint,
             created_at, respond_due_at, due_at, content_hash, entities, reasons, findings, raw_payload, normalized_context, header,
             cell, terms, status, version, resolution, resolved_at)
         where exception.tenant_id = $1 and exception.exception_id = r.exception_id",
        tenant,
        &revised.sent(|r| r.id.as_str()) as &[&str],
        &revised.sent(|r| r.domain.as_str()) as &[&str],
        &revised.sent(|r| r.pack_version.as_str()) as &[&str],
        &revised.sent(|r| r.triaged.exception_type.as_str()) as &[&str],
        &revised.sent(|r| r.triaged.severity.as_str()) as &[&str],
        &revised.sent(|r| r.raw.claimed_severity.as_deref()) as &[Option<&str>],
        &revised.sent(|r| r.triaged.title.as_str()) as &[&str],
        &revised.sent(|r| r.raw.source_system.as_str()) as &[&str],
        &revised.sent(|r| r.triaged.queue.as_str()) as &[&str],
        &revised.sent(|r| r.triaged.fingerprint.as_deref()) as &[Option<&str>],
        &revised.created_at(),
        &revised.standing(|entry| entry.now.respond_due_at),
        &revised.standing(|entry| entry.now.due_at),
        &revised.sent(|r| &r.raw.content.hash[..]) as &[&[u8]],
        &revised.entities()?,
        &revised.reasons()?,
        &revised.findings()?,
        &revised.sent(|r| r.raw.content.payload.as_str()) as &[&str],
        &revised.sent(|r| r.raw.content.context.as_str()) as &[&str],
        &revised.sent(|r| r.raw.content.header.as_str()) as &[&str],
        &revised.standing(|entry| entry.now.cell.id()),
        &revised.terms(),
        &revised.standing(|entry| entry.now.cell.status.as_str()) as &[&str],
        &revised.standing(|entry| entry.now.version),
        &revised.standing(|entry| entry.now.resolution.as_deref()) as &[Option<&str>],
        &revised.standing(|entry| entry.now.resolved_at) as &[Option<DateTime<Utc>>],
    )
    .execute(connection)
    .await?;
    Ok(())
}
