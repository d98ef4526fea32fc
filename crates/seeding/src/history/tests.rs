//! Histories of the sample packs: what happens in them, in which proportions, and that they are the same every time.

use std::{collections::BTreeMap, sync::Arc};

use domain::{lived::Lived, pack::Pack};

use super::Figures;
use crate::{SeedRun, Seeder};

const PACKS: [&str; 2] = [
    include_str!("../../../../domainpacks/finance.sample.json"),
    include_str!("../../../../domainpacks/healthcare.sample.json"),
];

fn run(seed: u64, count: u32) -> SeedRun {
    SeedRun {
        tenant: "TENANT".to_owned(),
        seed,
        as_of: "2026-11-20T19:00:00Z".parse().expect("time"),
        count,
    }
}

fn lived(pack: &str, run: &SeedRun, days: u16) -> (Vec<Lived>, Figures) {
    let pack = Arc::new(Pack::parse(pack).expect("a pack"));
    let seeder = Seeder::new(pack.document()).expect("a seeder");
    let mut life = seeder.live(&pack, run, days).expect("a history");
    let lived = life.by_ref().map(|step| step.expect("a step")).collect();
    (lived, life.figures())
}

/// Kinds and times of all events, in order.
fn events(lived: &[Lived]) -> Vec<(String, &'static str, chrono::DateTime<chrono::Utc>)> {
    lived
        .iter()
        .flat_map(|step| match step {
            Lived::Decided(decision) => decision.events.clone(),
            Lived::Received { arriving, known } => {
                let mut reception = domain::reception::Reception::new(known.iter().cloned());
                reception.take(arriving).expect("received");
                reception.events
            }
        })
        .map(|event| (event.exception_id, event.kind.as_str(), event.at))
        .collect()
}

#[test]
fn proportions_are_those_of_a_real_desk() {
    for pack in PACKS {
        let (_, figures) = lived(pack, &run(5, 2000), 30);
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
        assert_eq!((figures.exceptions, figures.not_done), (2000, 0));
        assert!((0.88..0.99).contains(&share(figures.resolved, figures.exceptions)));
        assert!((0.05..0.12).contains(&share(figures.resolved_late, figures.resolved)));
        assert!((0.08..0.45).contains(&share(figures.recurred, figures.exceptions)));
        assert!((0.02..0.30).contains(&share(figures.parts, figures.exceptions)));
        let hours = figures.median_to_resolve.expect("some are done").num_minutes();
        assert!((60..24 * 60).contains(&hours), "{hours} minutes");
        for some in [
            figures.open,
            figures.waiting,
            figures.escalated,
            figures.overdue,
            figures.granted,
            figures.refused,
        ] {
            assert!(some > 0);
        }
    }
}

#[test]
fn time_never_goes_back_and_nothing_lies_ahead() {
    let run = run(3, 400);
    let (lived, _) = lived(PACKS[0], &run, 30);
    let events = events(&lived);
    assert!(events.is_sorted_by_key(|(_, _, at)| *at), "in the order of time");
    assert!(events.iter().all(|(_, _, at)| *at <= run.as_of));
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, kind, _) in &events {
        *kinds.entry(kind).or_default() += 1;
    }
    for kind in [
        "received",
        "claimed",
        "commented",
        "waiting",
        "wait_ended",
        "resumed",
        "escalated",
        "approval_requested",
        "resolved",
        "breached",
        "respond_breached",
        "recurred",
        "linked",
        "step_completed",
    ] {
        assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn the_same_seed_lives_the_same_and_another_one_does_not() {
    let told = |seed| format!("{:?}", events(&lived(PACKS[1], &run(seed, 150), 20).0));
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

#[test]
fn short_and_tiny_histories_are_histories() {
    for (count, days) in [(1, 1), (3, 1), (20, 366)] {
        let (_, figures) = lived(PACKS[0], &run(9, count), days);
        assert_eq!((figures.exceptions, figures.not_done), (count, 0));
    }
}

#[test]
fn a_pack_that_says_little_has_a_history_as_well() {
    let mut pack: serde_json::Value = serde_json::from_str(PACKS[0]).expect("a pack");
    for part in ["waitingReasons", "approvals"] {
        pack.as_object_mut().expect("an object").remove(part);
    }
    for (_, kind) in pack["exceptionTypes"].as_object_mut().expect("types") {
        kind.as_object_mut().expect("a type").remove("sla");
    }
    for (_, playbook) in pack["playbooks"].as_object_mut().expect("playbooks") {
        playbook["steps"] = serde_json::json!([]);
    }
    for (_, queue) in pack["queues"].as_object_mut().expect("queues") {
        queue.as_object_mut().expect("a queue").remove("escalatesTo");
    }
    let (_, figures) = lived(&pack.to_string(), &run(2, 300), 30);
    assert_eq!((figures.not_done, figures.granted, figures.waiting), (0, 0, 0));
    assert!(figures.resolved > 200 && figures.breached > 0, "{figures:?}");
}
