//! What the seeder says about its runs; what it says about the server is shared with other senders.

use domain::{ids::TenantId, severity::Severity};

use super::{
    args::{Order, SeedArgs, Tenants},
    send::Tally,
};
use crate::{
    cli::api::{
        report::{Report, grouped},
        target::Target,
    },
    config::Installation,
};

/// Where a default installation lives.
const HOME: &str = ".sentinai";
/// Where a default server listens.
const URL: &str = "http://localhost:8000";

/// What is about to happen, and how to have it happen again.
pub fn opening(order: &Order, targets: &[Target]) -> String {
    let tenants = targets
        .iter()
        .map(|target| target.tenant.as_str())
        .collect::<Vec<_>>()
        .join(" and ");
    let each = if targets.len() > 1 { " each" } else { "" };
    let (count, as_of) = (grouped(order.count), order.as_of_text());
    let history = order.history.map_or_else(String::new, |days| {
        let of_history = grouped(order.in_history(days));
        format!(" and a history of {days} days with {of_history}{each}")
    });
    format!(
        "Seeding {tenants} with {count} exceptions{each}{history} (--seed {} --as-of {as_of})",
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
            format!("a key from {}", self.credentials())
        };
        let count = "-c \"SELECT tenant_id, COUNT(*) FROM exception GROUP BY tenant_id;\"";
        let verify = self.verify_line(args, order) + &home;
        [
            "Next steps".to_owned(),
            format!("  Open the desk   {}", self.url()),
            format!("  Log in          {tenants}, with {key}"),
            format!("  Count rows      sentinai db psql{home} -- {count}"),
            format!("  Verify          {verify}"),
        ]
        .join("\n")
    }

    fn verify_line(&self, args: &SeedArgs, order: &Order) -> String {
        let mut line = vec!["sentinai seed".to_owned()];
        if self.url() != URL {
            line.push(format!("--api-url {}", self.url()));
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

#[cfg(test)]
mod tests;
