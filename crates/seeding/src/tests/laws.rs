//! What holds for every seed.

use std::collections::BTreeSet;

use chrono::{Datelike, Duration, Timelike, Weekday};
use proptest::prelude::*;
use serde_json::Value;

use super::{bakery, bytes, generate, run, time};
use crate::{SeedRun, SeededException, Seeder};

/// Decimal digits of a JSON number as a whole number of thousandths.
fn thousandths(value: &Value) -> i128 {
    let text = value.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    assert!(fraction.len() <= 3 && !text.contains('e'), "{text}");
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = |text: &str| text.trim_start_matches('-').parse::<i128>().expect("digits");
    sign * (digits(whole) * 1000 + digits(&format!("{fraction:0<3}")))
}

fn numbers<const N: usize>(of: &SeededException, names: [&str; N]) -> [i128; N] {
    names.map(|name| thousandths(&of.raw_payload[name]))
}

fn text<'e>(of: &'e SeededException, name: &str) -> &'e str {
    of.raw_payload[name].as_str().expect(name)
}

fn arithmetic_closes(of: &SeededException) {
    match of.exception_type.as_str() {
        "SHORT_COUNT" => {
            let [ordered, delivered, missing] = numbers(of, ["ordered", "delivered", "missing"]);
            assert_eq!(missing, ordered - delivered);
            assert!(of.raw_payload["delivered"].is_i64() && ordered % 10_000 == 0);
        }
        "TILL_DIFFERENCE" => {
            let [booked, counted, difference] = numbers(of, ["booked", "counted", "difference"]);
            assert_eq!(difference, counted - booked);
            let unit = match text(of, "currency") {
                "JPY" => 1000,
                "EUR" => 10,
                _ => 1,
            };
            assert!([booked, counted, difference].iter().all(|amount| amount % unit == 0));
        }
        _ => {}
    }
}

fn dates_are_ordered(of: &SeededException) {
    let created = of.created_at.with_timezone(&chrono_tz::Europe::Berlin).date_naive().to_string();
    match of.exception_type.as_str() {
        "SHORT_COUNT" => {
            assert!(text(of, "orderedOn") < text(of, "dueOn") && text(of, "dueOn") <= created.as_str());
            let called = time(of.normalized_context["calledAt"].as_str().expect("time"));
            let before = of.created_at - called;
            assert!(before >= Duration::minutes(5) && before <= Duration::minutes(90));
        }
        "LATE_VAN" => assert!(text(of, "plannedOn") < text(of, "dueOn") && text(of, "dueOn") < text(of, "chaseOn")),
        _ => {}
    }
}

fn members_agree(of: &SeededException) {
    let Some(stops) = of.raw_payload.get("stops").and_then(Value::as_array) else {
        return;
    };
    assert_ne!(of.raw_payload["customerId"], of.raw_payload["rival"]);
    for stop in stops {
        let flour = match stop["bread"].as_str() {
            Some("rye") => 1150,
            Some("spelt") => 630,
            Some("wheat") => 550,
            _ => 0,
        };
        assert_eq!(stop["flour"], flour, "attributes of one member");
        assert!(stop.get("_half").is_none(), "hidden");
    }
    let kinds = of.raw_payload["kinds"].as_array().expect("list");
    let different: BTreeSet<_> = kinds.iter().map(Value::to_string).collect();
    assert!((2..=3).contains(&kinds.len()) && different.len() == kinds.len());
    assert_eq!(of.raw_payload["hasTip"], of.raw_payload.contains_key("tip"));
}

fn in_the_window(of: &SeededException, run: &SeedRun) {
    assert!(
        of.created_at <= run.as_of && of.created_at >= run.as_of - Duration::days(7),
        "{}",
        of.created_at
    );
    let local = of.created_at.with_timezone(&chrono_tz::Europe::Berlin);
    assert!(
        !matches!(local.weekday(), Weekday::Sat | Weekday::Sun) && (6..18).contains(&local.hour()),
        "{local}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_exception_is_consistent(seed in any::<u64>(), count in 1_u32..60, later in 0_i64..30_000_000_000) {
        let pack = bakery();
        let run = SeedRun { as_of: time("2026-02-01T00:00:00Z") + Duration::milliseconds(later), ..run(seed, count) };
        let exceptions = generate(&pack, &run);
        prop_assert_eq!(exceptions.len(), count as usize);
        for of in &exceptions {
            arithmetic_closes(of);
            dates_are_ordered(of);
            members_agree(of);
            in_the_window(of, &run);
        }
        let types: BTreeSet<_> = exceptions.iter().map(|of| &of.exception_type).collect();
        prop_assert!(count < 3 || types.len() == 3);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes(seed in any::<u64>(), count in 1_u32..40) {
        let pack = bakery();
        prop_assert_eq!(bytes(&generate(&pack, &run(seed, count))), bytes(&generate(&pack, &run(seed, count))));
        let other = SeedRun { tenant: "TENANT_B".to_owned(), ..run(seed, count) };
        prop_assert_ne!(bytes(&generate(&pack, &run(seed, count))), bytes(&generate(&pack, &other)));
    }

    #[test]
    fn an_exception_does_not_depend_on_its_neighbours(seed in any::<u64>()) {
        let pack = bakery();
        let seeder = Seeder::new(&pack).expect("seeder");
        let (few, many) = (seeder.start(&run(seed, 30)).expect("series"), seeder.start(&run(seed, 90)).expect("series"));
        let mut same = 0;
        for index in (0..30).rev() {
            let (of, other) = (few.get(index).expect("index").expect("made"), many.get(index).expect("index").expect("made"));
            prop_assert_eq!(&of.exception_id, &other.exception_id);
            prop_assert!(of == other || of.exception_type != other.exception_type);
            same += usize::from(of == other);
        }
        prop_assert!(same >= 26, "only stand-ins for missing types differ: {same}");
        prop_assert!(few.get(30).is_none());
    }
}

#[test]
fn the_same_seed_as_of_another_time_gives_other_ids_and_the_same_types() {
    let later = SeedRun {
        as_of: run(5, 0).as_of + Duration::seconds(1),
        ..run(5, 200)
    };
    let (before, after) = (generate(&bakery(), &run(5, 200)), generate(&bakery(), &later));
    let ids: BTreeSet<_> = before.iter().chain(&after).map(|of| &of.exception_id).collect();
    assert_eq!(ids.len(), 400);
    let same = |left: &SeededException, right: &SeededException| {
        left.exception_type == right.exception_type && left.source_system == right.source_system
    };
    assert!(before.iter().zip(&after).all(|(left, right)| same(left, right)));
}

#[test]
fn ids_are_unique_and_well_formed() {
    let exceptions = generate(&bakery(), &run(5, 500));
    let ids: BTreeSet<_> = exceptions.iter().map(|of| &of.exception_id).collect();
    assert_eq!(ids.len(), 500);
    for (index, of) in exceptions.iter().enumerate() {
        let parts: Vec<_> = of.exception_id.split('-').collect();
        let lengths: Vec<_> = parts[1..6].iter().map(|part| part.len()).collect();
        assert_eq!((parts[0], lengths, parts.len()), ("BAK", vec![8, 4, 4, 4, 12], 7));
        assert!(parts[3].starts_with('4') && parts[4].starts_with(['8', '9', 'a', 'b']));
        assert_eq!(parts[6], format!("{:04}", index + 1));
    }
}

#[test]
fn sequence_and_time_are_unrelated() {
    let exceptions = generate(&bakery(), &run(5, 400));
    let earlier = exceptions.windows(2).filter(|pair| pair[0].created_at < pair[1].created_at).count();
    assert!((160..240).contains(&earlier), "{earlier} of 399 follow in time");
}
