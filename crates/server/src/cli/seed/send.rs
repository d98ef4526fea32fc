//! Sends the exceptions of one tenant, several at a time, and counts what became of them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::severity::Severity;
use futures::{StreamExt, stream};
use seeding::Series;
use serde_json::json;

use super::{
    client::{Client, Receipt},
    failure::Failure,
    progress::Progress,
    report::Report,
    targets::Target,
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
pub async fn all(client: &Client, target: &Target, series: &Series<'_, '_>, concurrency: usize, report: &Report) -> Tally {
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut progress = Progress::new("ingested", series.len());
    let mut answers = stream::iter(0..series.len())
        .map(|index| one(client, target, series, index))
        .buffer_unordered(concurrency);
    let mut told = 0;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(receipt) => tally.add(&receipt),
            Err(failure) if failure.concerns_all() => {
                tally.stopped = Some(failure);
                break;
            }
            Err(failure) => {
                told += 1;
                if told <= TOLD {
                    progress.say(&report.failed(&failure, Some(&target.tenant)));
                }
            }
        }
        progress.advance();
    }
    drop((answers, progress));
    tally.failures = series.len() - tally.ingested - tally.duplicates;
    tally.elapsed = started.elapsed();
    tally
}

async fn one(client: &Client, target: &Target, series: &Series<'_, '_>, index: u32) -> Result<Receipt, Failure> {
    let Some(made) = series.get(index) else {
        return Err(Failure::Pack("the series has ended".to_owned()));
    };
    let exception = made.map_err(|fault| Failure::Pack(fault.to_string()))?;
    let body = Bytes::from(json!({"exception": exception.body()}).to_string());
    let receipt = client.send(&target.tenant, target.key.as_ref(), body).await?;
    if receipt.exception_id != exception.exception_id {
        let (sent, stored) = (&exception.exception_id, &receipt.exception_id);
        return Err(Failure::Strange(format!("{sent} was stored under another id: {stored}")));
    }
    Ok(receipt)
}
