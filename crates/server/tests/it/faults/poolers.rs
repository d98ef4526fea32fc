//! Behind a pooler: PgBouncer in session mode is as good as PostgreSQL itself; in transaction mode every command refuses.

use std::{
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use store::{APP_ROLE, DatabaseUrl, WORKER_ROLE};
use tempfile::TempDir;

use super::{BACK_WITHIN, Load, Program, Site, program::sentinai, site::port};
use crate::app::client;

/// How long PgBouncer may take to listen, and a command to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// The account that PgBouncer becomes when root starts it, which it refuses to be: Debian's `nobody`.
const NOBODY: u32 = 65534;

/// Debian's PgBouncer, with little more than its own settings.
struct Pooler {
    child: Child,
    url: DatabaseUrl,
    _directory: TempDir,
}

impl Pooler {
    /// Before the database of a site; none where it is not installed.
    async fn start(site: &Site, mode: &str) -> Option<Self> {
        let Some(program) = installed() else {
            eprintln!("skipped: there is no pgbouncer on this machine (Debian: apt-get install pgbouncer)");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let port = port();
        let config = configure(directory.path(), site, mode, port);
        let child = Command::new(program)
            .arg(config)
            .args(is_root().then_some(["-u", "nobody"]).into_iter().flatten())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let listens = async {
            while tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, listens).await.expect("PgBouncer listens");
        let url = site
            .admin
            .expose()
            .replacen(&format!(":{}/", database_port(site)), &format!(":{port}/"), 1);
        Some(Self {
            child,
            url: url.parse().unwrap(),
            _directory: directory,
        })
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let dirs = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    dirs.map(|dir| Path::new(dir).join("pgbouncer")).find(|program| program.is_file())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Port of PostgreSQL itself.
fn database_port(site: &Site) -> &str {
    let (_, rest) = site.admin.expose().rsplit_once(':').expect("an address with a port");
    rest.split_once('/').expect("an address with a database").0
}

fn password(url: &DatabaseUrl) -> &str {
    let (login, _) = url.expose().rsplit_once('@').expect("an address with a login");
    login.rsplit_once(':').expect("a login with a password").1
}

/// Its two files, for nobody's eyes but its own.
fn configure(directory: &Path, site: &Site, mode: &str, port: u32) -> PathBuf {
    let [app, worker] = [APP_ROLE, WORKER_ROLE].map(|role| site.admin.as_role(role));
    let users = [&site.admin, &app, &worker].map(|url| format!("\"{}\" \"{}\"\n", url.user(), password(url)));
    let config = format!(
        "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = md5\nauth_file = {}\npool_mode = {mode}\nmax_client_conn = 200\ndefault_pool_size = 60\n",
        database_port(site),
        directory.join("users.txt").display()
    );
    for (name, text) in [("users.txt", users.concat()), ("pgbouncer.ini", config)] {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            chown(&path, Some(NOBODY), None).unwrap();
        }
    }
    if is_root() {
        chown(directory, Some(NOBODY), None).unwrap();
    }
    directory.join("pgbouncer.ini")
}

/// What a command says that ends by itself.
async fn said(site: &Site, url: &DatabaseUrl, words: &str) -> (bool, String) {
    let log = site.home().join("command.log");
    let mut command = sentinai(site.home());
    command.args(words.split(' ')).env("DATABASE_URL", url.expose());
    command.stdout(Stdio::null()).stderr(File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        let began = std::time::Instant::now();
        while child.try_wait().unwrap().is_none() && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(child.kill());
        child.wait().unwrap().success()
    });
    (ended.await.unwrap(), fs::read_to_string(log).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults: needs PgBouncer"]
async fn a_pooler_in_transaction_mode_is_refused_by_every_command() {
    let site = Site::start().await;
    for mode in ["transaction", "statement"] {
        let Some(pooler) = Pooler::start(&site, mode).await else { return };
        for words in ["serve --listen 127.0.0.1:0", "worker", "migrate", "tenant list"] {
            let (success, said) = said(&site, &pooler.url, words).await;
            let explained = said.contains("a pooler in transaction mode") && said.contains("session mode (PgBouncer: pool_mode = session)");
            assert!(!success && explained, "{words} in {mode} mode: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults: needs PgBouncer"]
async fn behind_a_pooler_in_session_mode_everything_works() {
    let site = Site::start().await;
    let Some(pooler) = Pooler::start(&site, "session").await else {
        return;
    };
    for words in ["migrate", "tenant list", "audit verify"] {
        let (success, said) = said(&site, &pooler.url, words).await;
        assert!(success, "{words}: {said}");
    }
    let server = Program::start_on(site.home(), 16, Some(&pooler.url)).await;
    let mut live = client()
        .get(format!("{}/v1/tenants/{}/live", server.base(), site.sender().tenant))
        .header("x-api-key", &site.sender().key)
        .send()
        .await
        .unwrap();
    assert_eq!(live.status(), 200);
    let load = Load::start(&site, site.sender(), &[server.base()]);
    load.more(2_000, BACK_WITHIN * 4).await;
    let heard = async {
        let mut text = String::new();
        let counts = |text: &str| text.split("\"received\":").skip(1).any(|rest| !rest.starts_with('0'));
        while !counts(&text) {
            text += &String::from_utf8_lossy(&live.chunk().await.unwrap().expect("an open stream"));
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("changes are heard of");
    site.holds(site.sender(), load.finish().await, &server).await;
}
