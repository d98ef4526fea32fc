//! Counters of cells and due hours say what counting would.

use sqlx::{PgConnection, Row};

use super::database::TestTenant;

/// Fails unless the counters of a tenant equal what its rows count to.
pub async fn assert_exact(ours: &TestTenant) {
    use sqlx::Connection;
    let mut admin = PgConnection::connect(ours.url.expose()).await.expect("connected");
    for (counted, kept) in [
        (
            "select facet_bucket::text || status || severity || exception_type || queue || source_system || ' ' || count(*) from exception
             where tenant_id = $1 group by facet_bucket, status, severity, exception_type, queue, source_system order by 1",
            "select facet_bucket::text || status || severity || exception_type || queue || source_system || ' ' || exceptions from facet_count
             where tenant_id = $1 and exceptions <> 0 order by 1",
        ),
        (
            "select facet_bucket::text || date_trunc('hour', due_at, 'UTC') || ' ' || count(*) from exception
             where tenant_id = $1 and status <> 'RESOLVED' group by facet_bucket, date_trunc('hour', due_at, 'UTC') order by 1",
            "select facet_bucket::text || due_hour || ' ' || exceptions from due_hour_count where tenant_id = $1 and exceptions <> 0 order by 1",
        ),
        (
            "select facet || value || facet_bucket || ' ' || count(*) from exception, lateral
                (values ('owner', owner), ('resolution', resolution), ('rootCause', root_cause)) as v (facet, value)
             where tenant_id = $1 and value is not null group by facet, value, facet_bucket order by 1",
            "select facet || value || facet_bucket || ' ' || exceptions from facet_value_count where tenant_id = $1 and exceptions <> 0 order by 1",
        ),
    ] {
        let mut texts = Vec::new();
        for sql in [counted, kept] {
            let rows = sqlx::query(sql)
                .bind(ours.tenant.as_str())
                .fetch_all(&mut admin)
                .await
                .expect("a count");
            texts.push(rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>());
        }
        assert_eq!(texts[0], texts[1]);
        assert!(!texts[0].is_empty() || kept.contains("from facet_value_count"), "{kept}");
    }
}
