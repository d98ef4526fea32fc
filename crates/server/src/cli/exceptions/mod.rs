//! `sentinai exceptions`: work on exceptions through the API, as anybody with a key may.

mod bulk;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Installation;

/// Subcommands of `sentinai exceptions`.
#[derive(Debug, Subcommand)]
pub enum ExceptionsCommand {
    /// Do the same with everything that a filter selects: preview it, and with --yes carry it out
    Bulk(bulk::BulkArgs),
}

/// Runs one subcommand.
pub async fn run(command: ExceptionsCommand, installation: &Installation) -> anyhow::Result<ExitCode> {
    match command {
        ExceptionsCommand::Bulk(args) => bulk::run(&args, installation).await,
    }
}
