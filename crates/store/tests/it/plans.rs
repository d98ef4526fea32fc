//! How lists and counts are executed: by index, whatever the filter and the order, and over few rows.

use chrono::TimeDelta;
use domain::{
    filter::{Direction, DueBucket, Filter, Sort, SortKey},
    severity::Severity,
    status::Status,
};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use store::exceptions::{Explained, Listing};

use super::{database::noon, filled::filled};

/// Rows of `exception` that a plan touched, those it threw away included. Fails on a scan that no index leads.
fn touched(explained: &Explained) -> i64 {
    fn visit(node: &Value, text: &str) -> i64 {
        let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
        let kind = node["Node Type"].as_str().unwrap_or_default();
        let mut rows = 0.0;
        if node["Relation Name"] == "exception" {
            assert_ne!(kind, "Seq Scan", "{text}");
            let is_led = node["Index Cond"].is_string() || kind == "Bitmap Heap Scan";
            assert!(is_led, "a scan without a condition on its index: {node:#}\n{text}");
            rows = (number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck"))
                * number("Actual Loops");
        }
        let inner = node["Plans"].as_array().into_iter().flatten();
        #[expect(clippy::cast_possible_truncation, reason = "a count of rows")]
        let rows = rows as i64;
        rows + inner.map(|inner| visit(inner, text)).sum::<i64>()
    }
    visit(&explained.plan[0]["Plan"], &explained.text)
}

/// Filters, and the most rows that a page of each may touch.
fn filters() -> Vec<(Filter, i64)> {
    [filters_of_cells(), filters_of_rows()].concat()
}

fn filters_of_cells() -> Vec<(Filter, i64)> {
    let none = Filter::default;
    vec![
        (none(), 700),
        (
            Filter {
                statuses: vec![Status::Open],
                ..none()
            },
            5_000,
        ),
        (
            Filter {
                statuses: vec![Status::Resolved],
                ..none()
            },
            5_000,
        ),
        (
            Filter {
                severities: vec![Severity::Critical],
                types: vec!["SOUR_MILK".into()],
                ..none()
            },
            5_000,
        ),
        (
            Filter {
                queues: vec!["night".into()],
                sources: vec!["Till".into()],
                ..none()
            },
            5_000,
        ),
        (
            Filter {
                due: vec![DueBucket::Late],
                ..none()
            },
            14_000,
        ),
        (
            Filter {
                due: vec![DueBucket::NextHour],
                statuses: vec![Status::Open],
                ..none()
            },
            5_000,
        ),
    ]
}

fn filters_of_rows() -> Vec<(Filter, i64)> {
    let none = Filter::default;
    vec![
        (
            Filter {
                owners: vec!["ada".into()],
                ..none()
            },
            30_000,
        ),
        (
            Filter {
                entity: Some("O-7".into()),
                ..none()
            },
            24_000,
        ),
        (
            Filter {
                text: Some("rare55".into()),
                ..none()
            },
            3_500,
        ),
        (
            Filter {
                text: Some("w3".into()),
                severities: vec![Severity::High],
                ..none()
            },
            24_000,
        ),
        (
            Filter {
                text: Some("bread".into()),
                ..none()
            },
            3_500,
        ),
        (
            Filter {
                fields: [("oven".to_owned(), vec!["O-1".to_owned()])].into(),
                ..none()
            },
            24_000,
        ),
        (
            Filter {
                created_from: Some(noon() - TimeDelta::hours(2)),
                ..none()
            },
            5_000,
        ),
        (
            Filter {
                due_from: Some(noon()),
                due_to: Some(noon() + TimeDelta::hours(3)),
                ..none()
            },
            5_000,
        ),
    ]
}

#[tokio::test]
async fn no_list_and_no_count_scans_the_table_and_lists_touch_few_rows() {
    let ours = filled(50_000).await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    // As a server does while exceptions come.
    ours.store.settle_terms().await.unwrap();
    sqlx::query("analyze exception").execute(&mut admin).await.unwrap();
    for (filter, most) in filters() {
        for key in SortKey::ALL {
            for direction in [Direction::Ascending, Direction::Descending] {
                let sort = Sort { key, direction };
                let mut after = None;
                for _ in 0..2 {
                    let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
                    tx.explain();
                    let listing = Listing {
                        filter: &filter,
                        sort,
                        after: after.as_ref(),
                        limit: 50,
                        now: noon(),
                    };
                    let page = tx.exceptions(listing).await.unwrap();
                    let rows: i64 = tx.explained().iter().map(touched).sum();
                    let texts: Vec<&str> = tx.explained().iter().map(|explained| explained.text.as_str()).collect();
                    assert!(rows <= most, "{rows} rows for {filter:?} {sort:?}\n{}", texts.join("\n\n"));
                    after = page.next;
                }
            }
        }
        let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
        tx.explain();
        tx.facets(&filter, noon()).await.unwrap();
        tx.count(&filter, noon()).await.unwrap();
        tx.explained().iter().for_each(|explained| {
            touched(explained);
        });
    }
}

#[tokio::test]
async fn statements_that_are_put_together_have_a_name_and_say_their_tenant_first() {
    let ours = filled(10).await;
    let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
    tx.explain();
    for (filter, _) in filters() {
        for key in SortKey::ALL {
            let listing = Listing {
                filter: &filter,
                sort: Sort {
                    key,
                    direction: Direction::Ascending,
                },
                after: None,
                limit: 1,
                now: noon(),
            };
            tx.exceptions(listing).await.unwrap();
            tx.full_exceptions(listing, 1 << 20).await.unwrap();
        }
        tx.facets(&filter, noon()).await.unwrap();
    }
    tx.exception("E-1").await.unwrap();
    tx.recurrences("E-1", "", 10).await.unwrap();
    let texts: Vec<String> = tx.explained().iter().map(|explained| explained.text.clone()).collect();
    super::statements::assert_lawful(&texts);
}
