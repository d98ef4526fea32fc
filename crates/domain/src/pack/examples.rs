//! The tests inside a pack: examples that must triage as their author says.

use chrono::{DateTime, Utc};
use serde_json::value::to_raw_value;

use super::{Pack, document::{ExpectDocument, TestDocument}};
use crate::{fault::Fault, intake::RawException, triage::{Triaged, triage}};

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

/// Runs all examples of a pack. `at` is the time they are triaged at.
pub fn run(pack: &Pack, at: DateTime<Utc>) -> Vec<Failure> {
    let tests = pack.document().tests.iter().enumerate();
    tests
        .filter_map(|(index, test)| {
            let differences = differences(pack, test, at);
            (!differences.is_empty()).then(|| Failure { pointer: format!("/tests/{index}"), name: test.name.clone(), differences })
        })
        .collect()
}

fn differences(pack: &Pack, test: &TestDocument, at: DateTime<Utc>) -> Vec<String> {
    let outcome = match to_raw_value(&test.given) {
        Ok(object) => RawException::parse(&object).and_then(|raw| triage(&raw, pack, at)),
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
