//! One tenant: its pack, its exceptions, and whether they are what was sent.

use domain::pack::document::PackDocument;
use seeding::{SeedRun, Seeder};

use super::{args::Order, report, send, verify};
use crate::cli::api::{
    client::Client,
    failure::Failure,
    report::{Report, say},
    target::Target,
};

/// How it went.
#[derive(Debug)]
pub enum Outcome {
    /// Every exception is stored, and as it was sent where that was verified.
    Complete,
    /// Some are not.
    Incomplete,
    /// There is no server, so there is none for other tenants either.
    Unreachable,
}

impl Outcome {
    fn of(failure: &Failure) -> Self {
        if matches!(failure, Failure::Unreachable(_)) {
            Outcome::Unreachable
        } else {
            Outcome::Incomplete
        }
    }

    /// Whether every exception is stored.
    pub fn is_complete(&self) -> bool {
        matches!(self, Outcome::Complete)
    }

    /// Whether there is no server.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Outcome::Unreachable)
    }
}

/// Seeds one tenant and says how it went.
pub async fn seed(client: &Client, target: &Target, order: &Order, report: &Report) -> Outcome {
    match exceptions(client, target, order, report).await {
        Ok(outcome) => outcome,
        Err(failure) => {
            say(&report.failed(&failure, Some(&target.tenant)));
            Outcome::of(&failure)
        }
    }
}

async fn exceptions(client: &Client, target: &Target, order: &Order, report: &Report) -> Result<Outcome, Failure> {
    target.refuse_without_key(client, report).await?;
    let document = client.pack(&target.tenant, target.key.as_ref()).await?;
    let document: PackDocument = serde_json::from_slice(&document).map_err(|error| Failure::Pack(format!("it cannot be read: {error}")))?;
    let unfit = |fault: seeding::SeedFault| Failure::Pack(fault.to_string());
    let seeder = Seeder::new(&document).map_err(unfit)?;
    let run = SeedRun {
        tenant: target.tenant.to_string(),
        seed: order.seed,
        as_of: order.as_of,
        count: order.count,
    };
    let series = seeder.start(&run).map_err(unfit)?;
    let mut tally = send::all(client, target, &series, order.way, report).await;
    if let Some(failure) = tally.stopped.take() {
        say(&report.failed(&failure, Some(&target.tenant)));
        say(&report::summary(&target.tenant, &tally));
        return Ok(Outcome::of(&failure));
    }
    say(&report::summary(&target.tenant, &tally));
    let is_verified = !order.verify || verify::all(client, target, &series, order).await?;
    Ok(if tally.failures == 0 && is_verified {
        Outcome::Complete
    } else {
        Outcome::Incomplete
    })
}
