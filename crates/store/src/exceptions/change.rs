//! Changes of stored exceptions that a reception brought: other content, another status.

use domain::reception::{Entry, Reception};
use sqlx::PgConnection;

use super::{columns::Columns, standing::stand};
use crate::StoreError;

/// Writes them. Nobody else can have changed the rows: the chain is ours.
pub async fn known(connection: &mut PgConnection, tenant: &str, reception: &Reception<'_>) -> Result<(), StoreError> {
    let changed: Vec<&Entry<'_>> = reception.outcome().filter(|entry| entry.before.is_some()).collect();
    let revised = Columns::of(tenant, changed.iter().copied().filter(|entry| entry.latest.is_some()));
    if !revised.is_empty() {
        revise(connection, tenant, &revised).await?;
    }
    stand(connection, tenant, &changed.iter().map(|entry| &entry.now).collect::<Vec<_>>()).await
}

/// Replaces content and triage.
async fn revise(connection: &mut PgConnection, tenant: &str, revised: &Columns<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "-- revise_exceptions
         update exception set domain = r.domain, pack_version = r.pack_version, exception_type = r.exception_type,
             claimed_severity = r.claimed_severity, title = r.title, source_system = r.source_system,
             fingerprint = r.fingerprint, created_at = r.created_at, aged_from = r.aged_from,
             content_hash = r.content_hash, entities = r.entities::json, findings = r.findings::json,
             finding_count = json_array_length(r.findings::json),
             raw_payload = r.raw_payload::json, normalized_context = r.normalized_context::json, envelope = r.envelope::json,
             search_terms = r.search_terms::tsvector,
             severity_rule = r.severity_rule, failed_severity_rules = r.failed_severity_rules::smallint[],
             routing_rule = r.routing_rule, failed_routing_rules = r.failed_routing_rules::smallint[]
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
             $10::timestamptz[], $11::bytea[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::date[],
             $19::smallint[], $20::text[], $21::smallint[], $22::text[])
             as r (exception_id, domain, pack_version, exception_type, claimed_severity, title, source_system, fingerprint,
             created_at, content_hash, entities, findings, raw_payload, normalized_context, envelope, search_terms, aged_from,
             severity_rule, failed_severity_rules, routing_rule, failed_routing_rules)
         where exception.tenant_id = $1 and exception.exception_id = r.exception_id",
        tenant,
        &revised.sent(|r| r.id.as_str()) as &[&str],
        &revised.sent(|r| r.pack.domain()) as &[&str],
        &revised.sent(|r| r.pack.version()),
        &revised.sent(|r| r.triaged.exception_type.as_str()) as &[&str],
        &revised.sent(|r| r.raw.claimed_severity.as_deref()) as &[Option<&str>],
        &revised.sent(|r| r.triaged.title.as_str()) as &[&str],
        &revised.sent(|r| r.raw.source_system.as_str()) as &[&str],
        &revised.sent(|r| r.triaged.fingerprint.as_deref()) as &[Option<&str>],
        &revised.created_at(),
        &revised.sent(|r| &r.raw.content.hash[..]) as &[&[u8]],
        &revised.entities()?,
        &revised.findings()?,
        &revised.sent(|r| r.raw.content.payload.as_str()) as &[&str],
        &revised.sent(|r| r.raw.content.context.as_str()) as &[&str],
        &revised.sent(|r| r.raw.content.header.as_str()) as &[&str],
        &revised.terms(),
        &revised.sent(|r| r.triaged.aged_from),
        &revised.sent(|r| r.triaged.rules.severity) as &[Option<i16>],
        &revised.numbers(|rules| &rules.failed_severity) as &[Option<String>],
        &revised.sent(|r| r.triaged.rules.routing) as &[Option<i16>],
        &revised.numbers(|rules| &rules.failed_routing) as &[Option<String>],
    )
    // As in `stand`.
    .persistent(false)
    .execute(connection)
    .await?;
    Ok(())
}
