//! Makes a cluster and starts its server. Called with the lock held and after the process check; decides nothing about
//! servers that already run.

use super::account::Account;
use super::directory::Directory;
use super::error::ClusterError;
use super::process::{self, Found};
use super::settings;
use super::tools::{Tools, cannot_execute, run};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Below every system's range for outgoing connections, so that the port is still free next time.
const PORTS: std::ops::Range<u16> = 15432..20000;

/// Recovery after a crash replays at most `max_wal_size`, which takes far less.
const START_SECONDS: &str = "120";

/// What a server says before it tries again.
const CRASHED: &str = "all server processes terminated; reinitializing";

/// The directory for a new cluster, empty and its account's. What a crash left of an earlier attempt is removed.
pub(super) fn prepare(directory: &Directory, account: Account) -> Result<(), ClusterError> {
    let unfinished = directory.unfinished();
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(ClusterError::at("remove", &unfinished))?;
    }
    DirBuilder::new()
        .mode(0o700)
        .create(&unfinished)
        .map_err(ClusterError::at("create", &unfinished))?;
    account.own(&unfinished)
}

/// A whole cluster or none: everything happens in a directory of another name that is renamed at the end. Password and
/// database are made in single-user mode, so the server never listens without them.
pub(super) fn initialise(directory: &Directory, tools: &Tools) -> Result<(), ClusterError> {
    const STEP: &str = "initialisation";
    let unfinished = directory.unfinished();
    let mut initdb = tools.command("initdb", &unfinished)?;
    initdb.args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--auth=reject", "--no-sync"]);
    run(STEP, &mut initdb, None)?;

    let access = unfinished.join("pg_hba.conf");
    fs::write(&access, settings::HOST_ACCESS).map_err(ClusterError::at("write", &access))?;
    let config = unfinished.join("postgresql.conf");
    let appended = OpenOptions::new()
        .append(true)
        .open(&config)
        .and_then(|mut file| file.write_all(settings::INCLUDE.as_bytes()));
    appended.map_err(ClusterError::at("write", &config))?;

    let password = directory.new_password()?;
    let sql = format!("alter role postgres password '{password}';\n\ncreate database sentinai;\n\n");
    run(STEP, &mut tools.single_user(&unfinished)?, Some(&sql))?;

    let data = directory.data();
    sync(&unfinished).map_err(ClusterError::at("write", &unfinished))?;
    let renamed = fs::rename(&unfinished, &data).and_then(|()| sync_parent(&data));
    renamed.map_err(ClusterError::at("rename to", &data))
}

/// Starts the server and waits until it accepts connections. Returns its port: the one it had before, unless somebody
/// else has taken that.
pub(super) fn start(directory: &Directory, tools: &Tools) -> Result<u16, ClusterError> {
    let kept = directory.port()?;
    let candidates = kept.into_iter().chain(ports()).filter(|&port| is_free(port)).take(10);
    let mut log = "no free port".to_owned();
    for port in candidates {
        if start_on(port, directory, tools)? {
            if kept != Some(port) {
                directory.keep_port(port)?;
            }
            return Ok(port);
        }
        log = directory.log_tail();
        // Somebody took the port between our look and the server's start.
        if !log.contains("could not bind IPv4 address") {
            break;
        }
    }
    Err(ClusterError::failed("start", &log))
}

fn start_on(port: u16, directory: &Directory, tools: &Tools) -> Result<bool, ClusterError> {
    let data = directory.data();
    let compresses = tools.accepts(settings::WAL_COMPRESSION, &data)?;
    configure(
        &directory.configuration(),
        &data,
        &settings::text(port, settings::memory(), compresses),
    )?;
    directory.check_space()?;
    let log = startup_log(&directory.startup_log())?;
    let mut command = tools.command("pg_ctl", &data)?;
    command.args(["--wait", "--timeout", START_SECONDS, "start"]).stderr(log);
    let mut starter = command.spawn().map_err(|source| cannot_execute(&command, source))?;
    loop {
        match starter.try_wait().map_err(|source| cannot_execute(&command, source))? {
            Some(status) => return Ok(status.success()),
            None if directory.log_tail().contains(CRASHED) => give_up(tools, &data)?,
            None => sleep(Duration::from_millis(10)),
        }
    }
}

/// A server whose processes crash while it starts tries again for ever. Ended, it makes `pg_ctl` report a failure.
fn give_up(tools: &Tools, data: &Path) -> Result<(), ClusterError> {
    let mut command = tools.command("pg_ctl", data)?;
    run("start", command.args(["--wait", "--mode", "immediate", "stop"]), None).or_else(|error| match process::look(data) {
        Found::Alive(_) => Err(error),
        Found::Stale | Found::Nothing => Ok(()),
    })
}

fn configure(path: &Path, data: &Path, text: &str) -> Result<(), ClusterError> {
    let written = fs::write(path, text).and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o600)));
    written.map_err(ClusterError::at("write", path))?;
    // Root may write it for the account that reads it.
    Account::of(data)?.own(path)
}

fn startup_log(path: &Path) -> Result<File, ClusterError> {
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
    file.map_err(ClusterError::at("write", path))
}

/// All of them, from a place that differs between processes, so that clusters made at once do not race for one port.
fn ports() -> impl Iterator<Item = u16> {
    let places = PORTS.len();
    let first = std::process::id() as usize % places;
    PORTS.cycle().skip(first).take(places)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Once for the whole file system instead of once for each of a thousand files, which takes seconds on a busy disk.
fn sync(data: &Path) -> io::Result<()> {
    let of_file_system = Command::new("sync").arg("-f").arg(data).stderr(Stdio::null()).status();
    if of_file_system.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    // Only coreutils know that option.
    Command::new("sync").status().map(drop)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}
