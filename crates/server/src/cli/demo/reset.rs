//! `sentinai demo --reset`: the managed database and the demo's keys are deleted after asking, and the demo starts anew.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, bail};

use super::detached;
use crate::config::Installation;

/// Whether the user has agreed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The user gave it with `--yes`.
    Given,
    /// The user is asked at the terminal.
    Ask,
}

/// Deletes everything below the home directory that the demo made.
pub async fn reset(installation: &Installation, consent: Consent) -> anyhow::Result<()> {
    if installation.database_url.is_some() {
        bail!("--reset deletes the managed database only, and DATABASE_URL names another one: create a new database and name it there");
    }
    let home = installation.home().display();
    if consent == Consent::Ask && !agrees(&format!("Delete the database and the keys below {home}?"))? {
        bail!("nothing was deleted");
    }
    detached::stop(installation).await?;
    let cluster = installation.cluster();
    tokio::task::spawn_blocking(move || cluster.delete()).await??;
    for file in [installation.credentials(), detached::log_file(installation)] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot delete {}", file.display()));
            }
            _ => {}
        }
    }
    println!("[OK] The data below {home} is deleted");
    Ok(())
}

/// Asks at the terminal; fails where there is none.
fn agrees(question: &str) -> anyhow::Result<bool> {
    let mut input = std::io::stdin();
    if !input.is_terminal() {
        bail!("--reset deletes all data: run it in a terminal, or add --yes");
    }
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::BufReader::new(&mut input).read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
