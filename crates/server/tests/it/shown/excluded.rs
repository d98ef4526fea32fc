//! Commands that are shown and not run here, each with the reason.

use super::page::Step;

/// By how the command begins.
pub const EXCLUDED: [(&str, &str); 18] = [
    (
        "make demo",
        "builds the desk and the program for release; the demo it starts is the one of this test",
    ),
    ("DEMO_DETACH=1 make demo", "the same"),
    ("make test", "runs this test"),
    (
        "make generate",
        "writes into the working copy; the tests of generated files compare what it would write",
    ),
    ("make faults", "runs for many minutes"),
    ("make fuzz", "builds a workspace of its own"),
    ("make bench", "builds for release and measures for many minutes"),
    ("cargo ", "builds or runs the tests"),
    ("TEST_DATABASE_URL=", "needs a PostgreSQL elsewhere, and runs this test"),
    (
        "DATABASE_URL=\"$(sentinai db url --home target/tmp/checking)\" cargo",
        "builds the workspace",
    ),
    ("cd ui", "is for npm, which the tests of the desk run"),
    ("npm run dev", "the tests of the desk run it"),
    ("docker compose", "needs containers"),
    ("docker exec", "needs containers"),
    ("export DATABASE_URL=postgres://postgres:secret@db.example", "another host"),
    ("SENTINAI_APP_DATABASE_URL=postgres://desk_server", "another host"),
    ("tenant_id = nullif(", "an expression and no statement"),
    (
        "sentinai ingest breaks.csv --tenant-id TENANT_FINANCE_001 --source SettlementSystem --type CASH_BREAK --resume",
        "needs a run that was interrupted; the tests of ingest make one",
    ),
];

pub fn is_excluded(step: &Step) -> bool {
    EXCLUDED.iter().any(|(command, _)| step.text.starts_with(command))
}

/// Commands that go on until they are stopped, and how a shell notices that they work; `said` is what they write. The first that fits counts.
pub const ENDLESS: [(&str, &str); 3] = [
    ("sentinai serve --anchor-file", "test -s anchors.ndjson"),
    ("sentinai serve", "grep -q 'ready at http://' said"),
    ("curl -N", "grep -q ': connected' said"),
];

/// Programs of PostgreSQL that not every machine has; where one is not there, what needs it is skipped.
pub const OPTIONAL: [&str; 2] = ["pg_dump", "pg_restore"];
