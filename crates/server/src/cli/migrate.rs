//! `sentinai migrate`: bring the database to the schema of this program.

use super::database::admin_url;
use crate::config::Installation;

/// Migrates and says what was done.
pub async fn run(installation: &Installation) -> anyhow::Result<()> {
    let migrated = store::migrate::migrate(&admin_url(installation)?).await?;
    match migrated {
        store::migrate::Migrated { from, to } if from == to => println!("The schema is at version {to}; nothing to do."),
        store::migrate::Migrated { from: 0, to } => println!("The schema is at version {to}."),
        store::migrate::Migrated { from, to } => println!("The schema went from version {from} to {to}."),
    }
    Ok(())
}
