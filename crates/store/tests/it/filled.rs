//! Tenants with many varied exceptions, made by SQL: all times meet often, so that order depends on ids; statuses, owners and terms vary.

use std::ops::RangeInclusive;

use sqlx::{Connection, PgConnection};

use super::database::{TestTenant, noon};

/// A tenant with so many exceptions.
pub async fn filled(count: i32) -> TestTenant {
    let ours = TestTenant::new().await;
    fill(&ours, 1..=count).await;
    ours
}

/// Adds exceptions `E-1` and so on to a tenant.
pub async fn fill(ours: &TestTenant, numbers: RangeInclusive<i32>) {
    let mut admin = PgConnection::connect(ours.url.expose()).await.expect("connected");
    let tenant = ours.tenant.as_str();
    let rows = "insert into exception (tenant_id, exception_id, domain, pack_version, exception_type, severity, status, title, source_system,
            queue, owner, created_at, received_at, respond_due_at, due_at, version, content_hash, facet_bucket, search_terms, entities, findings,
            raw_payload, normalized_context, envelope, aged_from, finding_count, escalation, workflow, exposure_minor, breached_at,
            waiting_reason, resolution, root_cause, resolved_at)
        select $1, 'E-' || i, 'Bakery', '1.2.0', kind, severity, status, 'Bread ' || i, source, queue, owner, created, created,
            created, due, 1, '', ('x' || encode(substr(sha256(convert_to(concat_ws(chr(31), status, severity, kind, queue, source), 'UTF8')), 1, 8),
                'hex'))::bit(64)::bigint,
            array_to_tsvector(array(select distinct substr(encode(sha256(convert_to($1, 'UTF8')), 'hex'), 1, 4) || ':' || term
                from unnest(array['bread', 'e-' || i, i::text, 'w' || h % 7, 'rare' || h % 997,
                    'o-' || h % 50, concat(chr(31), 'e', chr(31), 't', chr(31), 'O-', h % 50),
                    concat(chr(31), 'foven', chr(31), 't', chr(31), 'O-', h % 50)]) as term)),
            json_build_array(json_build_array('oven', 'Oven', 'O-' || h % 50)), '[]', '{}', '{}', '{}',
            (created at time zone 'UTC')::date, 0, case when h % 37 = 0 then 1 + h % 3 else 0 end,
            case when h % 41 = 0 then json_build_object('severityChange', json_build_object('from', 'LOW', 'to', severity, 'by', 'ada', 'at', $3, 'reason', '')) end,
            case when h % 3 > 0 then h / 3 % 500 * 100 end, case when h % 5 = 0 and due < $3 then due end,
            case when status = 'WAITING' then (array['FLOUR', 'BAKER'])[1 + h / 7 % 2] end,
            case when status = 'RESOLVED' then (array['BAKED', 'BAKED', 'THROWN_AWAY', 'AUTO_CLEARED'])[1 + h / 13 % 4] end,
            case when status = 'RESOLVED' and h / 13 % 4 < 3 then (array['HEAT', 'HASTE', 'HEAT', 'YEAST'])[1 + h / 17 % 4] end,
            case when status = 'RESOLVED' then $3 - make_interval(mins => (h / 19 % 20000)::int) end
        from (select i, abs(hashint4(i)::bigint) as h from generate_series($2, $4) as i) numbers,
            lateral (select (array['BURNT_BREAD', 'SOUR_MILK', 'LATE_FLOUR'])[1 + h % 3] as kind,
                (array['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])[1 + h / 3 % 4] as severity,
                (array['RESOLVED', 'RESOLVED', 'RESOLVED', 'RESOLVED', 'OPEN', 'WAITING', 'OPEN', 'IN_PROGRESS', 'RESOLVED'])[1 + h / 12 % 9] as status,
                (array['Oven', 'Till'])[1 + h / 108 % 2] as source, (array['bakers', 'owner', 'night'])[1 + h / 216 % 3] as queue,
                case when h % 11 = 0 then (array['ada', 'bob'])[1 + h / 11 % 2] end as owner,
                $3::timestamptz - make_interval(mins => (h / 5 % 40000)::int / 20 * 20) as created,
                $3::timestamptz + make_interval(mins => (h / 7 % 6000)::int / 15 * 15 - 3000) as due) parts";
    // Counted anew: what was there before is counted as well.
    let counters = [
        "delete from facet_count where tenant_id = $1",
        "delete from due_hour_count where tenant_id = $1",
        "delete from facet_value_count where tenant_id = $1",
        "insert into facet_count select tenant_id, facet_bucket, status, severity, exception_type, queue, source_system, count(*)
         from exception where tenant_id = $1 group by 1, 2, 3, 4, 5, 6, 7",
        "insert into due_hour_count select tenant_id, facet_bucket, date_trunc('hour', due_at, 'UTC'), count(*)
         from exception where tenant_id = $1 and status <> 'RESOLVED' group by 1, 2, 3",
        "insert into facet_value_count select tenant_id, facet, value, facet_bucket, count(*) from exception, lateral
            (values ('owner', owner), ('resolution', resolution), ('rootCause', root_cause)) as v (facet, value)
         where tenant_id = $1 and value is not null group by 1, 2, 3, 4",
    ];
    sqlx::query(rows)
        .bind(tenant)
        .bind(numbers.start())
        .bind(noon())
        .bind(numbers.end())
        .execute(&mut admin)
        .await
        .expect("rows");
    for counter in counters {
        sqlx::query(counter).bind(tenant).execute(&mut admin).await.expect("counters");
    }
}
