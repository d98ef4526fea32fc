//! Which processes work in a data directory. A pid file proves nothing: its process may be dead, dead but not yet
//! collected by pid 1 (a zombie), or by now quite another one. What counts is a living process of PostgreSQL whose
//! working directory is the data directory.

use super::account::{self, Account, effective_uid};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// A living server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: u32,
    /// `None` in the first moments of a start.
    pub(super) port: Option<u16>,
    pub(super) ready: bool,
}

/// What the pid file, checked against the processes, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No pid file: the server was stopped cleanly, or never ran.
    Nothing,
    /// A pid file left by a server that was killed.
    Stale,
    Alive(Postmaster),
}

/// Lines of `postmaster.pid` as PostgreSQL's miscadmin.h numbers them, from zero.
const PORT_LINE: usize = 3;
const STATUS_LINE: usize = 7;

pub(super) fn look(data: &Path) -> Found {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else {
        return Found::Nothing;
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(pid) = lines.first().and_then(|line| line.parse().ok()) else {
        return Found::Stale;
    };
    if !works_in(pid, data) {
        return Found::Stale;
    }
    let port = lines.get(PORT_LINE).and_then(|line| line.parse().ok());
    Found::Alive(Postmaster {
        pid,
        port,
        ready: lines.get(STATUS_LINE) == Some(&"ready"),
    })
}

/// Every process of PostgreSQL that works in the directory. Empty where the system has no /proc.
pub(super) fn all_in(data: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| works_in(pid, data)).collect()
}

fn works_in(pid: u32, data: &Path) -> bool {
    if !Path::new("/proc/self/stat").exists() {
        return told_by_ps(pid);
    }
    lives_as_postgres(pid).unwrap_or(false) && has_working_directory(pid, data)
}

/// Name and state from `/proc/<pid>/stat`, which everyone may read.
fn lives_as_postgres(pid: u32) -> Option<bool> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
    Some(name.contains("postgres") && !rest.starts_with(['Z', 'X']))
}

fn has_working_directory(pid: u32, data: &Path) -> bool {
    let identity = |meta: fs::Metadata| (meta.dev(), meta.ino());
    match fs::metadata(format!("/proc/{pid}/cwd")) {
        Ok(meta) => fs::metadata(data).is_ok_and(|ours| identity(ours) == identity(meta)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && effective_uid() == 0 => asked_by_account(pid, data),
        Err(_) => false,
    }
}

/// Root in a container may lack the right to look at the processes of others. The account itself may look at its own, as
/// long as it has all their privileges.
fn asked_by_account(pid: u32, data: &Path) -> bool {
    let Ok(account) = Account::of(data) else { return false };
    let says_yes = |privileges: Vec<String>| {
        let mut command = account.command(&privileges, data, Path::new("test")).ok()?;
        command.arg(format!("/proc/{pid}/cwd")).arg("-ef").arg(account.name_of(data));
        command.output().ok().map(|output| output.status.success())
    };
    account::privileges().any(|privileges| says_yes(privileges).unwrap_or(false))
}

/// For systems without /proc (macOS): a living process named postgres, wherever it works.
fn told_by_ps(pid: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=,comm=", "-p", &pid.to_string()]).output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    text.contains("postgres") && !text.starts_with('Z')
}
