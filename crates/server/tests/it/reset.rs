//! `sentinai demo --reset`, and the message that an installation of an older layout gets, which names it.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use sqlx::{Connection, PgConnection, raw_sql};
use store::{
    cluster::Cluster,
    migrate::{Logins, migrate},
};
use tempfile::TempDir;

use super::{database, faults::program::sentinai};

/// Makes it what development versions before the baseline left: another first migration, and a table that is no more.
const OLDER_LAYOUT: &str = "update _sqlx_migrations set checksum = '\\x00'; create table exception_cell (tenant_id text)";

/// Runs a program with a terminal, in which somebody types an answer.
const AT_A_TERMINAL: &str = "
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[2], sys.argv[2:])
os.write(terminal, sys.argv[1].encode() + b'\\n')
try:
    while True:
        said = os.read(terminal, 1024)
        if not said: break
        sys.stdout.buffer.write(said)
except OSError: pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))";

/// An installation, stopped at the end.
struct Home(TempDir);

impl Home {
    async fn with_older_layout() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let path = home.0.path().to_owned();
        let running = tokio::task::spawn_blocking(move || Cluster::at(&path).start().unwrap());
        let url = running.await.unwrap().url;
        migrate(&url.parse().unwrap(), Logins::Derived).await.unwrap();
        let mut admin = PgConnection::connect(&url).await.unwrap();
        raw_sql(OLDER_LAYOUT).execute(&mut admin).await.unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, words: &[&str]) -> (bool, String) {
        let mut program = sentinai(self.path());
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        program.args(words).env("SENTINAI_LISTEN", format!("127.0.0.1:{port}"));
        told(&program.stdin(Stdio::null()).output().unwrap())
    }

    /// `sentinai demo --reset` at a terminal.
    fn answer(&self, answer: &str) -> (bool, String) {
        let mut python = Command::new("python3");
        python.args(["-c", AT_A_TERMINAL, answer, env!("CARGO_BIN_EXE_sentinai"), "demo", "--reset"]);
        python.env("SENTINAI_HOME", self.path()).env_remove("DATABASE_URL");
        told(&python.output().unwrap())
    }

    async fn has_older_layout(&self) -> bool {
        let url = Cluster::at(self.path()).url().unwrap();
        let mut admin = PgConnection::connect(&url).await.unwrap();
        let table = sqlx::query_scalar("select to_regclass('exception_cell') is not null");
        table.fetch_one(&mut admin).await.unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(sentinai(self.path()).args(["demo", "--stop"]).output());
    }
}

fn told(output: &Output) -> (bool, String) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), format!("{out}{err}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_layout_names_the_reset_which_asks_and_starts_anew() {
    let home = Home::with_older_layout().await;
    for words in [&["migrate"][..], &["serve"], &["demo"]] {
        let (done, said) = home.run(words);
        assert!(!done && said.contains("`sentinai demo --reset`"), "{words:?}: {said}");
    }

    let (done, said) = home.run(&["demo", "--reset"]);
    assert!(!done && said.contains("run it in a terminal, or add --yes"), "{said}");
    let (done, said) = home.answer("n");
    assert!(
        !done && said.contains("Delete the database and the keys below") && said.contains("nothing was deleted"),
        "{said}"
    );
    assert!(home.has_older_layout().await);

    let (done, said) = home.run(&["demo", "--reset", "--yes", "--no-seed", "--detach"]);
    assert!(done && said.contains("is deleted") && said.contains("TENANT_FINANCE_001"), "{said}");
    assert!(!home.has_older_layout().await);
}

#[tokio::test]
async fn a_database_that_is_managed_elsewhere_is_never_reset() {
    let home = tempfile::tempdir().unwrap();
    let mut program = sentinai(home.path());
    program.args(["demo", "--reset", "--yes"]);
    program.env("DATABASE_URL", database::url().await.expose());
    let (done, said) = told(&program.output().unwrap());
    assert!(!done && said.contains("--reset deletes the managed database only"), "{said}");
}
