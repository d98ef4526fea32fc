//! `sentinai jobs`: look at jobs, replay and discard dead letters; through the API, as anybody with a key may.

mod api;

use std::process::ExitCode;

use clap::{Args, Subcommand, value_parser};
use domain::{job::JobState, role::Role};

use self::api::{Api, Job};
use super::api::{report::say, tenant::ServerArgs};
use crate::config::Installation;

/// Subcommands of `sentinai jobs`.
#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// List jobs, the newest first
    List(ListArgs),
    /// Show one job whole, as JSON
    Show {
        #[command(flatten)]
        server: ServerArgs,
        /// Its id
        #[arg(long, value_name = "ID")]
        id: u64,
    },
    /// Let dead letters run again
    Replay {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Give up a dead letter
    Discard {
        #[command(flatten)]
        server: ServerArgs,
        /// Its id
        #[arg(long, value_name = "ID")]
        id: u64,
        /// Why, in 1 to 500 characters; kept in the chain of events
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    server: ServerArgs,

    /// QUEUED, RUNNING, DONE, DEAD or DISCARDED
    #[arg(long)]
    state: Option<JobState>,

    /// What is to be done, e.g. sweep
    #[arg(long)]
    kind: Option<String>,

    /// Most jobs to list
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// Which dead letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct WhichArgs {
    /// This one
    #[arg(long, value_name = "ID")]
    id: Option<u64>,

    /// Those of this kind
    #[arg(long)]
    kind: Option<String>,

    /// All of them
    #[arg(long)]
    all: bool,
}

/// Runs one subcommand.
pub async fn run(command: JobsCommand, installation: &Installation) -> anyhow::Result<ExitCode> {
    let open = |server, role| Api::open(server, installation, role);
    match command {
        JobsCommand::List(args) => list(&open(&args.server, Role::Viewer)?, &args).await?,
        JobsCommand::Show { server, id } => say(&open(&server, Role::Viewer)?.show(id).await?),
        JobsCommand::Replay { server, which } => replay(&open(&server, Role::Supervisor)?, &which).await?,
        JobsCommand::Discard { server, id, reason } => {
            open(&server, Role::Supervisor)?.discard(id, &reason).await?;
            say(&format!("{id} is DISCARDED"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(api: &Api, args: &ListArgs) -> anyhow::Result<()> {
    let filter = [("state", args.state.map(JobState::as_str)), ("kind", args.kind.as_deref())];
    let (mut listed, mut cursor) = (0, None);
    loop {
        let page = api.page(&filter, (args.limit - listed).min(500), cursor.as_deref()).await?;
        if listed == 0 && page.items.is_empty() {
            say("There are no such jobs");
        } else if listed == 0 {
            say(&format!(
                "{:>8} {:<18} {:<9} {:<17} {:>8} LAST ERROR",
                "JOB ID", "KIND", "STATE", "CREATED (UTC)", "ATTEMPTS"
            ));
        }
        page.items.iter().for_each(|job| say(&line(job)));
        listed += u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        cursor = page.next;
        if cursor.is_none() || listed >= args.limit {
            break;
        }
    }
    if cursor.is_some() {
        say(&format!(
            "There are more; these are the newest {listed}. --limit shows more of them."
        ));
    }
    Ok(())
}

fn line(job: &Job) -> String {
    let error = job.last_error.as_deref().and_then(|error| error.lines().next()).unwrap_or("-");
    let (created, tried) = (
        job.created_at.format("%Y-%m-%d %H:%M"),
        format!("{}/{}", job.attempts, job.max_attempts),
    );
    format!("{:>8} {:<18} {:<9} {created:<17} {tried:>8} {error}", job.id, job.kind, job.state)
}

async fn replay(api: &Api, which: &WhichArgs) -> anyhow::Result<()> {
    if let Some(id) = which.id {
        api.replay_one(id).await?;
        say("1 replayed");
        return Ok(());
    }
    let mut replayed = 0;
    loop {
        let done = api.replay(which.kind.as_deref()).await?;
        replayed += done.replayed;
        if !done.more || done.replayed == 0 {
            break;
        }
    }
    say(&format!("{replayed} replayed"));
    Ok(())
}
