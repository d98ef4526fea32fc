//! `sentinai seed`: realistic exceptions for tenants, sent through the API as any other source would.
//!
//! It needs a server and a key, and a database only for `--history`. What is sent depends on the tenant's pack, the seed and the as-of time alone,
//! so a run can be repeated (all duplicates) and verified.

mod args;
mod history;
mod progress;
mod report;
mod send;
mod targets;
mod tenant;
mod verify;

use std::{process::ExitCode, time::Duration};

use anyhow::bail;
use serde::Deserialize;

use self::args::Order;
pub use self::args::SeedArgs;
use super::{
    api::{
        address::{ApiUrl, Key},
        client::Client,
        health,
        report::{Report, Sender, say},
        target::Target,
    },
    credentials::Credentials,
};
use crate::config::Installation;

/// Seeds the tenants asked for; success only if every exception is stored (and, where asked, verified).
pub async fn run(args: &SeedArgs, installation: &Installation) -> anyhow::Result<ExitCode> {
    let order = Order::new(args);
    let client = Client::new(&args.api_url, args.rate)?;
    let report = Report::new(&args.api_url, &installation.credentials(), Sender::Seed);
    if !args.skip_health_check && !health::check(&client, &report).await {
        return Ok(ExitCode::FAILURE);
    }
    let credentials = Credentials::read(&installation.credentials())?;
    let targets = match targets::choose(&client, args, &credentials).await {
        Ok(targets) => targets,
        Err(failure) => {
            say(&report.failed(&failure, None));
            return Ok(ExitCode::FAILURE);
        }
    };
    let history = history::prepare(installation, &order, &targets).await?;
    say(&report::opening(&order, &targets));
    let mut is_complete = true;
    for target in &targets {
        let outcome = tenant::seed(&client, target, &order, &report).await;
        is_complete &= outcome.is_complete();
        if outcome.is_unreachable() {
            return Ok(ExitCode::FAILURE);
        }
    }
    match history {
        Some(history) if is_complete => history.write(&order).await?,
        Some(_) => say("[FAILED] The history is not written: first what failed above has to go well"),
        None => {}
    }
    if is_complete {
        say(&report.next_steps(args, &order, &targets, installation));
    }
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Seeds one tenant for `sentinai demo`; whether every exception is stored.
pub async fn fill(api_url: &str, tenant: &str, key: &str, count: u32) -> anyhow::Result<bool> {
    let url: ApiUrl = api_url.parse()?;
    let target = Target::with_key(tenant.parse()?, Some(key.parse()?));
    let report = Report::new(&url, std::path::Path::new("credentials.json"), Sender::Seed);
    let outcome = tenant::seed(&Client::new(&url, None)?, &target, &Order::random(count), &report).await;
    Ok(outcome.is_complete())
}

/// Waits until a server answers.
pub async fn wait_until_ready(api_url: &str, patience: Duration) -> anyhow::Result<()> {
    const PAUSE: Duration = Duration::from_millis(20);
    let client = Client::new(&api_url.parse()?, None)?;
    let ready = async {
        while client.get_once("/health", None).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(patience, ready).await {
        Ok(()) => Ok(()),
        Err(_) => bail!("nothing answers at {api_url} after {} s", patience.as_secs()),
    }
}

/// Whether a tenant has any exception.
pub async fn has_exceptions(api_url: &str, tenant: &str, key: &str) -> anyhow::Result<bool> {
    #[derive(Deserialize)]
    struct Page {
        items: Vec<serde::de::IgnoredAny>,
    }
    let (client, key): (_, Key) = (Client::new(&api_url.parse()?, None)?, key.parse()?);
    let page = client.get(&format!("/v1/tenants/{tenant}/exceptions?limit=1"), Some(&key)).await?;
    Ok(!serde_json::from_slice::<Page>(&page)?.items.is_empty())
}
