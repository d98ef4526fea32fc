//! How lists and counts are executed: by index, whatever the filter and the order, and over few rows.

use serde_json::Value;
use sqlx::{Connection, PgConnection};
use store::exceptions::{Explained, Listing};

use super::{
    database::{TestTenant, noon},
    filled::{fill, filled},
    matrix::{filters, sorts},
};

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
        if node["Function Name"] == "sought_exceptions" {
            rows = number("Actual Rows") + number("Rows Removed by Filter");
        }
        let inner = node["Plans"].as_array().into_iter().flatten();
        #[expect(clippy::cast_possible_truncation, reason = "a count of rows")]
        let rows = rows as i64;
        rows + inner.map(|inner| visit(inner, text)).sum::<i64>()
    }
    visit(&explained.plan[0]["Plan"], &explained.text)
}

/// Milliseconds in which a plan was made and executed.
fn milliseconds(explained: &Explained) -> f64 {
    let of = |name: &str| explained.plan[0][name].as_f64().unwrap_or_default();
    of("Planning Time") + of("Execution Time")
}

/// Reads two pages of every filter in every order, and counts it. Returns the pages that touched more rows than they may; `most` says how
/// many, in the place of the filter's own number. Prints what took how long.
async fn walk_the_matrix(ours: &TestTenant, most_of_all: Option<i64>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (filter, most) in filters() {
        let most = most_of_all.unwrap_or(most);
        for sort in sorts() {
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
                let took: f64 = tx.explained().iter().map(milliseconds).sum();
                let names = tx
                    .explained()
                    .iter()
                    .map(|explained| explained.text.lines().next().unwrap_or_default());
                let names: Vec<&str> = names.collect();
                println!("{took:.2} ms, {rows} rows: {sort:?} by {names:?} for {filter:?}");
                if rows > most {
                    wrong.push(format!("{rows} rows, not {most}: {sort:?} by {names:?} for {filter:?}"));
                }
                after = page.next;
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
    wrong
}

#[tokio::test]
async fn no_list_and_no_count_scans_the_table_and_lists_touch_few_rows() {
    let ours = filled(50_000).await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    // As a server does while exceptions come.
    ours.store.settle_terms().await.unwrap();
    sqlx::query("analyze exception").execute(&mut admin).await.unwrap();
    let wrong = walk_the_matrix(&ours, None).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
#[ignore = "make faults: fills a tenant with a million exceptions"]
async fn lists_of_a_million_touch_at_most_fifty_thousand_rows() {
    let ours = TestTenant::alone().await;
    fill(&ours, 1..=1_000_000).await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    ours.store.settle_terms().await.unwrap();
    sqlx::query("vacuum analyze exception").execute(&mut admin).await.unwrap();
    let mut wrong = walk_the_matrix(&ours, Some(50_000)).await;
    // Known to touch more: all that are breached are gathered, a tenth of the rows; and the rows of a rare cell are walked for each owner.
    let known = [
        ("key: Due, direction: Descending", "breached: Some(true)"),
        (
            "key: Owner, direction: Descending",
            "severities: [Critical], types: [\"SOUR_MILK\"]",
        ),
    ];
    wrong.retain(|page| !known.iter().any(|(sort, filter)| page.contains(sort) && page.contains(filter)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_database_without_statistics_is_read_by_index_as_well() {
    for rows in [0, 10, 20_000] {
        let ours = TestTenant::alone().await;
        let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
        sqlx::raw_sql("alter table exception set (autovacuum_enabled = off)")
            .execute(&mut admin)
            .await
            .unwrap();
        fill(&ours, 1..=rows).await;
        let wrong = walk_the_matrix(&ours, None).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[tokio::test]
async fn statements_that_are_put_together_have_a_name_and_say_their_tenant_first() {
    let ours = filled(10).await;
    let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
    tx.explain();
    for (filter, _) in filters() {
        for sort in sorts() {
            let listing = Listing {
                filter: &filter,
                sort,
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
