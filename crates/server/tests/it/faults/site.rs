//! An installation of its own: a managed PostgreSQL below a temporary home, a tenant, a key, and the means to break things.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use domain::{ids::TenantId, role::Role};
use sqlx::{Connection, PgConnection};
use store::{
    DatabaseUrl, OwnerStore,
    cluster::{Cluster, Status},
    migrate,
};
use tempfile::TempDir;

use super::{Program, program::sentinai};
use crate::{
    app::make_keys,
    chance::{Chance, seed},
    database::make_tenant,
};

/// Connections of a server to its database, as by default.
const CONNECTIONS: u32 = 16;

pub struct Site {
    pub seed: u64,
    /// Of the moments at which things break.
    pub chance: Chance,
    pub tenants: Vec<Sender>,
    pub admin: DatabaseUrl,
    home: TempDir,
}

/// A tenant and a key that may send.
#[derive(Debug, Clone)]
pub struct Sender {
    pub tenant: TenantId,
    pub key: String,
}

impl Site {
    /// With one tenant.
    pub async fn start() -> Self {
        Self::with_tenants(1).await
    }

    pub async fn with_tenants(count: usize) -> Self {
        let seed = seed();
        let home = tokio::task::spawn_blocking(copied).await.unwrap();
        let admin: DatabaseUrl = start_database(home.path()).parse().unwrap();
        let mut site = Self {
            seed,
            chance: Chance::of(seed, 0),
            tenants: Vec::new(),
            admin,
            home,
        };
        for _ in 0..count {
            site.tenants.push(site.another().await);
        }
        site
    }

    /// Another tenant.
    pub async fn another(&self) -> Sender {
        let owner = OwnerStore::connect(&self.admin).await.unwrap();
        let tenant = make_tenant(&owner).await;
        let key = make_keys(&owner, &tenant).await[&Role::Operator].clone();
        Sender { tenant, key }
    }

    pub async fn server(&self) -> Program {
        self.server_with(CONNECTIONS).await
    }

    pub async fn server_with(&self, connections: u32) -> Program {
        Program::start(self.home.path(), connections).await
    }

    /// `sentinai worker`, killed at the latest when this is dropped.
    pub fn worker(&self) -> Worker {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.home.path().join("server.log"));
        let mut command = sentinai(self.home.path());
        command.arg("worker").stdout(Stdio::null()).stderr(log.unwrap());
        Worker(command.spawn().unwrap())
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn sender(&self) -> &Sender {
        &self.tenants[0]
    }

    /// A connection that sees every tenant.
    pub async fn connection(&self) -> PgConnection {
        PgConnection::connect(self.admin.expose()).await.unwrap()
    }

    /// SIGKILL to PostgreSQL and everything it started.
    pub fn kill_database(&self) {
        let Status::Running { pid, .. } = Cluster::at(self.home.path()).status().unwrap() else {
            panic!("there is no database to kill");
        };
        let children = children_of(pid);
        for pid in std::iter::once(pid).chain(children) {
            // Children follow their parent by themselves: they may be gone.
            drop(Command::new("kill").args(["-9", &pid.to_string()]).output().unwrap());
        }
    }

    /// What an operator does after that: `sentinai db start`.
    pub async fn start_database(&self) {
        self.db("start").await;
    }

    /// `sentinai db stop`: connections are told to go.
    pub async fn stop_database(&self) {
        self.db("stop").await;
    }

    async fn db(&self, command: &'static str) {
        let mut program = sentinai(self.home.path());
        program.args(["db", command]);
        let Output { status, stderr, .. } = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        assert!(status.success(), "db {command}: {}", String::from_utf8_lossy(&stderr));
    }
}

/// A running `sentinai worker`.
pub struct Worker(Child);

impl Drop for Worker {
    /// SIGKILL: nothing gets a chance to tidy up.
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {0}: repeat with TEST_SEED={0}. What the server said last:", self.seed);
            let log = fs::read_to_string(self.home.path().join("server.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("{}", lines[lines.len().saturating_sub(20)..].join("\n"));
        }
        if let Err(error) = Cluster::at(self.home.path()).stop() {
            eprintln!("cannot stop the database in {}: {error}", self.home.path().display());
        }
    }
}

fn start_database(home: &Path) -> String {
    Cluster::at(home).start().unwrap().url
}

/// A home with a copy of a cluster that is migrated and stopped: made once per schema, which takes seconds.
fn copied() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let status = Command::new("cp")
        .arg("-a")
        .arg(template().join("postgres"))
        .arg(home.path())
        .status();
    assert!(status.unwrap().success());
    fs::write(home.path().join("postgres/port"), format!("{}\n", port())).unwrap();
    home
}

/// Of its own, so that no other site takes it while its server is down: beside those of other clusters, and below those of
/// outgoing connections.
pub fn port() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let place = std::process::id().wrapping_mul(16) + NEXT.fetch_add(1, Ordering::Relaxed);
    20_000 + place % 12_000
}

fn template() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    fs::create_dir_all(&dir).unwrap();
    let lock = fs::File::create(dir.join("lock")).unwrap();
    lock.lock().unwrap();
    let made = dir.join(migrate::schema_fingerprint());
    if !made.exists() {
        let unfinished = dir.join("unfinished");
        drop(Cluster::at(&unfinished).stop());
        drop(fs::remove_dir_all(&unfinished));
        let url = start_database(&unfinished).parse().unwrap();
        let migrated = migrate::migrate(&url, migrate::Logins::Derived);
        tokio::runtime::Handle::current().block_on(migrated).unwrap();
        Cluster::at(&unfinished).stop().unwrap();
        fs::rename(unfinished, &made).unwrap();
    }
    made
}

fn children_of(parent: u32) -> Vec<u32> {
    let parent_of = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| parent_of(pid) == Some(parent)).collect()
}
