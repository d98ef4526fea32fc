//! What the sample packs seed is what the seed guide promises, and triage agrees with it.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use domain::{intake::RawException, pack::Pack, triage::triage};
use seeding::{SeedRun, Seeder};
use serde_json::value::to_raw_value;

const PACKS: [(&str, &str); 2] = [
    ("FIN", include_str!("../../../domainpacks/finance.sample.json")),
    ("HC", include_str!("../../../domainpacks/healthcare.sample.json")),
];

fn pack(text: &str) -> Pack {
    Pack::parse(text).expect("the pack is sound")
}

fn as_of() -> DateTime<Utc> {
    "2026-05-14T16:00:00Z".parse().expect("time")
}

#[test]
fn sample_packs_have_no_faults() {
    for (prefix, text) in PACKS {
        assert_eq!(Seeder::faults(pack(text).document()), [], "{prefix}");
    }
}

#[test]
fn triage_accepts_what_is_seeded_and_agrees_with_its_severity() {
    for (prefix, text) in PACKS {
        let pack = pack(text);
        let run = SeedRun {
            tenant: "TENANT".to_owned(),
            seed: 11,
            as_of: as_of(),
            count: 400,
        };
        let seeder = Seeder::new(pack.document()).expect("seeder");
        let mut types = BTreeSet::new();
        for of in seeder.start(&run).expect("series").iter() {
            let of = of.expect("made");
            let id = &of.exception_id;
            assert!(id.starts_with(&format!("{prefix}-")), "{id}");
            let raw = RawException::parse(&to_raw_value(&of.body()).expect("JSON")).expect("well-formed");
            let triaged = triage(&raw, &pack, as_of()).expect("accepted");
            assert_eq!(
                (&triaged.exception_type, triaged.severity),
                (&of.exception_type, of.severity),
                "{id}"
            );
            // A report that was rejected for its UTI has a wrong one; all else is clean.
            let is_wrong = of.raw_payload.get("rejectReason").is_some_and(|reason| reason == "INVALID_UTI");
            let findings: Vec<_> = triaged.findings.iter().map(|finding| finding.pointer.as_str()).collect();
            let expected: &[&str] = if is_wrong { &["/rawPayload/uti"] } else { &[] };
            assert_eq!(findings, expected, "{id}");
            assert_eq!(raw.created_at, Some(of.created_at));
            assert!((as_of() - Duration::days(7)..=as_of()).contains(&of.created_at), "{id}");
            assert!(of.created_at < triaged.due_at && triaged.respond_due_at <= triaged.due_at, "{id}");
            types.insert(of.exception_type);
        }
        assert_eq!(types.len(), pack.types().len(), "every type is there");
    }
}
