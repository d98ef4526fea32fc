//! The new exceptions of receptions.

use chrono::{DateTime, Utc};
use domain::reception::Entry;
use sqlx::PgConnection;

use super::columns::Columns;
use crate::StoreError;

/// Inserts those of the entries that are new.
pub async fn new<'e>(
    connection: &mut PgConnection,
    tenant: &'e str,
    entries: impl Iterator<Item = &'e Entry<'e>>,
) -> Result<(), StoreError> {
    let new = Columns::of(tenant, entries.filter(|entry| entry.before.is_none()));
    if new.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"-- insert_exceptions
         insert into exception (tenant_id, exception_id, domain, pack_version, exception_type, severity, claimed_severity, status, title,
             source_system, queue, fingerprint, created_at, received_at, respond_due_at, due_at, version, content_hash,
             entities, other_reasons, findings, finding_count, raw_payload, normalized_context, envelope, facet_bucket, search_terms, recurrence_of,
             resolution, resolved_at, next_timer_at, aged_from, escalation,
             exposure_minor, exposure_currency, highest_exposure_minor,
             severity_rule, failed_severity_rules, routing_rule, failed_routing_rules, breached_at)
         select $1, r.exception_id, r.domain, r.pack_version, r.exception_type, r.severity, r.claimed_severity, r.status, r.title,
             r.source_system, r.queue, r.fingerprint, r.created_at, r.received_at, r.respond_due_at, r.due_at, r.version, r.content_hash,
             r.entities::json, r.other_reasons::json, r.findings::json, json_array_length(r.findings::json), r.raw_payload::json,
             r.normalized_context::json, r.envelope::json, r.facet_bucket, r.search_terms::tsvector, r.recurrence_of, r.resolution, r.resolved_at,
             r.next_timer_at, r.aged_from, 0, r.exposure_minor, r.exposure_currency, r.highest_exposure_minor,
             r.severity_rule, r.failed_severity_rules::smallint[], r.routing_rule, r.failed_routing_rules::smallint[],
             r.breached_at
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
             $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::bytea[],
             $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::bigint[], $24::text[],
             $25::text[], $26::bigint[], $27::text[], $28::text[], $29::timestamptz[], $30::timestamptz[], $31::date[],
             $32::bigint[], $33::text[], $34::bigint[],
             $35::smallint[], $36::text[], $37::smallint[], $38::text[], $39::timestamptz[])
             as r (exception_id, domain, pack_version, exception_type, severity, claimed_severity, title, source_system, queue, fingerprint,
             created_at, received_at, respond_due_at, due_at, content_hash, entities, other_reasons, findings, raw_payload, normalized_context, envelope,
             facet_bucket, search_terms, status, version, recurrence_of, resolution, resolved_at, next_timer_at, aged_from,
             exposure_minor, exposure_currency, highest_exposure_minor,
             severity_rule, failed_severity_rules, routing_rule, failed_routing_rules, breached_at)
         on conflict do nothing"#,
        tenant,
        &new.sent(|r| r.id.as_str()) as &[&str],
        &new.sent(|r| r.pack.domain()) as &[&str],
        &new.sent(|r| r.pack.version()),
        &new.sent(|r| r.triaged.exception_type.as_str()) as &[&str],
        &new.sent(|r| r.triaged.severity.as_str()) as &[&str],
        &new.sent(|r| r.raw.claimed_severity.as_deref()) as &[Option<&str>],
        &new.sent(|r| r.triaged.title.as_str()) as &[&str],
        &new.sent(|r| r.raw.source_system.as_str()) as &[&str],
        &new.sent(|r| r.triaged.queue.as_str()) as &[&str],
        &new.sent(|r| r.triaged.fingerprint.as_deref()) as &[Option<&str>],
        &new.created_at(),
        &new.sent(|r| r.arrival.at),
        &new.standing(|entry| entry.now.respond_due_at),
        &new.standing(|entry| entry.now.due_at),
        &new.sent(|r| &r.raw.content.hash[..]) as &[&[u8]],
        &new.entities()?,
        &new.other_reasons()? as &[Option<String>],
        &new.findings()?,
        &new.sent(|r| r.raw.content.payload.as_str()) as &[&str],
        &new.sent(|r| r.raw.content.context.as_str()) as &[&str],
        &new.sent(|r| r.raw.content.header.as_str()) as &[&str],
        &new.standing(|entry| entry.now.cell.id()),
        &new.terms(),
        &new.standing(|entry| entry.now.cell.status.as_str()) as &[&str],
        &new.standing(|entry| entry.now.version),
        &new.standing(|entry| entry.recurrence_of.as_deref()) as &[Option<&str>],
        &new.standing(|entry| entry.now.resolution.as_deref()) as &[Option<&str>],
        &new.standing(|entry| entry.now.resolved_at) as &[Option<DateTime<Utc>>],
        &new.standing(|entry| entry.now.alarm_at) as &[Option<DateTime<Utc>>],
        &new.sent(|r| r.triaged.aged_from),
        &new.standing(|entry| entry.now.exposure.minor) as &[Option<i64>],
        &new.standing(|entry| entry.now.exposure.currency.as_deref()) as &[Option<&str>],
        &new.standing(|entry| entry.now.exposure.highest_minor) as &[Option<i64>],
        &new.sent(|r| r.triaged.rules.severity) as &[Option<i16>],
        &new.numbers(|rules| &rules.failed_severity) as &[Option<String>],
        &new.sent(|r| r.triaged.rules.routing) as &[Option<i16>],
        &new.numbers(|rules| &rules.failed_routing) as &[Option<String>],
        &new.standing(|entry| entry.now.breached_at) as &[Option<DateTime<Utc>>],
    )
    .execute(connection)
    .await?;
    Ok(())
}
