//! `sentinai audit`: the chain of events as proof. Verifies it where it is stored or in an export, and exports it.
//!
//! Works on the database as its administrator, not through the API: whoever verifies need not trust a server.

mod derived;
mod export;
mod file;
mod line;
mod state;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use domain::{chain::Point, ids::TenantId};

use crate::config::Installation;

/// Subcommands of `sentinai audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute chains and name the first event that is wrong; fails if any chain is broken
    Verify(VerifyArgs),
    /// Write a tenant's chain as NDJSON, with all that is needed to recompute it elsewhere
    Export(ExportArgs),
}

/// Arguments of `sentinai audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Only the chain of this tenant [default: those of all tenants]
    #[arg(long, conflicts_with = "file")]
    pub tenant: Option<TenantId>,
    /// An export instead of the database
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A hash that was written down elsewhere earlier: the chain must have it at this event. Needs --tenant or --file
    #[arg(long, value_name = "SEQ:HASH")]
    pub anchor: Option<Point>,
    /// Anchors that `serve --anchor-file` or `worker --anchor-file` wrote: each chain must go through all of its own
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "anchor"])]
    pub anchors: Option<PathBuf>,
    /// Compare each stored exception with its events, too
    #[arg(long, conflicts_with = "file")]
    pub state: bool,
    /// Add the result to each chain as an event, which the desk shows as its last verification
    #[arg(long, conflicts_with = "file")]
    pub record: bool,
    /// Print one JSON object instead of sentences
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `sentinai audit export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The tenant
    #[arg(long)]
    pub tenant: TenantId,
    /// First event
    #[arg(long, value_name = "SEQ", default_value = "1", value_parser = clap::value_parser!(i64).range(1..))]
    pub from: i64,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Runs one subcommand.
pub async fn run(command: AuditCommand, installation: &Installation) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Verify(args) => verify::run(args, installation).await,
        AuditCommand::Export(args) => {
            export::run(&args, installation).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
