//! The texts of all statements: each names its tenant, and none does what a distributed PostgreSQL refuses.

use std::path::Path;

const TENANT_TABLES: [&str; 17] = [
    "member",
    "evidence",
    "pack_activation",
    "exception",
    "facet_count",
    "due_hour_count",
    "facet_value_count",
    "recurrence",
    "event",
    "chain_head",
    "quarantine",
    "quarantine_count",
    "idempotent_request",
    "approval_request",
    "job",
    "bulk_run",
    "bulk_item",
];

fn statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.sqlx");
    let files = std::fs::read_dir(folder).expect("the checked statements are committed");
    files
        .map(|file| {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let statement: serde_json::Value = serde_json::from_str(&text).unwrap();
            flat(statement["query"].as_str().unwrap())
        })
        .collect()
}

fn flat(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mentions(statement: &str, table: &str) -> bool {
    ["from", "into", "update", "join"].iter().any(|verb| {
        statement
            .split(' ')
            .collect::<Vec<_>>()
            .windows(2)
            .any(|pair| pair == [*verb, table])
    })
}

/// Fails unless every text has a name, says its tenant wherever it reads a tenant's table, and suits a distributed PostgreSQL.
pub fn assert_lawful(texts: &[String]) {
    for statement in texts.iter().map(|text| flat(text)) {
        assert!(statement.starts_with("-- "), "without a name: {statement}");
        for table in TENANT_TABLES.iter().filter(|table| mentions(&statement, table)) {
            let named = statement.contains("tenant_id = $1") || statement.contains(&format!("insert into {table} (tenant_id"));
            assert!(named, "{table} without its tenant: {statement}");
        }
        if statement.contains("insert into") && statement.contains("select") {
            assert!(statement.contains("on conflict") || statement.contains("returning"), "{statement}");
        }
        for refused in ["now()", "clock_timestamp()", "current_timestamp", " offset "] {
            assert!(!statement.contains(refused), "{refused}: {statement}");
        }
    }
}

#[test]
fn every_statement_has_a_name_and_says_its_tenant() {
    let all = statements();
    assert!(all.len() > 15, "{}", all.len());
    assert_lawful(&all);
}
