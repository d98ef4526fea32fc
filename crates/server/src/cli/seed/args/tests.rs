//! The arguments of the guide and what is said about wrong ones.

use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    seed: SeedArgs,
}

fn parse(arguments: &[&str]) -> Result<SeedArgs, String> {
    let parsed = Cli::try_parse_from(std::iter::once("seed").chain(arguments.iter().copied()));
    parsed.map(|cli| cli.seed).map_err(|error| error.to_string())
}

#[test]
fn the_defaults_are_the_guides() {
    let args = parse(&[]).expect("parses");
    assert_eq!(args.api_url.to_string(), "http://localhost:8000");
    assert_eq!((args.tenant_id, args.count, args.skip_health_check), (Tenants::All, 50, false));
    assert!(args.api_key.is_none() && args.seed.is_none() && args.as_of.is_none() && args.rate.is_none());
    assert_eq!((args.concurrency, args.verify), (None, false));
}

#[test]
fn many_go_as_a_stream_unless_a_concurrency_is_asked_for() {
    let way = |arguments: &[&str]| Order::new(&parse(arguments).expect("parses")).way;
    assert_eq!(way(&["--count", "1000"]), Way::OneByOne(32));
    assert_eq!(way(&["--count", "1001"]), Way::Stream);
    assert_eq!(way(&["--count", "1001", "--concurrency", "8"]), Way::OneByOne(8));
}

#[test]
fn every_parameter_of_the_guide_is_taken() {
    let line = "--api-url http://localhost:8080/ --tenant-id TENANT_FINANCE_001 --count 100 --skip-health-check --api-key sk-1";
    let args = parse(&line.split(' ').collect::<Vec<_>>()).expect("parses");
    assert_eq!(args.api_url.to_string(), "http://localhost:8080");
    assert_eq!(args.tenant_id, Tenants::One("TENANT_FINANCE_001".parse().expect("id")));
    assert_eq!((args.count, args.skip_health_check), (100, true));
    assert_eq!(args.api_key.expect("key").header(), "sk-1");
}

#[test]
fn wrong_counts_are_refused_with_what_is_allowed() {
    for wrong in ["0", "-1", "abc", "1.5", "10000001", ""] {
        let message = parse(&["--count", wrong]).expect_err(wrong);
        assert!(message.contains("write a whole number from 1 to 10,000,000"), "{message}");
        assert!(message.contains("--count"), "{message}");
    }
    assert_eq!(parse(&["--count", "10000000"]).expect("parses").count, 10_000_000);
}

#[test]
fn wrong_addresses_tenants_and_times_are_refused() {
    for wrong in ["localhost:8000", "ftp://x", "http://", "http://x?a=b"] {
        assert!(parse(&["--api-url", wrong]).is_err(), "{wrong}");
    }
    assert!(
        parse(&["--tenant-id", "a/b"])
            .expect_err("refused")
            .contains("a tenant id has 1 to 64")
    );
    assert!(
        parse(&["--as-of", "yesterday"])
            .expect_err("refused")
            .contains("2026-11-23T09:30:00Z")
    );
    for (name, wrong) in [
        ("--rate", "0"),
        ("--concurrency", "0"),
        ("--concurrency", "1001"),
        ("--seed", "-3"),
        ("--api-key", "a b"),
    ] {
        assert!(parse(&[name, wrong]).is_err(), "{name} {wrong}");
    }
}

#[test]
fn a_time_is_cut_to_seconds_so_that_it_can_be_written_again() {
    let args = parse(&["--as-of", "2026-11-23T10:30:00.987+01:00"]).expect("parses");
    assert_eq!(Order::new(&args).as_of_text(), "2026-11-23T09:30:00Z");
    let chosen = Order::random(1);
    assert_eq!(whole_seconds(&chosen.as_of_text()), Ok(chosen.as_of));
}

#[test]
fn a_key_is_never_printed() {
    let args = parse(&["--api-key", "sk-secret"]).expect("parses");
    assert!(!format!("{args:?}").contains("secret"));
}

#[test]
fn a_history_has_as_many_exceptions_a_week_as_are_sent() {
    let order = |line: &str| Order::new(&parse(&line.split(' ').collect::<Vec<_>>()).expect("parses"));
    let short = order("--history 30");
    assert_eq!((short.history, short.in_history(30)), (Some(30), 215));
    assert_eq!(order("--history 7 --count 100").in_history(7), 100);
    assert_eq!(order("--history 366 --count 10000000").in_history(366), 522_857_143);
}

#[test]
fn wrong_days_are_refused_with_what_is_allowed() {
    for wrong in ["0", "-1", "abc", "367", "1.5", ""] {
        let message = parse(&["--history", wrong]).expect_err(wrong);
        assert!(message.contains("write a whole number of days from 1 to 366"), "{message}");
        assert!(message.contains("--history"), "{message}");
    }
}
