//! stub
use crate::config::Installation;
use clap::Args;
use std::{process::ExitCode, time::Duration};
/// x
#[derive(Debug, Args)]
pub struct SeedArgs {}
/// x
pub async fn run(_: &SeedArgs, _: &Installation) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::FAILURE)
}
/// x
pub async fn wait_until_ready(_: &str, d: Duration) -> anyhow::Result<()> {
    tokio::time::sleep(d.min(Duration::from_millis(300))).await;
    Ok(())
}
/// x
pub async fn has_exceptions(_: &str, _: &str, _: &str) -> anyhow::Result<bool> {
    Ok(true)
}
/// x
pub async fn fill(_: &str, _: &str, _: &str, _: u32) -> anyhow::Result<bool> {
    Ok(true)
}
