//! What has to happen before a start after a crash: the killed server's own processes must be gone, because they may
//! still write to the memory they shared, and its pid file too, because PostgreSQL believes it where the process id
//! belongs to a zombie or to somebody else by now. Then PostgreSQL recovers from its log by itself.

use super::error::ClusterError;
use super::process;
use super::tools::Tools;
use std::fs;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Idle processes notice within milliseconds that their server is gone; one that computes has to be told.
const PATIENCE: Duration = Duration::from_millis(500);
const AFTER_QUIT: Duration = Duration::from_secs(3);
const AFTER_KILL: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(10);

/// Waits until no process is left, telling and then forcing them to end.
pub(super) fn end_orphans(data: &Path, tools: &Tools) -> Result<(), ClusterError> {
    let begun = Instant::now();
    for (signal, until) in [(None, PATIENCE), (Some("QUIT"), AFTER_QUIT), (Some("KILL"), AFTER_KILL)] {
        if let Some(signal) = signal {
            process::all_in(data)
                .into_iter()
                .try_for_each(|pid| tools.kill(signal, pid, data))?;
        }
        while begun.elapsed() < until {
            if process::all_in(data).is_empty() {
                return Ok(());
            }
            sleep(STEP);
        }
    }
    Err(ClusterError::Orphans {
        data: data.to_path_buf(),
        pids: process::all_in(data),
    })
}

/// Only for a pid file whose server is known to be dead.
pub(super) fn remove_pid_file(data: &Path) -> Result<(), ClusterError> {
    let path = data.join("postmaster.pid");
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ClusterError::at("remove", &path)(error)),
        _ => Ok(()),
    }
}
