//! A demo that is left running: a `sentinai serve` of its own, its process id in a file.

use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::{
    cli::{seed, serve::ServeArgs},
    config::Installation,
};

fn pid_file(installation: &Installation) -> PathBuf {
    installation.home.join("server.pid")
}

/// Log of a demo left running.
pub fn log_file(installation: &Installation) -> PathBuf {
    installation.home.join("server.log")
}

/// Process of a demo left running, if it is.
pub fn running(installation: &Installation) -> Option<u32> {
    let pid: u32 = std::fs::read_to_string(pid_file(installation)).ok()?.trim().parse().ok()?;
    is_ours(pid).then_some(pid)
}

/// Whether a process is alive and a `sentinai`; the number may belong to another program by now.
fn is_ours(pid: u32) -> bool {
    let Ok(output) = Command::new("ps").args(["-o", "stat=,args=", "-p", &pid.to_string()]).output() else {
        return false;
    };
    let line = String::from_utf8_lossy(&output.stdout);
    let line = line.trim();
    !line.is_empty() && !line.starts_with('Z') && line.contains("sentinai") && line.contains("serve")
}

/// Starts a server that outlives us, and waits until it answers.
pub async fn start(serve: &ServeArgs, installation: &Installation) -> anyhow::Result<()> {
    let log_path = log_file(installation);
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log_path)
        .with_context(|| format!("cannot write {}", log_path.display()))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("serve").env("SENTINAI_HOME", &installation.home);
    command.envs(serve.environment());
    if let Some(programs) = &installation.pg_bin {
        command.env("PG_BIN", programs);
    }
    if let Some(url) = &installation.database_url {
        command.env("DATABASE_URL", url.expose());
    }
    if let Some(url) = &installation.app_database_url {
        command.env("SENTINAI_APP_DATABASE_URL", url.expose());
    }
    // A group of its own: the terminal's Ctrl-C is not for it.
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .spawn()
        .context("cannot start the server")?;
    std::fs::write(pid_file(installation), child.id().to_string())?;
    let ready = seed::wait_until_ready(&serve.listen.url(), Duration::from_secs(20)).await;
    ready.with_context(|| format!("the server did not start; {} says why", log_path.display()))
}

/// Stops server and managed database.
pub async fn stop(installation: &Installation) -> anyhow::Result<()> {
    match running(installation) {
        Some(pid) => {
            Command::new("kill")
                .arg(pid.to_string())
                .status()
                .context("cannot send the signal")?;
            for _ in 0..300 {
                if !is_ours(pid) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if is_ours(pid) {
                bail!("process {pid} did not stop within 15 s");
            }
            drop(std::fs::remove_file(pid_file(installation)));
            println!("The server is stopped.");
        }
        None => println!("No demo was left running."),
    }
    if installation.database_url.is_none() {
        let cluster = installation.cluster();
        let stopped = tokio::task::spawn_blocking(move || cluster.stop()).await??;
        println!(
            "The database {}.",
            if stopped == store::cluster::Stopped::WasRunning {
                "is stopped"
            } else {
                "was not running"
            }
        );
    }
    Ok(())
}
