//! `sentinai quarantine`: look at what rules refused, replay it, discard it; through the API, as anybody with a key may.

mod api;
mod views;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{ids::QuarantineId, intake::quarantine::State, role::Role};

use self::api::Api;
use super::api::{report::say, tenant::ServerArgs};
use crate::config::Installation;

/// Subcommands of `sentinai quarantine`.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// List what rules refused, those that came last first, and how many have each fault
    List(ListArgs),
    /// Show one refused object with every reason
    Show {
        #[command(flatten)]
        server: ServerArgs,
        /// Its quarantine id
        #[arg(long, value_name = "ID")]
        id: QuarantineId,
    },
    /// Take in again what was refused, with the pack that is active now; fails if any is still refused
    Replay {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Give up what was refused
    Discard {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        which: WhichArgs,
        /// Why, in 1 to 500 characters; kept with each and in the chain of events
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    server: ServerArgs,

    /// HELD, REPLAYED or DISCARDED
    #[arg(long, default_value_t = State::Held)]
    state: State,

    /// With this fault, e.g. unknown-type
    #[arg(long)]
    code: Option<String>,

    /// Of this source system
    #[arg(long)]
    source: Option<String>,

    /// Text that the claimed type contains
    #[arg(long = "type", value_name = "TEXT")]
    kind: Option<String>,

    /// Most entries to list
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// Which held objects.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct WhichArgs {
    /// Those with this fault, e.g. unknown-type
    #[arg(long)]
    code: Option<String>,

    /// This one; may be given several times
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<QuarantineId>,

    /// All of them
    #[arg(long)]
    all: bool,
}

/// Runs one subcommand.
pub async fn run(command: QuarantineCommand, installation: &Installation) -> anyhow::Result<ExitCode> {
    let open = |server, role| Api::open(server, installation, role);
    match command {
        QuarantineCommand::List(args) => list(&open(&args.server, Role::Viewer)?, &args).await,
        QuarantineCommand::Show { server, id } => {
            say(&views::whole(&open(&server, Role::Viewer)?.show(&id).await?));
            Ok(ExitCode::SUCCESS)
        }
        QuarantineCommand::Replay { server, which } => replay(&open(&server, Role::Operator)?, &which).await,
        QuarantineCommand::Discard { server, which, reason } => discard(&open(&server, Role::Supervisor)?, &which, &reason).await,
    }
}

async fn list(api: &Api, args: &ListArgs) -> anyhow::Result<ExitCode> {
    let mut filter = vec![("state", args.state.as_str())];
    let given = [("code", &args.code), ("source", &args.source), ("type", &args.kind)];
    filter.extend(given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
    let (mut listed, mut cursor) = (0, None);
    loop {
        let page = api.page(&filter, (args.limit - listed).min(500), cursor.as_deref()).await?;
        if listed == 0 {
            say(&views::counts(&page, args.state));
            say(&views::head(&page));
        }
        page.items.iter().for_each(|entry| say(&views::line(entry)));
        listed += u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        cursor = page.next;
        if cursor.is_none() || listed >= args.limit {
            break;
        }
    }
    if cursor.is_some() {
        say(&format!(
            "There are more; these are the {listed} that came last. --limit shows more of them."
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn replay(api: &Api, which: &WhichArgs) -> anyhow::Result<ExitCode> {
    let (mut replayed, mut refused) = (0, 0);
    for which in which.portions() {
        let mut cursor = None;
        loop {
            let done = api.replay(&which, cursor).await?;
            replayed += done.replayed;
            refused += done.still_rejected;
            cursor = done.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    which.complain_of_strangers(api, replayed + refused).await?;
    say(&format!("{replayed} replayed, {refused} still refused"));
    if refused > 0 {
        say(&format!(
            "  They are held with the reasons of now: sentinai quarantine list --tenant {}",
            api.tenant()
        ));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

async fn discard(api: &Api, which: &WhichArgs, reason: &str) -> anyhow::Result<ExitCode> {
    let mut discarded = 0;
    for which in which.portions() {
        loop {
            let done = api.discard(&which, reason).await?;
            discarded += done.discarded;
            if done.remaining == 0 || done.discarded == 0 {
                break;
            }
        }
    }
    which.complain_of_strangers(api, discarded).await?;
    say(&format!("{discarded} discarded"));
    Ok(ExitCode::SUCCESS)
}

impl WhichArgs {
    /// As bodies of requests, each of as many as one may name.
    fn portions(&self) -> Vec<serde_json::Value> {
        match &self.code {
            Some(code) => vec![serde_json::json!({"code": code})],
            None if self.all => vec![serde_json::json!({"all": true})],
            None => self.ids.chunks(500).map(|ids| serde_json::json!({"ids": ids})).collect(),
        }
    }

    /// Who names an object wants to know if it is not there or was decided already.
    async fn complain_of_strangers(&self, api: &Api, found: usize) -> anyhow::Result<()> {
        if found < self.ids.len() {
            for id in &self.ids {
                let entry = api.show(id).await?;
                say(&format!("{id} is {}", entry.entry.state));
            }
        }
        Ok(())
    }
}
