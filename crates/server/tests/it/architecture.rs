//! The structure of the code: arrows between modules, no business terms in the core, files that stay small.

use std::path::{Path, PathBuf};

const CRATES: [&str; 5] = ["domain", "seeding", "store", "server", "fuzzing"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

fn crate_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src")
}

#[test]
fn http_worker_and_cli_do_not_reach_into_each_other() {
    let server = crate_folder("server");
    for file in sources(&server.join("http")) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            !text.contains("crate::cli") && !text.contains("cli::") && !text.contains("crate::worker"),
            "{} knows the command line or the worker",
            file.display()
        );
    }
    for file in sources(&server.join("worker")) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            !text.contains("crate::cli") && !text.contains("crate::http"),
            "{} knows the command line or http",
            file.display()
        );
    }
    for file in sources(&server.join("cli")) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            !text.contains("http::exceptions") && !text.contains("http::session"),
            "{} reaches into http",
            file.display()
        );
    }
}

#[test]
fn only_commands_read_the_clock_of_the_system() {
    let server = crate_folder("server");
    let files = sources(&server).into_iter().filter(|file| !file.starts_with(server.join("cli")));
    for file in files.filter(|file| !file.ends_with("clock.rs")) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            !text.contains("clock::now()") && !text.contains("clock::{now"),
            "{} reads the system's clock: ask the Clock that it is given",
            file.display()
        );
    }
}

#[test]
fn the_core_knows_no_business() {
    let terms = [
        "trade",
        "trades",
        "settlement",
        "counterparty",
        "cash",
        "patient",
        "claimant",
        "pharmacy",
        "finance",
        "healthcare",
        "TENANT_FINANCE_001",
    ];
    for name in CRATES {
        for file in sources(&crate_folder(name)) {
            // Formats are standards of the trade by nature; tests may say what they like.
            if file
                .components()
                .any(|part| part.as_os_str() == "format" || part.as_os_str() == "tests")
                || file.ends_with("tests.rs")
            {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for (number, line) in code.lines().enumerate() {
                let code = line.split("//").next().unwrap();
                let words: Vec<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
                for term in terms {
                    assert!(
                        !words.iter().any(|word| word.eq_ignore_ascii_case(term)),
                        "{}:{} says {term}",
                        file.display(),
                        number + 1
                    );
                }
            }
        }
    }
}

#[test]
fn files_stay_small() {
    for name in CRATES {
        for file in sources(&crate_folder(name)) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 400, "{} has {lines} lines: split it", file.display());
        }
    }
}
