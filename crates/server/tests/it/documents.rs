//! The pages written by hand say what is there: their links, commands, make targets, file names, tests and example packs.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::{Command, error::ErrorKind};
use domain::{
    pack::{Pack, examples, seed::Generator},
    status::Status,
    work::allowed,
};
use seeding::Seeder;

use super::markdown::{Page, commands};

/// Made from the code; other tests compare them.
const GENERATED: [&str; 2] = ["docs/cli.md", "docs/schema.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Files below a folder of the repository, by the end of their names.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_ours = !name.starts_with('.') && !["target", "node_modules", "dist", "test-results"].contains(&name.as_str());
        if is_ours && path.is_dir() {
            found.extend(files(&path, end));
        } else if is_ours && name.ends_with(end) {
            found.push(path);
        }
    }
    found
}

fn pages() -> Vec<Page> {
    let generated = GENERATED.map(|path| root().join(path));
    let mut pages = files(&root(), ".md");
    pages.retain(|path| !generated.contains(path));
    assert!(pages.len() > 8, "{pages:?}");
    pages.into_iter().map(Page::read).collect()
}

#[test]
fn links_lead_somewhere() {
    for page in pages() {
        for link in page.links() {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let file = if path.is_empty() {
                page.path.clone()
            } else {
                page.path.parent().unwrap().join(path)
            };
            assert!(file.exists(), "{page}: {link} leads nowhere");
            let is_known = anchor.is_empty() || Page::read(file).anchors().any(|known| known == anchor);
            assert!(is_known, "{page}: {link} names no heading");
        }
    }
}

#[test]
fn every_picture_of_the_desk_is_listed() {
    let folder = root().join("docs/screens");
    let listed: BTreeSet<PathBuf> = Page::read(folder.join("README.md"))
        .links()
        .into_iter()
        .map(|link| folder.join(link))
        .collect();
    let taken: BTreeSet<PathBuf> = files(&folder, ".png").into_iter().collect();
    assert_eq!(listed, taken);
    assert!(taken.len() > 20, "{}", taken.len());
}

#[test]
fn commands_that_are_shown_parse() {
    let mut count = 0;
    for page in pages() {
        for words in page.blocks().flat_map(commands).filter(|words| words[0] == "sentinai") {
            count += 1;
            let Err(error) = server::cli::command().try_get_matches_from(&words) else {
                continue;
            };
            let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            assert!(
                is_help || words.iter().any(|word| is_placeholder(word)),
                "{page}: {}\n{error}",
                words.join(" ")
            );
        }
    }
    assert!(count > 30, "{count}");
}

/// `TENANT` stands for a tenant, and `$KEY` for what the shell puts there; `TENANT_FINANCE_001` is a tenant.
fn is_placeholder(word: &str) -> bool {
    word.starts_with('$') || word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase())
}

#[test]
fn commands_and_options_that_are_named_exist() {
    let mut program = server::cli::command();
    program.build();
    for page in pages() {
        for words in page.codes().flat_map(commands).filter(|words| words[0] == "sentinai") {
            if let Err(unknown) = known(&program, &words[1..]) {
                panic!("{page}: there is no {unknown} in `{}`", words.join(" "));
            }
        }
    }
}

/// Walks down to the command that is named and looks for its options. Arguments may be left out.
fn known<'w>(program: &Command, words: &'w [String]) -> Result<(), &'w str> {
    let mut command = program;
    for word in words.iter().take_while(|word| *word != "--") {
        if let Some(option) = word.strip_prefix("--") {
            let is_there = option == "help" || command.get_arguments().any(|known| known.get_long() == Some(option));
            is_there.then_some(()).ok_or(word.as_str())?;
        } else if command.has_subcommands() {
            command = command.find_subcommand(word).ok_or(word.as_str())?;
        }
    }
    Ok(())
}

#[test]
fn make_targets_that_are_named_exist() {
    let makefile = read("Makefile");
    let rules = makefile.lines().filter(|line| !line.starts_with(['\t', '.', '#']));
    let targets: BTreeSet<&str> = rules.filter_map(|line| line.split_once(':')).map(|(target, _)| target).collect();
    for page in pages() {
        for words in page
            .blocks()
            .chain(page.codes())
            .flat_map(commands)
            .filter(|words| words[0] == "make")
        {
            for target in words[1..].iter().filter(|word| !word.starts_with('-') && !word.contains('=')) {
                assert!(targets.contains(target.as_str()), "{page}: the Makefile has no {target}");
            }
        }
    }
}

#[test]
fn files_and_tests_that_are_named_exist() {
    let sources: String = files(&root().join("crates"), ".rs")
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for page in pages() {
        for code in page.codes() {
            let is_path = ["crates/", "ui/", "scripts/", "domainpacks/", "docs/"]
                .iter()
                .any(|start| code.starts_with(start));
            if is_path && !code.contains(['*', ' ']) {
                assert!(root().join(code).exists(), "{page}: there is no {code}");
            }
            let is_law = code.matches('_').count() >= 3 && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(
                !is_law || sources.contains(&format!("fn {code}(")),
                "{page}: there is no test {code}"
            );
        }
    }
}

#[test]
fn packs_that_are_shown_are_sound() {
    let page = Page::read(root().join("docs/packs.md"));
    let packs: Vec<&str> = page.blocks_of("json").collect();
    assert!(!packs.is_empty());
    for text in packs {
        let pack = Pack::parse(text).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(examples::run(&pack), []);
        assert_eq!(Seeder::faults(pack.document()), []);
    }
    let generators = page.codes().filter(|code| code.starts_with("{\""));
    let made = generators.map(|code| serde_json::from_str::<Generator>(code).unwrap_or_else(|error| panic!("{code}: {error}")));
    assert_eq!(made.count(), 18, "one of each generator");
}

#[test]
fn json_that_is_shown_is_json() {
    for page in pages() {
        for text in page.blocks_of("json") {
            let parsed = serde_json::from_str::<serde_json::Value>(text);
            assert!(parsed.is_ok(), "{page}: {parsed:?}\n{text}");
        }
    }
}

#[test]
fn the_table_of_errors_has_every_code() {
    let (source, page) = (read("crates/server/src/http/problem.rs"), read("docs/api.md"));
    let codes: Vec<&str> = source.split("=> (\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(codes.len() > 15, "{codes:?}");
    for code in codes {
        assert!(page.contains(&format!("| `{code}` |")), "docs/api.md does not have {code}");
    }
}

#[test]
fn the_table_of_verbs_is_the_machines() {
    let page = read("docs/work.md");
    for status in Status::ALL {
        let verbs: Vec<String> = allowed(status, None).iter().map(|verb| format!("`{verb}`")).collect();
        let row = format!("| `{status}` | {} |", verbs.join(", "));
        assert!(page.contains(&row), "docs/work.md needs the row {row}");
    }
    let module = read("crates/domain/src/work/mod.rs");
    let drawing = |text: &str, prefix: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.strip_prefix(prefix).unwrap_or(line).trim().to_owned());
        lines.filter(|line| line.contains(['─', '│', '▲', '▼'])).collect()
    };
    assert_eq!(drawing(&page, ""), drawing(&module, "//!"));
}
