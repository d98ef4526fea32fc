//! What the seeder says. The situations of the seed guide have its first lines; after each comes what to do.

use std::{io::Write, path::Path};

use domain::{ids::TenantId, severity::Severity};

use super::{
    args::{ApiUrl, Order, SeedArgs, Tenants},
    failure::{Failure, Problem},
    send::Tally,
    targets::Target,
};
use crate::config::Installation;

/// Where a default installation lives.
const HOME: &str = ".sentinai";
/// Where a default server listens.
const URL: &str = "http://localhost:8000";

/// Texts about one server and the keys at hand.
#[derive(Debug)]
pub struct Report {
    url: String,
    credentials: String,
}

/// Prints a text on standard output. Whoever closed it does not want to know.
pub fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

impl Report {
    /// Texts about this server; `credentials` is the file with the demo's keys.
    pub fn new(url: &ApiUrl, credentials: &Path) -> Self {
        Report {
            url: url.to_string(),
            credentials: credentials.display().to_string(),
        }
    }

    /// The server answered.
    pub fn server_is_well(&self) -> String {
        format!("[OK] API server is running at {}", self.url)
    }

    /// Something else answered.
    pub fn not_ours(&self, why: &str) -> String {
        format!(
            "[FAILED] The server at {} is not SentinAI: {why}\n  Give the right address with --api-url",
            self.url
        )
    }

    /// Why there is no key.
    pub fn no_key(&self, tenant: &TenantId) -> String {
        format!("Unauthorized: there is no key for {tenant} in {}", self.credentials)
    }

    /// A failure and what to do about it.
    pub fn failed(&self, failure: &Failure, tenant: Option<&TenantId>) -> String {
        let tenant = tenant.map_or("TENANT", TenantId::as_str);
        match failure {
            Failure::Unreachable(why) => {
                let first = format!("[FAILED] Cannot connect to API server at {}", self.url);
                format!("{first}\n  {why}\n  Start it with: sentinai serve (or make demo)")
            }
            Failure::Lost(_) => format!("{INGEST}: {failure}\n  {LOAD}"),
            Failure::Strange(_) => {
                format!(
                    "{INGEST}: {failure}\n  If {} is not SentinAI, give the right address with --api-url",
                    self.url
                )
            }
            Failure::Pack(why) => {
                format!("[FAILED] The pack of {tenant} makes no exceptions: {why}\n  Check it with: sentinai pack lint FILE")
            }
            Failure::Refused(problem) => self.refused(problem, tenant),
        }
    }

    fn refused(&self, problem: &Problem, tenant: &str) -> String {
        let Problem { status, code, detail, .. } = problem;
        let create = format!("sentinai key create --tenant {tenant} --role operator --name seeding");
        let (detail, fix) = match (status, code.as_str()) {
            (401, _) => ("Unauthorized".to_owned(), self.give_a_key(detail, &create)),
            (403, "tenant-suspended") => (detail.clone(), format!("Let it in again with: sentinai tenant resume {tenant}")),
            (403, _) => (detail.clone(), format!("Make a key that may send with: {create}")),
            (404, "not-found") => {
                let detail = format!("there is no tenant {tenant} for this key");
                (detail, "List the tenants with: sentinai tenant list".to_owned())
            }
            (404, _) => (
                detail.clone(),
                format!("If {} is not SentinAI, give the right address with --api-url", self.url),
            ),
            (409, "no-active-pack") => {
                let fix = format!("See: sentinai pack list, then: sentinai pack activate DOMAIN VERSION --tenant {tenant}");
                (detail.clone(), fix)
            }
            (409, _) => (detail.clone(), "Choose another --seed or --as-of".to_owned()),
            (422, "in-the-future") => (detail.clone(), "Choose an --as-of that is not in the future".to_owned()),
            (422, _) => (detail.clone(), "Check the tenant's pack with: sentinai pack lint FILE".to_owned()),
            (_, "database-unavailable") => (detail.clone(), "Start it with: sentinai db start, then sentinai migrate".to_owned()),
            (429 | 502..=504, _) => (detail.clone(), LOAD.to_owned()),
            _ => (detail.clone(), "The log of the server says more".to_owned()),
        };
        format!("{INGEST}: {status} - {detail}\n  {fix}")
    }

    /// Why the key is none, where there is more to say than `Unauthorized`, and how to give one.
    fn give_a_key(&self, detail: &str, create: &str) -> String {
        let why = detail.trim_start_matches("Unauthorized").trim_start_matches([':', ' ']);
        let why = if why.is_empty() { String::new() } else { format!("{why}\n  ") };
        let credentials = &self.credentials;
        format!("{why}Give the tenant's key with --api-key or in {credentials}; make one with: {create}")
    }
}

/// First words of the guide for whatever the server did not take.
const INGEST: &str = "[FAILED] Failed to ingest exception";
const LOAD: &str = "The server has too much to do: try again with a lower --concurrency or --rate";

/// The database did not answer the server.
pub fn database_is_ill(failure: &Failure) -> String {
    let fix = "Start it with: sentinai db start, then sentinai migrate";
    format!("[WARNING] Database health check failed\n  {failure}\n  {fix}")
}

/// What is about to happen, and how to have it happen again.
pub fn opening(order: &Order, targets: &[Target]) -> String {
    let tenants = targets
        .iter()
        .map(|target| target.tenant.as_str())
        .collect::<Vec<_>>()
        .join(" and ");
    let each = if targets.len() > 1 { " each" } else { "" };
    let (count, as_of) = (grouped(order.count), order.as_of_text());
    format!(
        "Seeding {tenants} with {count} exceptions{each} (--seed {} --as-of {as_of})",
        order.seed
    )
}

/// How it went for one tenant.
pub fn summary(tenant: &TenantId, tally: &Tally) -> String {
    let word = if tally.failures == 0 { "[OK]" } else { "[FAILED]" };
    let (ingested, duplicates, failures) = (grouped(tally.ingested), grouped(tally.duplicates), grouped(tally.failures));
    let seconds = tally.elapsed.as_secs_f64();
    let rate = f64::from(tally.ingested + tally.duplicates) / seconds.max(0.001);
    let severities = Severity::ALL
        .iter()
        .filter_map(|severity| Some((severity, tally.severities.get(severity)?)));
    let severities: Vec<_> = severities
        .map(|(severity, count)| format!("{severity} {}", grouped(*count)))
        .collect();
    let first = format!(
        "{word} {tenant}: {ingested} ingested, {duplicates} duplicates, {failures} failures in {seconds:.2} s ({rate:.0} per second)"
    );
    if severities.is_empty() {
        first
    } else {
        format!("{first}\n  {}", severities.join(", "))
    }
}

impl Report {
    /// What to do with the exceptions.
    pub fn next_steps(&self, args: &SeedArgs, order: &Order, targets: &[Target], installation: &Installation) -> String {
        let home = match installation.home().to_str() {
            Some(HOME) | None => String::new(),
            Some(home) => format!(" --home {home}"),
        };
        let tenants = targets.iter().map(|target| target.tenant.as_str()).collect::<Vec<_>>().join(" or ");
        let key = if args.api_key.is_some() {
            "the key given here".to_owned()
        } else {
            format!("a key from {}", self.credentials)
        };
        let count = "-c \"SELECT tenant_id, COUNT(*) FROM exception GROUP BY tenant_id;\"";
        let verify = self.verify_line(args, order) + &home;
        [
            "Next steps".to_owned(),
            format!("  Open the desk   {}", self.url),
            format!("  Log in          {tenants}, with {key}"),
            format!("  Count rows      sentinai db psql{home} -- {count}"),
            format!("  Verify          {verify}"),
        ]
        .join("\n")
    }

    fn verify_line(&self, args: &SeedArgs, order: &Order) -> String {
        let mut line = vec!["sentinai seed".to_owned()];
        if self.url != URL {
            line.push(format!("--api-url {}", self.url));
        }
        if let Tenants::One(tenant) = &args.tenant_id {
            line.push(format!("--tenant-id {tenant}"));
        }
        if args.api_key.is_some() {
            line.push("--api-key KEY".to_owned());
        }
        let Order { count, seed, .. } = order;
        line.push(format!("--count {count} --seed {seed} --as-of {} --verify", order.as_of_text()));
        line.join(" ")
    }
}

/// A number with commas.
pub fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
