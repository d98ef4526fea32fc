//! `sentinai migrate`: bring the database to the schema of this program.

use clap::Args;
use store::migrate::Logins;

use super::database::admin_url;
use crate::config::Installation;

/// Arguments of `sentinai migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Make the database and its roles, and no tables: before a dump is restored
    #[arg(long)]
    roles_only: bool,
}

/// Migrates.
pub async fn migrate(installation: &Installation) -> anyhow::Result<store::migrate::Migrated> {
    let logins = match installation.app_database_url {
        Some(_) => Logins::KeptElsewhere,
        None => Logins::Derived,
    };
    Ok(store::migrate::migrate(&admin_url(installation)?, logins).await?)
}

/// Migrates and says what was done.
pub async fn run(args: &MigrateArgs, installation: &Installation) -> anyhow::Result<()> {
    if args.roles_only {
        store::migrate::prepare(&admin_url(installation)?).await?;
        println!("The database and its roles are there. Restore the dump, then run `sentinai migrate`.");
        return Ok(());
    }
    let migrated = migrate(installation).await?;
    match migrated {
        store::migrate::Migrated { from, to } if from == to => println!("The schema is at version {to}; nothing to do."),
        store::migrate::Migrated { from: 0, to } => println!("The schema is at version {to}."),
        store::migrate::Migrated { from, to } => println!("The schema went from version {from} to {to}."),
    }
    Ok(())
}
