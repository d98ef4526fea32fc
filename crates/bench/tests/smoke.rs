//! The benchmark runs to its end, with few rows and little time, so that it is there when it is needed.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::{path::Path, process::Command};

use serde_json::Value;

#[test]
fn every_measurement_gives_a_figure() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let json = folder.path().join("bench.json");
    // The program of the same build; `cargo test --workspace` makes both.
    let program = Path::new(env!("CARGO_BIN_EXE_bench")).with_file_name("sentinai");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--rows", "0", "--runs", "1", "--seconds", "1", "--only", "post,ndjson,read"])
        .arg("--program")
        .arg(program)
        .arg("--home")
        .arg(folder.path())
        .arg("--json")
        .arg(&json)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    let result: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    let stage = &result["stages"][0];
    assert!(stage["bytesPerException"].as_i64().unwrap() > 500, "{said}");
    let measured = stage["measured"].as_array().unwrap();
    assert!(measured.len() > 16, "{said}");
    for one in measured {
        assert!(one["count"].as_u64().unwrap() > 0 && one["rate"].as_f64().unwrap() > 0.0, "{one}");
    }
    assert!(said.contains("POST, 32 clients") && said.contains("one exception"), "{said}");
}
