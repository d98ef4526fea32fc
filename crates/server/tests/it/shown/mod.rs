//! Every command that a page shows is run, in the order of the pages, against one demo. What is not run is listed with a reason.

mod demo;
mod excluded;
mod page;
mod script;

use std::collections::BTreeSet;

use self::{
    demo::Demo,
    excluded::{EXCLUDED, is_excluded},
    page::Page,
};

/// In the order in which a newcomer reads them.
const PAGES: [&str; 14] = [
    "README.md",
    "docs/seeding.md",
    "docs/ingest.md",
    "docs/api.md",
    "docs/work.md",
    "docs/packs.md",
    "docs/audit.md",
    "docs/jobs.md",
    "docs/tenancy.md",
    "docs/benchmarks.md",
    "docs/adding-a-feature.md",
    "docs/glossary.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
];

/// Least number of commands that are run: an extraction that finds nothing must not pass.
const AT_LEAST: usize = 60;

#[test]
fn every_page_is_read() {
    let mut expected: BTreeSet<String> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned).into();
    for entry in std::fs::read_dir(demo::root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // The other two are made from the code and show no session.
        let is_page = path.extension().is_some_and(|end| end == "md") && !["cli.md", "schema.md"].contains(&name);
        expected.extend(is_page.then(|| format!("docs/{name}")));
    }
    assert_eq!(PAGES.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn every_command_that_is_shown_works() {
    let pages: Vec<Page> = PAGES.into_iter().map(Page::read).collect();
    let steps = || pages.iter().flat_map(|page| &page.steps);
    for (command, reason) in EXCLUDED {
        let is_used = steps().any(|step| step.text.starts_with(command));
        assert!(is_used, "no page shows `{command}` ({reason}): take it off the list");
    }
    let run = steps().filter(|step| !is_excluded(step)).count();
    assert!(run >= AT_LEAST, "only {run} commands are run");
    let demo = Demo::new();
    for page in &pages {
        demo.run(page);
    }
}
