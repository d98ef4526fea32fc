//! The one statement that writes the results of arrivals and decisions: new exceptions, counters, events and the end of the chain.
//!
//! Whoever calls it holds the tenant's chain. It finds rows by primary keys only, so its plan needs no statistics.

use domain::event::NewEvent;
use sqlx::{PgConnection, Postgres, postgres::PgArguments, query::Query};

use super::{columns::Columns, tally::Tally};
use crate::{
    StoreError,
    events::{ChainHead, appending},
};

/// `$1` to `$10` as in `append`, then the counters, then the exceptions.
const WRITE: &str = concat!(
    "-- write_exceptions
     with stored as (
         insert into exception (tenant_id, exception_id, domain, pack_version, exception_type, severity, claimed_severity, status, title, source_system, queue,
            fingerprint, created_at, received_at, respond_due_at, due_at, version, content_hash, entities, other_reasons, findings,
            finding_count, raw_payload, normalized_context, envelope, facet_bucket, search_terms, recurrence_of, resolution, resolved_at,
            next_timer_at, aged_from, escalation, exposure_minor, exposure_currency, highest_exposure_minor, severity_rule,
            failed_severity_rules, routing_rule, failed_routing_rules, breached_at, workflow)
         select $1, r.exception_id, r.domain, r.pack_version, r.exception_type, r.severity, r.claimed_severity, r.status, r.title,
            r.source_system, r.queue, r.fingerprint, r.created_at, r.received_at, r.respond_due_at, r.due_at, r.version, r.content_hash,
            r.entities::json, r.other_reasons::json, r.findings::json, json_array_length(r.findings::json), r.raw_payload::json,
            r.normalized_context::json, r.envelope::json, r.facet_bucket, r.search_terms::tsvector, r.recurrence_of, r.resolution,
            r.resolved_at, r.next_timer_at, r.aged_from, 0, r.exposure_minor, r.exposure_currency, r.highest_exposure_minor, r.severity_rule,
            r.failed_severity_rules::smallint[], r.routing_rule, r.failed_routing_rules::smallint[], r.breached_at, r.workflow::json
         from unnest($25::text[], $26::text[], $27::text[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::text[], $34::text[],
            $35::timestamptz[], $36::timestamptz[], $37::timestamptz[], $38::timestamptz[], $39::bytea[], $40::text[], $41::text[],
            $42::text[], $43::text[], $44::text[], $45::text[], $46::bigint[], $47::text[], $48::text[], $49::bigint[], $50::text[],
            $51::text[], $52::timestamptz[], $53::timestamptz[], $54::date[], $55::bigint[], $56::text[], $57::bigint[], $58::smallint[],
            $59::text[], $60::smallint[], $61::text[], $62::timestamptz[], $63::text[])
             as r (exception_id, domain, pack_version, exception_type, severity, claimed_severity, title, source_system, queue, fingerprint,
            created_at, received_at, respond_due_at, due_at, content_hash, entities, other_reasons, findings, raw_payload,
            normalized_context, envelope, facet_bucket, search_terms, status, version, recurrence_of, resolution, resolved_at, next_timer_at,
            aged_from, exposure_minor, exposure_currency, highest_exposure_minor, severity_rule, failed_severity_rules, routing_rule,
            failed_routing_rules, breached_at, workflow)
         on conflict do nothing
     ), cells as (
         insert into facet_count (tenant_id, facet_bucket, status, severity, exception_type, queue, source_system, exceptions)
         select $1, c.cell, c.status, c.severity, c.exception_type, c.queue, c.source_system, c.by
         from unnest($11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bigint[])
              as c (cell, status, severity, exception_type, queue, source_system, by)
         on conflict (tenant_id, facet_bucket) do update set exceptions = facet_count.exceptions + excluded.exceptions
     ), due as (
         insert into due_hour_count (tenant_id, facet_bucket, due_hour, exceptions)
         select $1, d.cell, d.due_hour, d.by from unnest($18::bigint[], $19::timestamptz[], $20::bigint[]) as d (cell, due_hour, by)
         on conflict (tenant_id, facet_bucket, due_hour) do update set exceptions = due_hour_count.exceptions + excluded.exceptions
     ), facet_values as (
         insert into facet_value_count (tenant_id, facet, value, facet_bucket, exceptions)
         select $1, v.facet, v.value, v.cell, v.by
         from unnest($21::text[], $22::text[], $23::bigint[], $24::bigint[]) as v (facet, value, cell, by)
         on conflict (tenant_id, facet, value, facet_bucket) do update set exceptions = facet_value_count.exceptions + excluded.exceptions
     ), ",
    appending!()
);

/// Writes the exceptions that are new among those of the columns, moves the counters, and appends the events.
pub async fn write(
    connection: &mut PgConnection,
    new: &Columns<'_>,
    tally: Tally,
    head: ChainHead,
    events: &[NewEvent],
) -> Result<(), StoreError> {
    let query = head.bind(sqlx::query(WRITE), new.tenant(), events);
    bind(tally.bind(query), new)?.execute(connection).await?;
    Ok(())
}

type Bound = Query<'static, Postgres, PgArguments>;

fn bind(query: Bound, new: &Columns<'_>) -> Result<Bound, StoreError> {
    Ok(query
        .bind(new.sent(|r| r.id.as_str()))
        .bind(new.sent(|r| r.pack.domain()))
        .bind(new.sent(|r| r.pack.version()))
        .bind(new.sent(|r| r.triaged.exception_type.as_str()))
        .bind(new.standing(|entry| entry.now.cell.severity.as_str()))
        .bind(new.sent(|r| r.raw.claimed_severity.as_deref()))
        .bind(new.sent(|r| r.triaged.title.as_str()))
        .bind(new.sent(|r| r.raw.source_system.as_str()))
        .bind(new.sent(|r| r.triaged.queue.as_str()))
        .bind(new.sent(|r| r.triaged.fingerprint.as_deref()))
        .bind(new.created_at())
        .bind(new.sent(|r| r.arrival.at))
        .bind(new.standing(|entry| entry.now.respond_due_at))
        .bind(new.standing(|entry| entry.now.due_at))
        .bind(new.sent(|r| &r.raw.content.hash[..]))
        .bind(new.entities()?)
        .bind(new.other_reasons()?)
        .bind(new.findings()?)
        .bind(new.sent(|r| r.raw.content.payload.as_str()))
        .bind(new.sent(|r| r.raw.content.context.as_str()))
        .bind(new.sent(|r| r.raw.content.header.as_str()))
        .bind(new.standing(|entry| entry.now.cell.id()))
        .bind(new.terms())
        .bind(new.standing(|entry| entry.now.cell.status.as_str()))
        .bind(new.standing(|entry| entry.now.version))
        .bind(new.standing(|entry| entry.recurrence_of.as_deref()))
        .bind(new.standing(|entry| entry.now.resolution.as_deref()))
        .bind(new.standing(|entry| entry.now.resolved_at))
        .bind(new.standing(|entry| entry.now.alarm_at))
        .bind(new.sent(|r| r.triaged.aged_from))
        .bind(new.standing(|entry| entry.now.exposure.minor))
        .bind(new.standing(|entry| entry.now.exposure.currency.as_deref()))
        .bind(new.standing(|entry| entry.now.exposure.highest_minor))
        .bind(new.sent(|r| r.triaged.rules.severity))
        .bind(new.numbers(|rules| &rules.failed_severity))
        .bind(new.sent(|r| r.triaged.rules.routing))
        .bind(new.numbers(|rules| &rules.failed_routing))
        .bind(new.standing(|entry| entry.now.breached_at))
        .bind(new.workflow()?))
}
