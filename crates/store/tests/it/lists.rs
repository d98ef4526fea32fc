//! Lists and counts say what a naive program over all rows would.

use std::{cmp::Ordering, collections::BTreeMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    filter::{Direction, DueBucket, Filter, Sort, SortKey},
    severity::Severity,
    status::Status,
};
use sqlx::{Connection, PgConnection};
use store::exceptions::{Cursor, Listing};

use super::{
    database::{TestTenant, noon},
    filled::filled,
    receive::burnt,
};

#[derive(Debug, Clone, sqlx::FromRow)]
struct Row {
    exception_id: String,
    exception_type: String,
    severity: String,
    status: String,
    source_system: String,
    queue: String,
    owner: Option<String>,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    breached_at: Option<DateTime<Utc>>,
    waiting_reason: Option<String>,
    resolution: Option<String>,
    root_cause: Option<String>,
    escalation: i16,
    severity_changed: bool,
    exposure_minor: Option<i64>,
    terms: Vec<String>,
}

async fn all(ours: &TestTenant) -> Vec<Row> {
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    sqlx::query_as(
        "select exception_id, exception_type, severity, status, source_system, queue, owner, created_at, due_at, resolved_at, breached_at,
                waiting_reason, resolution, root_cause, escalation, severity_changed, exposure_minor,
                (select array_agg(substr(term, 6)) from unnest(tsvector_to_array(search_terms)) as term) as terms
         from exception where tenant_id = $1",
    )
    .bind(ours.tenant.as_str())
    .fetch_all(&mut admin)
    .await
    .unwrap()
}

fn bucket(row: &Row) -> Option<DueBucket> {
    let left = row.due_at - noon();
    let bucket = match left {
        left if left < TimeDelta::zero() => DueBucket::Late,
        left if left < TimeDelta::hours(1) => DueBucket::NextHour,
        left if left < TimeDelta::hours(24) => DueBucket::Today,
        _ => DueBucket::Later,
    };
    (row.status != "RESOLVED").then_some(bucket)
}

fn fits(filter: &Filter, row: &Row) -> bool {
    fn among(chosen: &[String], value: &str) -> bool {
        chosen.is_empty() || chosen.iter().any(|one| one == value)
    }
    fn among_some(chosen: &[String], value: Option<&String>) -> bool {
        chosen.is_empty() || value.is_some_and(|value| chosen.contains(value))
    }
    let severities: Vec<String> = filter.severities.iter().map(ToString::to_string).collect();
    let statuses: Vec<String> = filter.statuses.iter().map(ToString::to_string).collect();
    let has = |scope: &str, value: &str| row.terms.contains(&format!("\u{1f}{scope}\u{1f}t\u{1f}{value}"));
    let words = filter.text.iter().flat_map(|text| text.split(' '));
    among(&severities, &row.severity)
        && among(&statuses, &row.status)
        && among(&filter.types, &row.exception_type)
        && among(&filter.queues, &row.queue)
        && among(&filter.sources, &row.source_system)
        && (filter.owners.is_empty() || filter.owners.contains(&row.owner))
        && among_some(&filter.waiting_for, row.waiting_reason.as_ref())
        && among_some(&filter.resolutions, row.resolution.as_ref())
        && among_some(&filter.root_causes, row.root_cause.as_ref())
        && filter.breached.is_none_or(|breached| breached == row.breached_at.is_some())
        && filter.escalated.is_none_or(|escalated| escalated == (row.escalation > 0))
        && filter.severity_changed.is_none_or(|changed| changed == row.severity_changed)
        && filter.resolved_from.is_none_or(|from| row.resolved_at.is_some_and(|at| at >= from))
        && filter.resolved_to.is_none_or(|to| row.resolved_at.is_some_and(|at| at < to))
        && (filter.due.is_empty() || bucket(row).is_some_and(|bucket| filter.due.contains(&bucket)))
        && filter.created_from.is_none_or(|from| row.created_at >= from)
        && filter.created_to.is_none_or(|to| row.created_at < to)
        && filter.due_from.is_none_or(|from| row.due_at >= from)
        && filter.due_to.is_none_or(|to| row.due_at < to)
        && filter.entity.iter().all(|value| has("e", value))
        && words.into_iter().all(|word| row.terms.iter().any(|term| term.starts_with(word)))
        && filter
            .fields
            .iter()
            .all(|(name, values)| values.iter().any(|value| has(&format!("f{name}"), value)))
}

fn sorted(mut rows: Vec<Row>, sort: Sort) -> Vec<String> {
    let severity = |row: &Row| row.severity.parse::<Severity>().unwrap();
    let status = |row: &Row| row.status.parse::<Status>().unwrap();
    // What has a value comes before what has none, whatever the direction.
    let has_none = |row: &Row| match sort.key {
        SortKey::Owner => row.owner.is_none(),
        SortKey::Exposure => row.exposure_minor.is_none(),
        SortKey::Lateness => row.breached_at.is_none(),
        _ => false,
    };
    rows.sort_by(|one, other| {
        let value = match sort.key {
            SortKey::Created => (one.created_at, &one.exception_id).cmp(&(other.created_at, &other.exception_id)),
            SortKey::Due => (one.due_at, &one.exception_id).cmp(&(other.due_at, &other.exception_id)),
            SortKey::Severity => severity(one).cmp(&severity(other)),
            SortKey::Status => status(one).cmp(&status(other)),
            SortKey::Type => one.exception_type.cmp(&other.exception_type),
            SortKey::Queue => one.queue.cmp(&other.queue),
            SortKey::Source => one.source_system.cmp(&other.source_system),
            SortKey::Owner => one.owner.cmp(&other.owner),
            SortKey::Exposure if one.exposure_minor.is_some() => {
                (one.exposure_minor, &one.exception_id).cmp(&(other.exposure_minor, &other.exception_id))
            }
            SortKey::Lateness if one.breached_at.is_some() => {
                (other.breached_at, &other.exception_id).cmp(&(one.breached_at, &one.exception_id))
            }
            SortKey::Exposure | SortKey::Lateness => Ordering::Equal,
        };
        let value = if sort.direction == Direction::Descending {
            value.reverse()
        } else {
            value
        };
        has_none(one)
            .cmp(&has_none(other))
            .then(value)
            .then((one.due_at, &one.exception_id).cmp(&(other.due_at, &other.exception_id)))
    });
    rows.into_iter().map(|row| row.exception_id).collect()
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn some<T: Clone>(&mut self, odds: usize, of: &[T]) -> Vec<T> {
        if self.roll(odds) > 0 {
            return Vec::new();
        }
        let first = of[self.roll(of.len())].clone();
        let second = of[self.roll(of.len())].clone();
        if self.roll(2) == 0 { vec![first] } else { vec![first, second] }
    }

    fn time(&mut self, odds: usize) -> Option<DateTime<Utc>> {
        (self.roll(odds) == 0).then(|| noon() + TimeDelta::minutes(i64::try_from(self.roll(12_000)).unwrap() - 8_000))
    }

    fn filter(&mut self) -> Filter {
        let texts = |values: &[&str]| values.iter().map(|&text| text.to_owned()).collect::<Vec<String>>();
        let words = texts(&["bread", "w3", "rare1", "rare55", "e-77", "12", "w1 bread", "nothing"]);
        Filter {
            statuses: self.some(4, &Status::ALL),
            severities: self.some(4, &Severity::ALL),
            types: self.some(4, &texts(&["BURNT_BREAD", "SOUR_MILK", "LATE_FLOUR", "OTHER"])),
            queues: self.some(5, &texts(&["bakers", "owner", "night"])),
            sources: self.some(5, &texts(&["Oven", "Till"])),
            owners: self.some(6, &[Some("ada".into()), Some("bob".into()), Some("eve".into()), None]),
            waiting_for: self.some(12, &texts(&["FLOUR", "BAKER"])),
            resolutions: self.some(12, &texts(&["BAKED", "AUTO_CLEARED", "NEVER"])),
            root_causes: self.some(12, &texts(&["HEAT", "YEAST"])),
            breached: self.some(9, &[true, false]).first().copied(),
            escalated: self.some(12, &[true, false]).first().copied(),
            severity_changed: self.some(12, &[true, false]).first().copied(),
            parent: None,
            due: self.some(5, &DueBucket::ALL),
            entity: self.some(9, &texts(&["O-7", "o-33", "o"])).first().cloned(),
            text: self.some(4, &words).first().cloned(),
            fields: if self.roll(9) == 0 {
                [("oven".to_owned(), texts(&["O-1", "O-2"]))].into()
            } else {
                BTreeMap::new()
            },
            created_from: self.time(9),
            created_to: self.time(9),
            aged_from: None,
            aged_to: None,
            due_from: self.time(9),
            due_to: self.time(9),
            resolved_from: self.time(15),
            resolved_to: self.time(15),
        }
    }

    fn sort(&mut self) -> Sort {
        Sort {
            key: SortKey::ALL[self.roll(SortKey::ALL.len())],
            direction: [Direction::Ascending, Direction::Descending][self.roll(2)],
        }
    }
}

async fn listed(ours: &TestTenant, filter: &Filter, sort: Sort, limit: u32) -> (Vec<String>, Option<i64>) {
    let mut ids = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
        let listing = Listing {
            filter,
            sort,
            after: after.as_ref(),
            limit,
            now: noon(),
        };
        let page = tx.exceptions(listing).await.unwrap();
        tx.commit().await.unwrap();
        assert!(page.items.len() <= limit as usize);
        ids.extend(page.items.into_iter().map(|row| row.exception_id));
        let Some(next) = page.next else { return (ids, page.total) };
        after = Some(Cursor::decode(&next.encode(), sort).expect("our own cursor"));
    }
}

#[tokio::test]
async fn every_list_and_count_is_what_a_naive_program_says() {
    let ours = filled(7_000).await;
    let rows = all(&ours).await;
    let mut dice = Dice(0x5eed_cafe);
    let mut not_empty = 0;
    for _ in 0..160 {
        let (filter, sort) = (dice.filter(), dice.sort());
        let fitting: Vec<Row> = rows.iter().filter(|row| fits(&filter, row)).cloned().collect();
        let count = i64::try_from(fitting.len()).unwrap();
        not_empty += i32::from(count > 0);
        let limit = u32::try_from(count / 3 + 2).unwrap().min(500);
        let expected = sorted(fitting, sort);
        let (ids, total) = listed(&ours, &filter, sort, limit).await;
        assert_eq!(ids, expected, "{filter:?} {sort:?} by {limit}");
        assert!(total.is_none_or(|total| total == count), "{filter:?} {total:?}");
        let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
        assert_eq!(tx.count(&filter, noon()).await.unwrap(), count, "{filter:?}");
        let facets = tx.facets(&filter, noon()).await.unwrap();
        assert_eq!(facets.total, count, "{filter:?}");
        let counted = |facets: &[store::exceptions::Facet]| -> BTreeMap<String, i64> {
            facets.iter().map(|facet| (facet.value.clone(), facet.count)).collect()
        };
        let naive = |without: Filter, value: fn(&Row) -> Option<String>| {
            let mut counts: BTreeMap<String, i64> = BTreeMap::new();
            for value in rows.iter().filter(|row| fits(&without, row)).filter_map(value) {
                *counts.entry(value).or_default() += 1;
            }
            counts
        };
        let without = |clear: fn(&mut Filter)| {
            let mut rest = filter.clone();
            clear(&mut rest);
            rest
        };
        let severities = naive(without(|rest| rest.severities.clear()), |row| Some(row.severity.clone()));
        assert_eq!(counted(&facets.severities), severities, "{filter:?}");
        let statuses = naive(without(|rest| rest.statuses.clear()), |row| Some(row.status.clone()));
        assert_eq!(counted(&facets.statuses), statuses, "{filter:?}");
        let types = naive(without(|rest| rest.types.clear()), |row| Some(row.exception_type.clone()));
        assert_eq!(counted(&facets.types), types, "{filter:?}");
        let queues = naive(without(|rest| rest.queues.clear()), |row| Some(row.queue.clone()));
        assert_eq!(counted(&facets.queues), queues, "{filter:?}");
        let sources = naive(without(|rest| rest.sources.clear()), |row| Some(row.source_system.clone()));
        assert_eq!(counted(&facets.sources), sources, "{filter:?}");
        let due = naive(without(|rest| rest.due.clear()), |row| {
            bucket(row).map(|due| due.as_str().to_owned())
        });
        assert_eq!(counted(&facets.due), due, "{filter:?}");
        let resolutions = naive(without(|rest| rest.resolutions.clear()), |row| row.resolution.clone());
        assert_eq!(counted(&facets.resolutions), resolutions, "{filter:?}");
        let root_causes = naive(without(|rest| rest.root_causes.clear()), |row| row.root_cause.clone());
        assert_eq!(counted(&facets.root_causes), root_causes, "{filter:?}");
        let owners = naive(without(|rest| rest.owners.clear()), |row| {
            Some(row.owner.clone().unwrap_or_else(|| "none".into()))
        });
        let counted_owners = facets.owners.iter().filter(|(_, count)| **count > 0);
        let counted_owners = counted_owners.map(|(owner, count)| (owner.clone().unwrap_or_else(|| "none".into()), *count));
        assert_eq!(counted_owners.collect::<BTreeMap<_, _>>(), owners, "{filter:?}");
    }
    assert!(not_empty > 50, "{not_empty}");
}

#[tokio::test]
async fn large_lists_page_through_in_every_order() {
    let ours = filled(5_000).await;
    let rows = all(&ours).await;
    for key in SortKey::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            let sort = Sort { key, direction };
            for text in [None, Some("w1".to_owned())] {
                let filter = Filter { text, ..Filter::default() };
                let fitting = rows.iter().filter(|row| fits(&filter, row)).cloned().collect();
                let (ids, _) = listed(&ours, &filter, sort, 499).await;
                assert_eq!(ids, sorted(fitting, sort), "{sort:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_reading_transaction_sees_one_moment() {
    let ours = filled(50).await;
    let mut reading = ours.store.begin_reading(&ours.scope()).await.unwrap();
    assert_eq!(reading.count(&Filter::default(), noon()).await.unwrap(), 50);
    let mut writing = ours.store.begin(&ours.scope()).await.unwrap();
    writing.receive(&[burnt("new", 1.0)]).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(reading.count(&Filter::default(), noon()).await.unwrap(), 50);
}
