//! `sentinai exceptions bulk`: a command on everything that a filter selects.

use std::{io::IsTerminal, process::ExitCode, time::Duration};

use clap::Args;
use domain::{role::Role, work::Command};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    cli::api::{
        report::say,
        tenant::{ServerArgs, TenantApi},
    },
    config::Installation,
};

/// How often a running run is asked how far it is.
const PERIOD: Duration = Duration::from_millis(200);

/// Which exceptions, and what to do.
#[derive(Debug, Args)]
pub struct BulkArgs {
    #[command(flatten)]
    server: ServerArgs,

    /// What selects the exceptions, as the query of a list: `status=OPEN&type=CASH_BREAK`. Empty for all
    #[arg(long, value_name = "QUERY")]
    filter: String,

    /// What to do with each, as the API takes it: `{"command":"claim"}`
    #[arg(long, value_name = "JSON", value_parser = command)]
    command: String,

    /// Carry it out; without it only the preview is shown, and nothing changes
    #[arg(long)]
    yes: bool,
}

fn command(text: &str) -> Result<String, String> {
    let known: Result<Command, _> = serde_json::from_str(text);
    known
        .map(|_| text.to_owned())
        .map_err(|error| format!("this is no command: {error}; docs/work.md lists them"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    run: Run,
    would_be_done: u64,
    would_be_asked: u64,
    would_be_refused: Vec<Refusal>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    #[serde(rename = "runId")]
    id: String,
    state: String,
    total: u64,
    settled: u64,
    done: u64,
    asked: u64,
    refused: u64,
    demand: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    because: String,
    count: u64,
}

/// Previews, and carries out what was agreed to. Fails where any exception was refused.
pub async fn run(args: &BulkArgs, installation: &Installation) -> anyhow::Result<ExitCode> {
    let api = TenantApi::open(&args.server, installation, Role::Operator)?;
    let command = serde_json::from_str(&args.command)?;
    let preview: Preview = api.post(&format!("/exceptions:bulk?{}", args.filter), &command).await?;
    show(&preview);
    let id = &preview.run.id;
    if !args.yes {
        let _: Run = api.post(&format!("/bulk/{id}/discard"), &Value::Null).await?;
        say("Nothing has changed. To carry it out, add --yes.");
        return Ok(ExitCode::SUCCESS);
    }
    let run: Run = api.post(&format!("/bulk/{id}/commit"), &Value::Null).await?;
    if run.state == "PENDING" {
        let why = run.demand.unwrap_or_default();
        say(&format!(
            "It waits for a second person, who grants it on the desk or with POST {}: {why}",
            api.path(&format!("/bulk/{id}/grant"))
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let run = watch(&api, run).await?;
    say(&format!(
        "{} done, {} wait for a second person, {} refused",
        run.done, run.asked, run.refused
    ));
    if run.refused > 0 {
        say(&format!("Why: GET {}", api.path(&format!("/bulk/{id}/items?outcome=REFUSED"))));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(preview: &Preview) {
    say(&format!(
        "{} exceptions: {} would be done, {} would wait for a second person",
        preview.run.total, preview.would_be_done, preview.would_be_asked
    ));
    for refusal in &preview.would_be_refused {
        say(&format!("{} would be refused: {}", refusal.count, refusal.because));
    }
}

async fn watch(api: &TenantApi, mut run: Run) -> anyhow::Result<Run> {
    let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(run.total));
    if let Some(bar) = &bar
        && let Ok(style) = ProgressStyle::with_template("  {bar:40} {pos} of {len}, {eta} left")
    {
        bar.set_style(style);
    }
    while run.state == "RUNNING" {
        if let Some(bar) = &bar {
            bar.set_position(run.settled);
        }
        tokio::time::sleep(PERIOD).await;
        run = api.get(&format!("/bulk/{}", run.id)).await?;
    }
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    Ok(run)
}
