//! A filter as SQL. The text depends only on which members are set; every value is a parameter.

use chrono::{DateTime, TimeDelta, Utc};
use domain::filter::{DueBucket, Filter};
use sqlx::{Postgres, QueryBuilder};

/// Appends `tenant_id = … and …` for a filter. `now` is what due times are compared with.
pub fn push(query: &mut QueryBuilder<Postgres>, tenant: &str, filter: &Filter, now: DateTime<Utc>) {
    query.push("tenant_id = ").push_bind(tenant.to_owned());
    let words = |values: &[String]| values.to_vec();
    any(
        query,
        "status",
        "::status[]",
        filter.statuses.iter().map(|status| status.as_str().to_owned()).collect(),
    );
    any(
        query,
        "severity",
        "::severity[]",
        filter.severities.iter().map(|severity| severity.as_str().to_owned()).collect(),
    );
    any(query, "exception_type", "", words(&filter.types));
    any(query, "queue", "", words(&filter.queues));
    any(query, "source_system", "", words(&filter.sources));
    any(query, "owner", "", words(&filter.owners));
    for (column, from, to) in [
        ("created_at", filter.created_from, filter.created_to),
        ("due_at", filter.due_from, filter.due_to),
    ] {
        bound(query, column, ">=", from);
        bound(query, column, "<", to);
    }
    push_due(query, &filter.due, now);
    if let Some(entity) = &filter.entity {
        let sought = serde_json::json!([{"value": entity}]);
        query.push(" and entities @> ").push_bind(sought);
    }
    for word in filter.text.iter().flat_map(|text| text.split_whitespace()) {
        let pattern = format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        query.push(" and (title ilike ").push_bind(pattern.clone());
        query.push(" or exception_id ilike ").push_bind(pattern.clone());
        query.push(" or entities::text ilike ").push_bind(pattern).push(")");
    }
}

fn any(query: &mut QueryBuilder<Postgres>, column: &str, cast: &str, values: Vec<String>) {
    if !values.is_empty() {
        query
            .push(format_args!(" and {column} = any("))
            .push_bind(values)
            .push(format_args!("{cast})"));
    }
}

fn bound(query: &mut QueryBuilder<Postgres>, column: &str, comparison: &str, value: Option<DateTime<Utc>>) {
    if let Some(value) = value {
        query.push(format_args!(" and {column} {comparison} ")).push_bind(value);
    }
}

/// Buckets count unresolved exceptions only: what is done is not late.
fn push_due(query: &mut QueryBuilder<Postgres>, buckets: &[DueBucket], now: DateTime<Utc>) {
    if buckets.is_empty() {
        return;
    }
    query.push(" and status <> 'RESOLVED' and (false");
    for bucket in buckets {
        let (from, to) = bounds(*bucket, now);
        query.push(" or (true");
        bound(query, "due_at", ">=", from);
        bound(query, "due_at", "<", to);
        query.push(")");
    }
    query.push(")");
}

/// Bounds of a bucket: included, excluded.
pub fn bounds(bucket: DueBucket, now: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let (hour, day) = (now + TimeDelta::hours(1), now + TimeDelta::hours(24));
    match bucket {
        DueBucket::Late => (None, Some(now)),
        DueBucket::NextHour => (Some(now), Some(hour)),
        DueBucket::Today => (Some(hour), Some(day)),
        DueBucket::Later => (Some(day), None),
    }
}
