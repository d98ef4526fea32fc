//! A short run of every target over its changed corpus: what CI does on any toolchain. `make fuzz` looks longer, with libFuzzer.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use fuzzing::{Mutation, TARGETS};

/// Changed bytes per target.
const CASES: u64 = 4000;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

fn run(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).unwrap();
    let corpus = corpus(name);
    assert!(corpus.len() >= 3, "fuzz/corpus/{name} has {} files", corpus.len());
    for case in 0..CASES {
        let [one, other] = [case, case / 7].map(|at| &corpus[usize::try_from(at).unwrap() % corpus.len()]);
        let mut bytes = one.clone();
        if case >= corpus.len() as u64 {
            Mutation::of(case).change(&mut bytes, other);
        }
        let held = catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_ok();
        assert!(held, "case {case} of {name}: {:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn envelopes() {
    run("envelope");
}

#[test]
fn lines() {
    run("lines");
}

#[test]
fn cloud_events() {
    run("cloud_event");
}

#[test]
fn rules() {
    run("rule");
}
