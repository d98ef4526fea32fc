//! A temporary home whose server ends with the test, and the few questions that the tests ask of processes and servers.

use sqlx::{Connection, PgConnection, Row};
use std::fs::{self, Permissions};
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use store::cluster::{Cluster, Status};
use tempfile::TempDir;

/// Dereferences to its cluster. The directory is closed to other accounts, as a checkout below /root is.
pub struct Home {
    pub dir: TempDir,
    /// For programs that other accounts are to run.
    pub public: TempDir,
    cluster: Cluster,
}

impl Home {
    pub fn new() -> Self {
        let with_mode = |mode| {
            tempfile::Builder::new()
                .permissions(Permissions::from_mode(mode))
                .tempdir()
                .expect("a directory")
        };
        let (dir, public) = (with_mode(0o700), with_mode(0o755));
        let cluster = Cluster::at(dir.path());
        Self { dir, public, cluster }
    }

    /// With a cluster that has been stopped: a copy of one that is made once, which takes a second, for all tests.
    pub fn stopped() -> Self {
        let home = Self::new();
        let copied = Command::new("cp")
            .arg("-a")
            .arg(template().join("postgres"))
            .arg(home.dir.path())
            .status();
        assert!(copied.expect("cp").success());
        home
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("postgres/data")
    }

    pub fn postmaster(&self) -> u32 {
        match self.status().expect("a status") {
            Status::Running { pid, .. } => pid,
            other => panic!("no server: {other:?}"),
        }
    }

    /// Uid of the account that owns the data.
    pub fn owner(&self) -> u32 {
        fs::metadata(self.data()).expect("data").uid()
    }

    /// A command of that account, which keeps our working directory even where it could not enter it by name.
    pub fn as_owner(&self, program: &Path) -> Command {
        if is_root() {
            as_account(self.owner(), program)
        } else {
            Command::new(program)
        }
    }

    /// The first column of the first row, as text.
    pub fn ask(&self, sql: &'static str) -> String {
        ask(&self.url().expect("a running server"), sql)
    }
}

impl Deref for Home {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = self.cluster.stop() {
            eprintln!("cannot stop the server in {}: {error}", self.dir.path().display());
        }
    }
}

/// Made by the first test that needs it, and anew when the tests were built anew.
fn template() -> PathBuf {
    let program = fs::metadata(std::env::current_exe().expect("this program")).expect("its age");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cluster-template");
    let (made, made_for, built) = (dir.join("home"), dir.join("made-for"), program.mtime().to_string());
    fs::create_dir_all(&dir).expect("a directory");
    let lock = fs::File::create(dir.join("lock")).expect("a lock");
    lock.lock().expect("our turn");
    if fs::read_to_string(&made_for).ok().as_ref() != Some(&built) {
        let _ = fs::remove_dir_all(&made);
        let cluster = Cluster::at(&made);
        cluster.start().expect("a start");
        cluster.stop().expect("a stop");
        fs::write(made_for, built).expect("to note it");
    }
    made
}

#[tokio::main(flavor = "current_thread")]
pub async fn ask(url: &str, sql: &'static str) -> String {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    let row = sqlx::query(sql).fetch_optional(&mut connection).await.expect("an answer");
    row.map(|row| row.get(0)).unwrap_or_default()
}

/// Not `SIGTERM`: nothing gets a chance to tidy up.
pub fn kill_hard(pid: u32) {
    let status = Command::new("kill").arg("-9").arg(pid.to_string()).status();
    assert!(status.expect("kill").success());
}

/// For root alone.
pub fn as_account(uid: u32, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={uid}"))
        .arg("--regid=65534")
        .arg("--clear-groups")
        .arg(program);
    command
}

pub fn is_root() -> bool {
    fs::metadata(tempfile::tempdir().expect("a directory").path())
        .expect("its owner")
        .uid()
        == 0
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}
