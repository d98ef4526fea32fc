//! `sentinai pack`: what a pack author and an operator do with packs.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::{
    ids::TenantId,
    pack::{Pack, document::PackDocument, examples, position::Positions},
};
use seeding::Seeder;
use store::{OwnerStore, packs::Imported, tenants::Created};

use super::database::owner_store;
use crate::{clock, config::Installation};

/// Subcommands of `sentinai pack`.
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Check packs: every fault with file, line and column
    Lint {
        /// Pack files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Run the tests inside packs
    Test {
        /// Pack files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Store a pack, after lint and test; tenants use it once it is activated
    Import {
        /// Pack file
        file: PathBuf,
    },
    /// Make a tenant use a version of a pack, within a second
    Activate {
        /// Domain
        domain: String,
        /// Version
        #[arg(id = "pack_version", value_name = "VERSION")]
        version: String,
        /// The tenant
        #[arg(long)]
        tenant: TenantId,
    },
    /// List imported packs
    List,
    /// Print the JSON Schema of packs
    Schema,
}

/// Runs one subcommand.
pub async fn run(command: PackCommand, installation: &Installation) -> anyhow::Result<ExitCode> {
    match command {
        PackCommand::Lint { files } => {
            return each(&files, |path, text| {
                read(path, text).map(|pack| println!("{}: {} is sound", path.display(), pack.label()))
            });
        }
        PackCommand::Test { files } => return each(&files, tested),
        PackCommand::Schema => println!("{}", schema()),
        PackCommand::List => {
            println!("{:<28} {:<10} IMPORTED (UTC)", "DOMAIN", "VERSION");
            for pack in owner_store(installation).await?.packs().await? {
                println!(
                    "{:<28} {:<10} {}",
                    pack.domain,
                    pack.version,
                    pack.imported_at.format("%Y-%m-%d %H:%M")
                );
            }
        }
        PackCommand::Import { file } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let store = owner_store(installation).await?;
            let (label, imported) = import(&store, &file, &text).await?;
            println!(
                "{label} {}.",
                if imported == Imported::New {
                    "is imported"
                } else {
                    "was imported before"
                }
            );
        }
        PackCommand::Activate { domain, version, tenant } => {
            let store = owner_store(installation).await?;
            let outcome = activate(&store, &tenant, &domain, &version).await?;
            println!(
                "{tenant} {} {domain} {version}.",
                if outcome == Created::New { "now uses" } else { "uses already" }
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks and stores a pack.
pub async fn import(store: &OwnerStore, path: &Path, text: &str) -> anyhow::Result<(String, Imported)> {
    let pack = checked(path, text).map_err(|faults| anyhow::anyhow!("the pack is refused\n{}", faults.join("\n")))?;
    let imported = store.import_pack(pack.domain(), &pack.version(), text, clock::now()).await?;
    if imported == Imported::Differs {
        bail!(
            "{} was imported with other content; a version never changes: give this one a new version",
            pack.label()
        );
    }
    Ok((pack.label(), imported))
}

/// Makes a tenant use a version.
pub async fn activate(store: &OwnerStore, tenant: &TenantId, domain: &str, version: &str) -> anyhow::Result<Created> {
    if !store.has_pack(domain, version).await? {
        bail!("{domain} {version} was never imported: sentinai pack import FILE");
    }
    let mut tx = store.begin(&store.scope(tenant)).await?;
    let outcome = tx.activate_pack(domain, version, store.actor(), clock::now()).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// The JSON Schema of packs.
pub fn schema() -> String {
    let schema = schemars::schema_for!(PackDocument);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

type Checked<T> = Result<T, Vec<String>>;

fn each(files: &[PathBuf], check: impl Fn(&Path, &str) -> Checked<()>) -> anyhow::Result<ExitCode> {
    let mut faults = 0;
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        for fault in check(file, &text).err().into_iter().flatten() {
            eprintln!("{fault}");
            faults += 1;
        }
    }
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn checked(path: &Path, text: &str) -> Checked<Pack> {
    let pack = read(path, text)?;
    let failures = failures(&pack, path, text);
    if failures.is_empty() { Ok(pack) } else { Err(failures) }
}

fn tested(path: &Path, text: &str) -> Checked<()> {
    let pack = checked(path, text)?;
    println!(
        "{}: all {} tests of {} hold",
        path.display(),
        pack.document().tests.len(),
        pack.label()
    );
    Ok(())
}

/// Reads and lints, seeds included.
fn read(path: &Path, text: &str) -> Checked<Pack> {
    let at = |fault: &dyn std::fmt::Display| format!("{}:{fault}", path.display());
    let pack = Pack::parse(text).map_err(|faults| faults.iter().map(|fault| at(fault)).collect::<Vec<_>>())?;
    let seeded = pack.document().exception_types.values().any(|kind| kind.seed.is_some());
    if !seeded {
        return Ok(pack);
    }
    let positions = Positions::of(text);
    let faults: Vec<String> = Seeder::faults(pack.document())
        .iter()
        .map(|fault| {
            let position = positions.locate(&fault.pointer);
            at(&format_args!(
                "{}:{}: {} (at {})",
                position.line, position.column, fault.problem, fault.pointer
            ))
        })
        .collect();
    if faults.is_empty() { Ok(pack) } else { Err(faults) }
}

fn failures(pack: &Pack, path: &Path, text: &str) -> Vec<String> {
    let positions = Positions::of(text);
    let failures = examples::run(pack);
    let line = |failure: examples::Failure| {
        let position = positions.locate(&failure.pointer);
        let place = format!("{}:{}:{}: test '{}'", path.display(), position.line, position.column, failure.name);
        failure
            .differences
            .into_iter()
            .map(move |difference| format!("{place}: {difference}"))
    };
    failures.into_iter().flat_map(line).collect()
}
