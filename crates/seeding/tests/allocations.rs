//! Allocations of triage: a count that no machine changes, where a time would depend on it.

use std::sync::Arc;

use chrono::DateTime;
use domain::{
    exception::{Arrival, OnConflict, Received, Sender},
    intake::RawException,
    pack::Pack,
    triage::triage,
};
use seeding::{SeedRun, Seeder};
use serde_json::value::RawValue;

#[global_allocator]
static COUNTED: dhat::Alloc = dhat::Alloc;

/// Exceptions whose mean counts: all types of the pack, often.
const COUNT: u32 = 400;

#[test]
fn an_exception_is_read_and_triaged_with_few_allocations() {
    let text = include_str!("../../../domainpacks/finance.sample.json");
    let pack = Arc::new(Pack::parse(text).expect("a pack"));
    let seeder = Seeder::new(pack.document()).expect("a seeder");
    let at = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
    let run = SeedRun {
        tenant: "T".into(),
        seed: 7,
        as_of: at,
        count: COUNT,
    };
    let series = seeder.start(&run).expect("a series");
    let bodies = (0..series.len()).map(|index| series.get(index).expect("in range").expect("made").body().to_string());
    let objects: Vec<Box<RawValue>> = bodies.map(|body| serde_json::from_str(&body).expect("JSON")).collect();

    let counting = dhat::Profiler::builder().testing().build();
    for object in &objects {
        let raw = RawException::parse(object).expect("an exception");
        let triaged = triage(&raw, &pack, at).expect("accepted");
        let arrival = Arrival {
            at,
            sender: Sender::Member("member:a".into()),
            on_conflict: OnConflict::Refuse,
        };
        let id = raw.exception_id.clone().expect("an id");
        drop(Received::new(id, raw, triaged, &pack, arrival));
    }
    let each = dhat::HeapStats::get().total_blocks / u64::from(COUNT);
    drop(counting);
    println!("{each} allocations for each exception");
    assert!(each <= 600, "{each} allocations for each exception");
}
