//! Closed loops: so many clients, each with one request under way, for so long.

use std::{sync::Arc, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::{task::JoinSet, time::Instant};

use crate::{client::Client, client::Target, environment::Environment, process::Usage};

/// What one measurement gave.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// What was measured.
    pub name: String,
    /// What is wanted, in words.
    pub bar: String,
    /// How many were done.
    pub count: u64,
    /// Operations per second.
    pub rate: f64,
    /// Latencies in milliseconds: half of all, 95 and 99 of 100 were faster. None where requests are not single.
    pub latency: Option<[f64; 3]>,
    /// Microseconds of CPU per operation, of server and database.
    pub cpu: [f64; 2],
    /// Rate and database CPU as multiples of what narrow tables take.
    pub narrow: Option<[f64; 2]>,
}

impl Measured {
    /// Compared with narrow tables.
    #[must_use]
    pub fn beside(self, narrow: &Measured) -> Self {
        Measured {
            narrow: Some([self.rate / narrow.rate.max(0.001), self.cpu[1] / narrow.cpu[1].max(0.001)]),
            ..self
        }
    }
}

/// Measures what a closure does; it gives back how many it did.
pub async fn timed(
    environment: &Environment,
    name: &str,
    bar: &str,
    work: impl AsyncFnOnce() -> anyhow::Result<u64>,
) -> anyhow::Result<Measured> {
    eprintln!("measuring {name}");
    let (before, started) = (Usage::of(environment), Instant::now());
    let count = work().await?;
    let seconds = started.elapsed().as_secs_f64();
    let used = Usage::of(environment).since(&before);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let done = count.max(1) as f64;
    Ok(Measured {
        name: name.to_owned(),
        bar: bar.to_owned(),
        count,
        rate: done / seconds.max(0.001),
        latency: None,
        cpu: used.map(|seconds| seconds * 1e6 / done),
        narrow: None,
    })
}

/// One request of a client.
pub trait Ask: Clone + Send + 'static {
    /// Asks, the number telling clients and requests apart.
    fn ask(&self, client: &mut Client, number: u64) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Runs clients in closed loops.
pub async fn closed<A: Ask>(
    environment: &Environment,
    name: &str,
    bar: &str,
    clients: u64,
    seconds: u64,
    ask: A,
) -> anyhow::Result<Measured> {
    let latencies = Arc::new(std::sync::Mutex::new(histogram()?));
    let taken = Arc::clone(&latencies);
    let mut measured = timed(environment, name, bar, async || {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut running = JoinSet::new();
        for number in 0..clients {
            running.spawn(one(environment.target.clone(), ask.clone(), number, clients, until));
        }
        while let Some(ended) = running.join_next().await {
            let mut all = taken.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.add(ended??)?;
        }
        let all = taken.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(all.len())
    })
    .await?;
    let all = latencies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
    let at = |quantile: f64| all.value_at_quantile(quantile) as f64 / 1000.0;
    measured.latency = Some([at(0.5), at(0.95), at(0.99)]);
    Ok(measured)
}

async fn one<A: Ask>(target: Target, ask: A, first: u64, step: u64, until: Instant) -> anyhow::Result<Histogram<u64>> {
    let mut client = Client::connect(&target).await?;
    let mut latencies = histogram()?;
    let mut number = first;
    while Instant::now() < until {
        let started = Instant::now();
        ask.ask(&mut client, number).await?;
        latencies.record(u64::try_from(started.elapsed().as_micros())?)?;
        number += step;
    }
    Ok(latencies)
}

/// Microseconds up to a minute, with three digits.
fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}
