//! What senders say about a server: the first lines are those of the seed guide; after each comes what to do.

use std::{io::Write, path::Path};

use domain::ids::TenantId;

use super::{
    address::ApiUrl,
    failure::{Failure, Problem},
};

/// Texts about one server and the keys at hand.
#[derive(Debug)]
pub struct Report {
    url: String,
    credentials: String,
    sender: Sender,
}

/// Who sends.
#[derive(Debug, Clone, Copy)]
pub enum Sender {
    /// `sentinai seed`.
    Seed,
    /// `sentinai ingest`.
    Ingest,
}

impl Sender {
    /// Name of the key that it needs.
    fn key(self) -> &'static str {
        match self {
            Sender::Seed => "seeding",
            Sender::Ingest => "ingest",
        }
    }

    /// What to do when the server has too much to do.
    fn slower(self) -> &'static str {
        match self {
            Sender::Seed => "The server has too much to do: try again with a lower --concurrency or --rate",
            Sender::Ingest => "The server has too much to do: try again with a lower --rate",
        }
    }
}

/// Prints a text on standard output. Whoever closed it does not want to know.
pub fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

impl Report {
    /// Texts about this server; `credentials` is the file with the demo's keys.
    pub fn new(url: &ApiUrl, credentials: &Path, sender: Sender) -> Self {
        Report {
            url: url.to_string(),
            credentials: credentials.display().to_string(),
            sender,
        }
    }

    /// Address of the server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file with the demo's keys.
    pub fn credentials(&self) -> &str {
        &self.credentials
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
            Failure::Lost(_) => format!("{INGEST}: {failure}\n  {}", self.sender.slower()),
            Failure::Strange(_) => {
                format!(
                    "{INGEST}: {failure}\n  If {} is not SentinAI, give the right address with --api-url",
                    self.url
                )
            }
            Failure::Pack(why) => {
                format!("[FAILED] The pack of {tenant} makes no exceptions: {why}\n  Check it with: sentinai pack lint FILE")
            }
            Failure::Here(why) => format!("[FAILED] {why}"),
            Failure::Refused(problem) => self.refused(problem, tenant),
        }
    }

    fn refused(&self, problem: &Problem, tenant: &str) -> String {
        let Problem { status, code, detail, .. } = problem;
        let create = format!("sentinai key create --tenant {tenant} --role operator --name {}", self.sender.key());
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
            (503, "quarantine-full") => {
                let fix = format!(
                    "See what is held with: sentinai quarantine list --tenant {tenant} --api-url {}",
                    self.url
                );
                (detail.clone(), fix)
            }
            (409, _) if matches!(self.sender, Sender::Seed) => (detail.clone(), "Choose another --seed or --as-of".to_owned()),
            (422, "in-the-future") => (detail.clone(), "Choose an --as-of that is not in the future".to_owned()),
            (422, _) => (detail.clone(), "Check the tenant's pack with: sentinai pack lint FILE".to_owned()),
            (_, "database-unavailable") => (detail.clone(), "Start it with: sentinai db start, then sentinai migrate".to_owned()),
            (429 | 502..=504, _) => (detail.clone(), self.sender.slower().to_owned()),
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

/// The database did not answer the server.
pub fn database_is_ill(failure: &Failure) -> String {
    let fix = "Start it with: sentinai db start, then sentinai migrate";
    format!("[WARNING] Database health check failed\n  {failure}\n  {fix}")
}

/// A number with commas.
pub fn grouped(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}
