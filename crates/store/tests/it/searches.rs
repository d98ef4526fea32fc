//! What is found by which words and values.

use std::sync::Arc;

use domain::{
    exception::{Arrival, OnConflict, Received},
    filter::{Direction, Filter, Sort, SortKey},
    intake::RawException,
    pack::Pack,
    reception::Arriving,
    triage::triage,
};
use serde_json::{json, value::to_raw_value};
use sqlx::{Connection, PgConnection};
use store::exceptions::Listing;

use super::{
    database::{BAKERY, TestTenant, noon},
    filled::filled,
};

fn received(id: &str, oven: &str, loaves: i64) -> Arriving {
    let pack = Pack::parse(BAKERY).unwrap();
    let payload = json!({"oven": oven, "loss": 10.50, "currency": "EUR", "kind": "WHEAT", "loaves": loaves, "bakers": ["Zoë", "Bo"]});
    let object = json!({"exceptionId": id, "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": payload});
    let raw = RawException::parse(&to_raw_value(&object).unwrap()).unwrap();
    let triaged = triage(&raw, &pack, noon()).unwrap();
    let arrival = Arrival {
        at: noon(),
        sender: domain::exception::Sender::Source(["Oven".into()].into()),
        on_conflict: OnConflict::Refuse,
    };
    Arriving::Exception(Box::new(Received::new(id.parse().unwrap(), raw, triaged, &Arc::new(pack), arrival)))
}

async fn found(ours: &TestTenant, filter: Filter) -> Vec<String> {
    let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
    let listing = Listing {
        filter: &filter,
        sort: Sort {
            key: SortKey::Due,
            direction: Direction::Ascending,
        },
        after: None,
        limit: 100,
        now: noon(),
    };
    let page = tx.exceptions(listing).await.unwrap();
    page.items.into_iter().map(|row| row.exception_id).collect()
}

async fn stocked() -> TestTenant {
    let ours = TestTenant::new().await;
    let ovens = ["O-1", "Größe Süd", "O'Neil\\s", "日本 oven", "a & b | !c:*"];
    let rows: Vec<Arriving> = (0..)
        .zip(ovens)
        .map(|(index, oven)| received(&format!("BAK-{index}x77"), oven, index))
        .collect();
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    tx.receive(&rows).await.unwrap();
    tx.commit().await.unwrap();
    ours
}

#[tokio::test]
async fn words_find_what_begins_with_them_in_any_case_and_script() {
    let ours = stocked().await;
    for (text, expected) in [
        ("bak-2", &["BAK-2x77"][..]),
        ("2x7", &["BAK-2x77"]),
        ("x77", &[]),
        ("burnt 1X77", &["BAK-1x77"]),
        ("größe", &["BAK-1x77"]),
        ("GRÖSSE", &[]),
        ("SÜD", &["BAK-1x77"]),
        ("(süd),", &["BAK-1x77"]),
        ("o'neil", &["BAK-2x77"]),
        ("o'neil\\s", &["BAK-2x77"]),
        ("日", &["BAK-3x77"]),
        ("zo", &["BAK-0x77", "BAK-1x77", "BAK-2x77", "BAK-3x77", "BAK-4x77"]),
        ("oven:*", &["BAK-3x77"]),
        ("curre", &[]),
        ("wheat rye", &[]),
    ] {
        let filter = Filter {
            text: Some(text.to_owned()),
            ..Filter::default()
        };
        assert_eq!(found(&ours, filter).await, expected, "{text}");
    }
}

#[tokio::test]
async fn entities_and_fields_are_found_by_their_whole_value() {
    let ours = stocked().await;
    for (entity, expected) in [
        ("a & b | !c:*", &["BAK-4x77"][..]),
        ("O'Neil\\s", &["BAK-2x77"]),
        ("O'NEIL\\S", &[]),
        ("Größe", &[]),
        ("Größe Süd", &["BAK-1x77"]),
        ("' | 'x", &[]),
    ] {
        let filter = Filter {
            entity: Some(entity.to_owned()),
            ..Filter::default()
        };
        assert_eq!(found(&ours, filter).await, expected, "{entity}");
    }
    for (name, values, expected) in [
        ("loaves", &["3"][..], &["BAK-3x77"][..]),
        ("loaves", &["3.0", "1"], &["BAK-1x77", "BAK-3x77"]),
        ("oven", &["O-1"], &["BAK-0x77"]),
        ("oven", &["o-1"], &[]),
        ("oven", &["o"], &[]),
        ("kind", &["RYE"], &[]),
    ] {
        let filter = Filter {
            fields: [(name.to_owned(), values.iter().map(|&value| value.to_owned()).collect())].into(),
            ..Filter::default()
        };
        assert_eq!(found(&ours, filter).await, expected, "{name} {values:?}");
    }
}

#[tokio::test]
async fn words_lead_to_rows_by_index_without_the_help_of_a_superuser_and_to_those_of_the_tenant_alone() {
    let ours = filled(20_000).await;
    let other = stocked().await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let is_leakproof: bool =
        sqlx::query_scalar("select proleakproof from pg_proc where oid = 'ts_match_vq(tsvector, tsquery)'::regprocedure")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert!(!is_leakproof, "nothing in here may depend on it");
    ours.store.settle_terms().await.unwrap();
    let filter = Filter {
        text: Some("rare55".into()),
        ..Filter::default()
    };
    let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
    assert_eq!(tx.count(&filter, noon()).await.unwrap(), 211);
    let theirs = Filter {
        text: Some("burnt".into()),
        ..Filter::default()
    };
    assert_eq!(tx.count(&theirs, noon()).await.unwrap(), 0);
    assert_eq!(found(&other, theirs).await.len(), 5);
    tx.explain();
    tx.count(&filter, noon()).await.unwrap();
    let plan = &tx.explained()[0].plan[0]["Plan"];
    let is_a_search = |node: &serde_json::Value| node["Function Name"] == "sought_exceptions";
    let node = plan["Plans"][0].clone();
    assert!(is_a_search(plan) || is_a_search(&node), "{plan:#}");
    let hit = node["Shared Hit Blocks"].as_i64().unwrap_or_default() + node["Shared Read Blocks"].as_i64().unwrap_or_default();
    assert!(hit < 1_000, "{hit} pages for 211 rows of 20,000");
}
