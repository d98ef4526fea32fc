//! What the sample packs seed is what the seed guide promises, and triage agrees with it.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use domain::{intake::RawException, pack::Pack, triage::triage};
use seeding::{SeedRun, Seeder};
use serde_json::{Value, value::to_raw_value};

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
            count: 2000,
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
            let wrong = wrong_on_purpose(of.raw_payload.get("rejectReason"));
            let others: Vec<_> = triaged
                .findings
                .iter()
                .filter(|finding| Some(finding.pointer.as_str()) != wrong)
                .collect();
            assert!(others.is_empty(), "{id}: {others:?}");
            assert_eq!(raw.created_at, Some(of.created_at));
            assert!((as_of() - Duration::days(7)..=as_of()).contains(&of.created_at), "{id}");
            assert!(of.created_at < triaged.due_at && triaged.respond_due_at <= triaged.due_at, "{id}");
            types.insert(of.exception_type);
        }
        assert_eq!(types.len(), pack.types().len(), "every type is there");
    }
}

/// A report that was rejected for a field of bad form has such a field; all else is clean.
fn wrong_on_purpose(reject_reason: Option<&Value>) -> Option<&'static str> {
    match reject_reason?.as_str()? {
        "INVALID_UTI" => Some("/rawPayload/uti"),
        "INVALID_TIMESTAMP" => Some("/rawPayload/executionTimestamp"),
        _ => None,
    }
}
