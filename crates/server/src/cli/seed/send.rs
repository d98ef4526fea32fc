//! Sends the exceptions of one tenant, as single requests or as one stream, and counts what became of them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{ids::TenantId, severity::Severity};
use futures::{StreamExt, stream};
use seeding::{SeededException, Series};
use serde_json::json;

use super::{args::Way, progress::Progress};
use crate::cli::api::{
    client::{Client, Receipt},
    failure::Failure,
    report::Report,
    stream::{Line, LineResult, exchange},
    target::Target,
};

/// Failures told one by one; the rest is counted.
const TOLD: u32 = 5;

/// What became of the exceptions of one tenant.
#[derive(Debug, Default)]
pub struct Tally {
    /// Stored now.
    pub ingested: u32,
    /// Stored before.
    pub duplicates: u32,
    /// Not stored, those included that were not tried after a failure that concerns all.
    pub failures: u32,
    /// How many of those stored are how severe.
    pub severities: BTreeMap<Severity, u32>,
    /// How long it took.
    pub elapsed: Duration,
    /// What ended it early.
    pub stopped: Option<Failure>,
}

impl Tally {
    fn add(&mut self, receipt: &Receipt) {
        *(if receipt.outcome == "duplicate" {
            &mut self.duplicates
        } else {
            &mut self.ingested
        }) += 1;
        if let Ok(severity) = receipt.severity.parse() {
            *self.severities.entry(severity).or_default() += 1;
        }
    }
}

/// Sends all exceptions; stops at the first failure that concerns every one.
pub async fn all(client: &Client, target: &Target, series: &Series<'_, '_>, way: Way, report: &Report) -> Tally {
    let started = Instant::now();
    let mut sending = Sending {
        tally: Tally::default(),
        progress: Progress::new("ingested", series.len()),
        told: 0,
        tenant: &target.tenant,
        report,
    };
    match way {
        Way::OneByOne(concurrency) => one_by_one(client, target, series, concurrency, &mut sending).await,
        Way::Stream => as_stream(client, target, series, &mut sending).await,
    }
    let Sending { mut tally, progress, .. } = sending;
    drop(progress);
    tally.failures = series.len() - tally.ingested - tally.duplicates;
    tally.elapsed = started.elapsed();
    tally
}

/// What has become of the exceptions so far.
struct Sending<'s> {
    tally: Tally,
    progress: Progress,
    told: u32,
    tenant: &'s TenantId,
    report: &'s Report,
}

impl Sending<'_> {
    /// Counts one; gives back a failure that concerns every other.
    fn take(&mut self, answer: Result<Receipt, Failure>) -> Result<(), Failure> {
        match answer {
            Ok(receipt) => self.tally.add(&receipt),
            Err(failure) if failure.concerns_all() => return Err(failure),
            Err(failure) => {
                self.told += 1;
                if self.told <= TOLD {
                    self.progress.say(&self.report.failed(&failure, Some(self.tenant)));
                }
            }
        }
        self.progress.advance();
        Ok(())
    }
}

async fn one_by_one(client: &Client, target: &Target, series: &Series<'_, '_>, concurrency: usize, sending: &mut Sending<'_>) {
    let mut answers = stream::iter(0..series.len())
        .map(|index| one(client, target, series, index))
        .buffer_unordered(concurrency);
    while let Some(answer) = answers.next().await {
        if let Err(failure) = sending.take(answer) {
            sending.tally.stopped = Some(failure);
            break;
        }
    }
}

async fn one(client: &Client, target: &Target, series: &Series<'_, '_>, index: u32) -> Result<Receipt, Failure> {
    let exception = made(series, index)?;
    let body = Bytes::from(json!({"exception": exception.body()}).to_string());
    let receipt = client.send(&target.tenant, target.key.as_ref(), body).await?;
    same_id(&exception.exception_id, &receipt.exception_id)?;
    Ok(receipt)
}

/// All in one request. Exceptions that cannot be made are settled in their place.
async fn as_stream(client: &Client, target: &Target, series: &Series<'_, '_>, sending: &mut Sending<'_>) {
    let lines = stream::iter(0..series.len()).then(async |index| {
        client.turn().await;
        match made(series, index) {
            Ok(exception) => Line {
                text: Some(Bytes::from(format!("{}\n", exception.body()))),
                about: Ok(exception.exception_id),
            },
            Err(failure) => Line {
                text: None,
                about: Err(failure),
            },
        }
    });
    let settle = |id: Result<String, Failure>, result: Option<&LineResult>| {
        let answer = id.and_then(|id| receipt(&id, result));
        sending.take(answer)
    };
    let outcome = exchange(client, target, lines, settle).await;
    sending.tally.stopped = outcome.err();
}

/// A result as the answer to a request of its own.
fn receipt(sent: &str, result: Option<&LineResult>) -> Result<Receipt, Failure> {
    let Some(result) = result else {
        return Err(Failure::Strange(format!("{sent} has no result")));
    };
    if result.is_rejected() {
        return Err(Failure::of_faults(&result.errors));
    }
    let stored = result.exception_id.clone().unwrap_or_default();
    same_id(sent, &stored)?;
    Ok(Receipt {
        exception_id: stored,
        outcome: result.outcome.clone(),
        severity: result.severity.clone().unwrap_or_default(),
    })
}

fn made(series: &Series<'_, '_>, index: u32) -> Result<SeededException, Failure> {
    let made = series.get(index).ok_or_else(|| Failure::Pack("the series has ended".to_owned()))?;
    made.map_err(|fault| Failure::Pack(fault.to_string()))
}

fn same_id(sent: &str, stored: &str) -> Result<(), Failure> {
    if sent == stored {
        return Ok(());
    }
    Err(Failure::Strange(format!("{sent} was stored under another id: {stored}")))
}
