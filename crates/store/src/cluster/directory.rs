//! The files of one cluster under `<home>/postgres/`, and the lock that lets one process at a time start or stop it.
//!
//! `data` the cluster · `data.new` one being made · `password` of the superuser · `port` it listens on ·
//! `startup.log` what the server said before it had a log of its own · `lock`. As root all but the data stays root's.

use super::error::ClusterError;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// `<home>/postgres`. Exists on disk only after [`Directory::create`].
#[derive(Debug, Clone)]
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn under(home: &Path) -> Self {
        // PostgreSQL is started from another working directory, so the path must not depend on ours.
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_path_buf());
        Self(home.join("postgres"))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub(super) fn unfinished(&self) -> PathBuf {
        self.0.join("data.new")
    }

    pub(super) fn startup_log(&self) -> PathBuf {
        self.0.join("startup.log")
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.0.join("password")
    }

    /// Written before each start.
    pub(super) fn configuration(&self) -> PathBuf {
        self.data().join("sentinai.conf")
    }

    fn port_file(&self) -> PathBuf {
        self.0.join("port")
    }

    /// Whether there is anything to lock or to look at.
    pub(super) fn exists(&self) -> bool {
        self.0.is_dir()
    }

    /// Makes the directory, open to nobody else, unless it is there.
    pub(super) fn create(&self) -> Result<(), ClusterError> {
        if self.exists() {
            return Ok(());
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(ClusterError::at("create", &self.0))
    }

    /// Deletes the directory and everything in it.
    pub(super) fn delete(&self) -> Result<(), ClusterError> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ClusterError::at("delete", &self.0)(error)),
            _ => Ok(()),
        }
    }

    /// Waits until no other process starts or stops this cluster. The lock ends with the returned file.
    pub(super) fn lock(&self) -> Result<File, ClusterError> {
        let path = self.0.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.map_err(ClusterError::at("open", &path))?;
        file.lock().map_err(ClusterError::at("lock", &path))?;
        Ok(file)
    }

    /// Major version of PostgreSQL that made the data, `None` where there is no data.
    pub(super) fn version(&self) -> Result<Option<u16>, ClusterError> {
        let path = self.data().join("PG_VERSION");
        Ok(read(&path)?.and_then(|text| text.parse().ok()))
    }

    pub(super) fn port(&self) -> Result<Option<u16>, ClusterError> {
        Ok(read(&self.port_file())?.and_then(|text| text.parse().ok()))
    }

    pub(super) fn keep_port(&self, port: u16) -> Result<(), ClusterError> {
        write_private(&self.port_file(), &port.to_string())
    }

    pub(super) fn password(&self) -> Result<String, ClusterError> {
        let path = self.password_file();
        let kept = read(&path)?.filter(|text| !text.is_empty());
        kept.ok_or(ClusterError::NoPassword { path })
    }

    /// A new password of 256 bits that needs no escaping in a URL or in SQL. Only for a cluster being made.
    pub(super) fn new_password(&self) -> Result<String, ClusterError> {
        let path = self.password_file();
        let mut bytes = [0_u8; 32];
        let random = SysRng.try_fill_bytes(&mut bytes).map_err(io::Error::other);
        random.map_err(ClusterError::at("find randomness for", &path))?;
        let password = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        write_private(&path, &password)?;
        Ok(password)
    }

    /// Refuses a full disk before the server does, which could not even say so in its log.
    pub(super) fn check_space(&self) -> Result<(), ClusterError> {
        let path = self.0.join("space");
        let written = fs::write(&path, vec![0; 1 << 20]).and_then(|()| fs::remove_file(&path));
        written.map_err(|error| {
            let _ = fs::remove_file(&path);
            ClusterError::at("write", &path)(error)
        })
    }

    /// The end of what the last server said: its start, then its own log if it came to write one.
    pub(super) fn log_tail(&self) -> String {
        let modified = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let begun = modified(&self.configuration());
        let logs = fs::read_dir(self.data().join("log"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|log| log.path());
        let newest = logs.max_by_key(|log| modified(log)).filter(|log| modified(log) >= begun);
        let of_server = newest.map(|log| tail(&log)).unwrap_or_default();
        // The log is appended to; earlier starts are of no interest.
        let last_start = of_server.rfind("starting PostgreSQL").unwrap_or(0);
        tail(&self.startup_log()) + &of_server[last_start..]
    }
}

/// The last 4 kB of a file, from the start of a line.
fn tail(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let end = &bytes[bytes.len().saturating_sub(4096)..];
    let whole = if end.len() == bytes.len() {
        0
    } else {
        end.iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1)
    };
    String::from_utf8_lossy(&end[whole..]).into_owned()
}

fn read(path: &Path) -> Result<Option<String>, ClusterError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClusterError::at("read", path)(error)),
    }
}

/// Whole or not at all, and never readable by others.
fn write_private(path: &Path, text: &str) -> Result<(), ClusterError> {
    let unfinished = path.with_extension("new");
    let written = (|| {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&unfinished)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    })();
    written.map_err(ClusterError::at("write", path))
}
