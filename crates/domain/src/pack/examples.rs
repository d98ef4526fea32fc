//! The tests inside a pack: examples that must triage as their author says.

use chrono::DateTime;
use serde_json::value::to_raw_value;

use super::{
    Pack,
    document::{ExpectDocument, TestDocument},
};
use crate::{
    fault::Fault,
    intake::RawException,
    triage::{Triaged, triage},
};

/// An example that did not come out as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// JSON pointer to the test.
    pub pointer: String,
    /// Name of the test.
    pub name: String,
    /// Expected and found, one line per difference.
    pub differences: Vec<String>,
}

/// When an example without a timestamp is triaged: Monday noon, 5 January 2026 UTC.
const WITHOUT_TIMESTAMP: i64 = 1_767_614_400;

/// Runs all examples of a pack. Each is triaged at its own timestamp, so that its outcome never depends on the day it runs.
pub fn run(pack: &Pack) -> Vec<Failure> {
    let tests = pack.document().tests.iter().enumerate();
    tests
        .filter_map(|(index, test)| {
            let differences = differences(pack, test);
            (!differences.is_empty()).then(|| Failure {
                pointer: format!("/tests/{index}"),
                name: test.name.clone(),
                differences,
            })
        })
        .collect()
}

fn differences(pack: &Pack, test: &TestDocument) -> Vec<String> {
    let outcome = match to_raw_value(&test.given) {
        Ok(object) => RawException::parse(&object).and_then(|raw| {
            let at = raw
                .created_at
                .or_else(|| DateTime::from_timestamp(WITHOUT_TIMESTAMP, 0))
                .unwrap_or_default();
            triage(&raw, pack, at)
        }),
        Err(error) => Err(vec![Fault::at("", "not-json", error.to_string())]),
    };
    let mut found = Vec::new();
    match (outcome, &test.expect.refused) {
        (Ok(triaged), None) => compare(&triaged, &test.expect, &mut found),
        (Ok(_), Some(expected)) => found.push(format!("expected to be refused at {}; it was accepted", expected.join(", "))),
        (Err(faults), Some(expected)) => differ("refused at", expected, &pointers(&faults), &mut found),
        (Err(faults), None) => {
            found.extend(faults.iter().map(|fault| format!("refused: {} {}", fault.pointer, fault.message)));
        }
    }
    found
}

fn compare(triaged: &Triaged, expect: &ExpectDocument, found: &mut Vec<String>) {
    if let Some(severity) = expect.severity {
        differ("severity", &severity, &triaged.severity, found);
    }
    if let Some(queue) = &expect.queue {
        differ("queue", queue, &triaged.queue, found);
    }
    if let Some(title) = &expect.title {
        differ("title", title, &triaged.title, found);
    }
    if let Some(due_at) = &expect.due_at {
        differ("dueAt", due_at, &triaged.due_at, found);
    }
    if let Some(findings) = &expect.findings {
        differ("findings", findings, &pointers(&triaged.findings), found);
    }
}

fn pointers(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| fault.pointer.clone()).collect()
}

fn differ<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, got: &T, found: &mut Vec<String>) {
    if expected != got {
        found.push(format!("{what}: expected {expected:?}, got {got:?}"));
    }
}
