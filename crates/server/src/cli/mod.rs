//! The command line: one file per command. [`main`] is the program.

mod api;
mod audit;
mod credentials;
mod database;
mod db;
mod demo;
mod exceptions;
mod ingest;
mod jobs;
mod key;
mod member;
mod migrate;
mod pack;
mod quarantine;
mod seed;
mod serve;
mod tenant;
mod worker;

use std::{io::IsTerminal, process::ExitCode};

use clap::{Command, CommandFactory, Parser, Subcommand};
use rustix::fs::Mode;
use tracing_subscriber::EnvFilter;

use crate::config::Installation;

/// Rules are evaluated on the server's threads; the depth limit of expressions is proven for a fraction of this.
const THREAD_STACK: usize = 8 << 20;

/// SentinAI, the exception desk for business operations
#[derive(Debug, Parser)]
#[command(name = "sentinai", version)]
struct Cli {
    #[command(subcommand)]
    command: Commands,
    #[command(flatten)]
    installation: Installation,
}

#[derive(Debug, Subcommand)]
enum Commands {
    /// Set up everything and serve it with seeded data: database, packs, tenants, keys, desk
    Demo(demo::DemoArgs),
    /// Serve the API and the desk
    Serve(serve::ServeArgs),
    /// Do jobs and nothing else; any number may run beside the server
    Worker(worker::WorkerArgs),
    /// Fill tenants with realistic exceptions, through the API
    Seed(seed::SeedArgs),
    /// Send a file of exceptions, a table or NDJSON, through the API
    Ingest(ingest::IngestArgs),
    /// Work on exceptions, through the API
    #[command(subcommand)]
    Exceptions(exceptions::ExceptionsCommand),
    /// Bring the database to the schema of this program
    Migrate(migrate::MigrateArgs),
    /// The managed PostgreSQL
    Db(db::DbArgs),
    /// Tenants
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Access keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// People of a tenant
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// Domain packs
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// The chain of events as proof: verify and export
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// What rules refused, through the API
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Work that is done beside requests, through the API
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Whatever is written, keys, logs, exports, is its writer's alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let filter = EnvFilter::try_from_env("SENTINAI_LOG").unwrap_or_else(|_| EnvFilter::new("warn,server=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(THREAD_STACK)
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(run(cli));
            // A thread that waits for standard input would hold the program for ever.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(error.into()),
    };
    result.unwrap_or_else(|error| {
        eprintln!("[FAILED] {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let installation = &cli.installation;
    match cli.command {
        Commands::Demo(args) => demo::run(args, installation).await?,
        Commands::Serve(args) => serve::run(&args, installation).await?,
        Commands::Worker(args) => worker::run(&args, installation).await?,
        Commands::Seed(args) => return seed::run(&args, installation).await,
        Commands::Ingest(args) => return Ok(ingest::run(&args, installation).await),
        Commands::Migrate(args) => migrate::run(&args, installation).await?,
        Commands::Db(args) => db::run(args, installation).await?,
        Commands::Tenant(command) => tenant::run(command, installation).await?,
        Commands::Key(command) => key::run(command, installation).await?,
        Commands::Member(command) => member::run(command, installation).await?,
        Commands::Pack(command) => return pack::run(command, installation).await,
        Commands::Audit(command) => return audit::run(command, installation).await,
        Commands::Jobs(command) => return jobs::run(command, installation).await,
        Commands::Exceptions(command) => return exceptions::run(command, installation).await,
        Commands::Quarantine(command) => return quarantine::run(command, installation).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// The JSON Schema of packs, as committed in `domainpacks/`.
pub fn pack_schema() -> String {
    pack::schema()
}

/// The command line itself, for the reference in `docs/cli.md`.
pub fn command() -> Command {
    Cli::command()
}
