//! The texts, whole: people search for them.

use std::{path::Path, time::Duration};

use clap::Parser;
use reqwest::StatusCode;

use super::*;
use crate::cli::api::{
    failure::Failure,
    report::{Sender, database_is_ill},
};

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    installation: Installation,
}

fn report() -> Report {
    Report::new(&URL.parse().expect("URL"), Path::new(".sentinai/credentials.json"), Sender::Seed)
}

fn tenant() -> TenantId {
    "TENANT_FINANCE_001".parse().expect("id")
}

fn refused(status: u16, code: &str, detail: &str) -> String {
    let body = serde_json::json!({"code": code, "detail": detail}).to_string();
    let failure = Failure::refused(StatusCode::from_u16(status).expect("status"), None, body.as_bytes());
    report().failed(&failure, Some(&tenant()))
}

#[test]
fn no_server() {
    let text = report().failed(&Failure::Unreachable("Connection refused (os error 111)".into()), None);
    insta::assert_snapshot!(text, @r"
    [FAILED] Cannot connect to API server at http://localhost:8000
      Connection refused (os error 111)
      Start it with: sentinai serve (or make demo)
    ");
}

#[test]
fn no_database() {
    let failure = Failure::refused(
        StatusCode::SERVICE_UNAVAILABLE,
        None,
        br#"{"detail": "The database does not answer"}"#,
    );
    insta::assert_snapshot!(database_is_ill(&failure), @r"
    [WARNING] Database health check failed
      503 - The database does not answer
      Start it with: sentinai db start, then sentinai migrate
    ");
}

#[test]
fn wrong_key_and_no_key() {
    insta::assert_snapshot!(refused(401, "invalid-credential", "Unauthorized: this key is unknown"), @r"
    [FAILED] Failed to ingest exception: 401 - Unauthorized
      this key is unknown
      Give the tenant's key with --api-key or in .sentinai/credentials.json; make one with: sentinai key create --tenant TENANT_FINANCE_001 --role operator --name seeding
    ");
    let text = report().failed(&Failure::unauthorized(&report().no_key(&tenant())), Some(&tenant()));
    assert!(text.starts_with(
        "[FAILED] Failed to ingest exception: 401 - Unauthorized\n  there is no key for TENANT_FINANCE_001 in .sentinai/cred"
    ));
}

#[test]
fn other_refusals_name_their_fix() {
    insta::assert_snapshot!(refused(404, "not-found", "There is no such thing"), @r"
    [FAILED] Failed to ingest exception: 404 - there is no tenant TENANT_FINANCE_001 for this key
      List the tenants with: sentinai tenant list
    ");
    insta::assert_snapshot!(refused(403, "insufficient-role", "This needs a key with the role operator; this key's role is viewer"), @r"
    [FAILED] Failed to ingest exception: 403 - This needs a key with the role operator; this key's role is viewer
      Make a key that may send with: sentinai key create --tenant TENANT_FINANCE_001 --role operator --name seeding
    ");
    insta::assert_snapshot!(refused(409, "differs", "Exception X is stored with other content"), @r"
    [FAILED] Failed to ingest exception: 409 - Exception X is stored with other content
      Choose another --seed or --as-of
    ");
    for (status, code, fix) in [
        (403, "tenant-suspended", "sentinai tenant resume TENANT_FINANCE_001"),
        (
            409,
            "no-active-pack",
            "sentinai pack activate DOMAIN VERSION --tenant TENANT_FINANCE_001",
        ),
        (422, "in-the-future", "--as-of that is not in the future"),
        (422, "refused", "sentinai pack lint FILE"),
        (503, "database-unavailable", "sentinai db start, then sentinai migrate"),
        (429, "busy", "--concurrency or --rate"),
        (500, "internal", "log of the server"),
        (404, "", "--api-url"),
    ] {
        let text = refused(status, code, "why");
        assert!(
            text.starts_with(&format!("[FAILED] Failed to ingest exception: {status} - why\n")),
            "{text}"
        );
        assert!(text.contains(fix), "{text}");
    }
}

#[test]
fn a_summary_counts_everything() {
    let tally = Tally {
        ingested: 1234,
        duplicates: 1,
        severities: [(Severity::Critical, 35), (Severity::Low, 1200)].into(),
        elapsed: Duration::from_millis(2470),
        ..Tally::default()
    };
    insta::assert_snapshot!(summary(&tenant(), &tally), @r"
    [OK] TENANT_FINANCE_001: 1,234 ingested, 1 duplicates, 0 failures in 2.47 s (500 per second)
      CRITICAL 35, LOW 1,200
    ");
    let failed = Tally {
        failures: 50,
        ..Tally::default()
    };
    insta::assert_snapshot!(summary(&tenant(), &failed), @"[FAILED] TENANT_FINANCE_001: 0 ingested, 0 duplicates, 50 failures in 0.00 s (0 per second)");
}

#[test]
fn next_steps_can_be_pasted() {
    let line = "seed --seed 7 --as-of 2026-05-14T16:00:00Z --count 20 --tenant-id TENANT_FINANCE_001 --home .sentinai";
    let cli = Cli::parse_from(line.split(' '));
    let order = Order::new(&cli.seed);
    let targets = [Target::with_key(tenant(), None)];
    insta::assert_snapshot!(report().next_steps(&cli.seed, &order, &targets, &cli.installation), @r#"
    Next steps
      Open the desk   http://localhost:8000
      Log in          TENANT_FINANCE_001, with a key from .sentinai/credentials.json
      Count rows      sentinai db psql -- -c "SELECT tenant_id, COUNT(*) FROM exception GROUP BY tenant_id;"
      Verify          sentinai seed --tenant-id TENANT_FINANCE_001 --count 20 --seed 7 --as-of 2026-05-14T16:00:00Z --verify
    "#);
    insta::assert_snapshot!(opening(&order, &targets), @"Seeding TENANT_FINANCE_001 with 20 exceptions (--seed 7 --as-of 2026-05-14T16:00:00Z)");
}

#[test]
fn numbers_have_commas() {
    assert_eq!([0_u32, 999, 1000, 10_000_000].map(grouped), ["0", "999", "1,000", "10,000,000"]);
}
