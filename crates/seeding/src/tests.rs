//! A made-up pack of a bakery, its laws, and what is refused.

mod faults;
mod laws;

use chrono::{DateTime, Utc};
use domain::pack::document::PackDocument;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{SeedRun, SeededException, Seeder};

const BAKERY: &str = include_str!("tests/bakery.json");

fn bakery() -> PackDocument {
    serde_json::from_str(BAKERY).expect("pack")
}

/// The bakery with one part of the document, named by its JSON pointer, replaced or (if new) added.
fn bakery_with(pointer: &str, value: Value) -> PackDocument {
    let mut document: Value = serde_json::from_str(BAKERY).expect("pack");
    let (parent, name) = pointer.rsplit_once('/').expect("pointer");
    document.pointer_mut(parent).expect("parent")[name] = value;
    serde_json::from_value(document).expect("pack")
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("time")
}

fn run(seed: u64, count: u32) -> SeedRun {
    SeedRun {
        tenant: "TENANT_A".to_owned(),
        seed,
        as_of: time("2026-01-29T15:30:00Z"),
        count,
    }
}

fn generate(pack: &PackDocument, run: &SeedRun) -> Vec<SeededException> {
    Seeder::new(pack).expect("seeder").generate(run).expect("exceptions")
}

fn bytes(exceptions: &[SeededException]) -> Vec<u8> {
    serde_json::to_vec(&exceptions.iter().map(SeededException::body).collect::<Vec<_>>()).expect("JSON")
}

#[test]
fn the_same_bytes_as_ever() {
    let bytes = bytes(&generate(&bakery(), &run(7, 200)));
    insta::assert_snapshot!(hex::encode(Sha256::digest(bytes)), @"5b8ca8ece46ef997ad5e295911bcda9b2528d400ded9c1eb81c93b6f952441ec");
}

#[test]
fn an_exception_looks_like_this() {
    let exceptions = generate(&bakery(), &run(7, 40));
    let first = |name: &str| exceptions.iter().find(|of| of.exception_type == name).map(SeededException::body);
    insta::assert_json_snapshot!(first("SHORT_COUNT"), @r#"
    {
      "exceptionId": "BAK-bd627904-db55-4a7e-a675-5c1d21fa1c3c-0001",
      "exceptionType": "SHORT_COUNT",
      "severity": "MEDIUM",
      "sourceSystem": "Van",
      "timestamp": "2026-01-29T15:29:45.231Z",
      "domain": "BakeryRounds",
      "rawPayload": {
        "orderId": "ORD-7451-DM",
        "customer": "Café 84",
        "customerId": "C-12",
        "rival": "C-98",
        "ordered": 300,
        "delivered": 241,
        "missing": 59,
        "dueOn": "2026-01-29",
        "orderedOn": "2026-01-27",
        "kinds": [
          "rye",
          "spelt",
          "wheat"
        ],
        "stops": [
          {
            "bread": "oat",
            "flour": 0,
            "loaves": 151
          },
          {
            "bread": "wheat",
            "flour": 550,
            "loaves": 151
          }
        ],
        "note": "Café 84: 59 of 300",
        "tip": "tip",
        "hasTip": true
      },
      "normalizedContext": {
        "kind": "part came",
        "first": "rye",
        "parity": 0,
        "even": 6,
        "calledAt": "2026-01-29T14:08:45.090Z"
      }
    }
    "#);
    insta::assert_json_snapshot!(first("TILL_DIFFERENCE"), @r#"
    {
      "exceptionId": "BAK-e7767aa7-fbfc-4c22-ae42-9e95839d332c-0006",
      "exceptionType": "TILL_DIFFERENCE",
      "severity": "HIGH",
      "sourceSystem": "Till",
      "timestamp": "2026-01-26T07:34:28.367Z",
      "domain": "BakeryRounds",
      "rawPayload": {
        "till": "front",
        "currency": "EUR",
        "booked": 640.93,
        "counted": 591.41,
        "difference": -49.52,
        "seal": "29699M403"
      },
      "normalizedContext": {}
    }
    "#);
}

#[test]
fn popular_members_are_chosen_more_often() {
    let exceptions = generate(&bakery(), &run(3, 2000));
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for id in exceptions.iter().filter_map(|of| of.raw_payload.get("customerId")) {
        *counts.entry(id.to_string()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_unstable_by(|left, right| right.cmp(left));
    let all: u32 = counts.iter().sum();
    let top: u32 = counts.iter().take(3).sum();
    assert!(counts.len() > 30, "the tail is there: {}", counts.len());
    assert!((35..60).contains(&(top * 100 / all)), "top three: {top} of {all}");
}

#[test]
fn medians_and_tails_are_as_asked() {
    let exceptions = generate(&bakery(), &run(3, 4000));
    let ordered = exceptions.iter().filter_map(|of| of.raw_payload.get("ordered")?.as_i64());
    let mut ordered: Vec<_> = ordered.collect();
    ordered.sort_unstable();
    let at = |percent: usize| ordered[ordered.len() * percent / 100];
    assert!((110..=130).contains(&at(50)), "median {}", at(50));
    assert!((750..=1050).contains(&at(95)), "p95 {}", at(95));
}

#[test]
fn a_week_of_holidays_has_volume_all_the_same() {
    let days = (1..=31).map(|day| json!({"date": format!("2026-01-{day:02}"), "name": "closed"}));
    let pack = bakery_with("/calendars/shop/holidays", Value::Array(days.collect()));
    let exceptions = generate(&pack, &run(1, 50));
    assert!(exceptions.iter().all(|of| of.created_at <= time("2026-01-29T15:30:00Z")));
}

#[test]
fn holidays_have_no_volume_unless_the_profile_says_so() {
    let on_epiphany = |pack: &PackDocument| {
        let run = SeedRun {
            as_of: time("2026-01-08T15:30:00Z"),
            ..run(1, 400)
        };
        generate(pack, &run)
            .iter()
            .filter(|of| of.created_at.to_rfc3339().starts_with("2026-01-06"))
            .count()
    };
    assert_eq!(on_epiphany(&bakery()), 0);
    assert!(on_epiphany(&bakery_with("/seedProfiles/rounds/onHolidays", json!(true))) > 20);
}

#[test]
fn a_run_of_none_is_empty() {
    assert!(generate(&bakery(), &run(1, 0)).is_empty());
}

#[test]
fn a_seeder_serves_several_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let pack = bakery();
    let seeder = Seeder::new(&pack).expect("seeder");
    shared(&seeder);
    shared(&seeder.start(&run(1, 1)).expect("series"));
}
