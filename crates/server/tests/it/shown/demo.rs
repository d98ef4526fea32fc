//! One demo in a directory that looks like the repository after `make build`.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use store::cluster::Cluster;
use tempfile::TempDir;

use super::{page::Page, script::script};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Dead letters: nothing in a demo dies by itself.
const DEAD_JOBS: &str = "
insert into job (tenant_id, job_id, kind, payload, state, run_at, attempts, max_attempts, last_error, created_at, created_by, finished_at)
overriding system value
select 'TENANT_FINANCE_001', id, 'sweep', '{}', 'DEAD', now(), 5, 5, 'a trial', now(), 'system', now() from unnest(array[4711, 4712]) id";

pub struct Demo {
    folder: TempDir,
    /// Port of the demo.
    port: u16,
    /// Port of further servers, beside it.
    other: u16,
}

impl Demo {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("target/release");
        fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sentinai"), bin.join("sentinai")).unwrap();
        std::os::unix::fs::symlink(root().join("domainpacks"), folder.path().join("domainpacks")).unwrap();
        // Both are bound before either is free again, so that they differ.
        let free = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let [port, other] = free.map(|listener| listener.local_addr().unwrap().port());
        Self { folder, port, other }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program in the directory, which finds `sentinai` and the demo.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("SENTINAI_") || name.starts_with("DATABASE_") || name.starts_with("PG") {
                command.env_remove(name);
            }
        }
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let mut path = OsString::from(self.path().join("target/release"));
        path.push(":");
        path.push(folders);
        command.current_dir(self.path()).env("PATH", path);
        command.env("SENTINAI_API_URL", format!("http://localhost:{}", self.port));
        command
    }

    /// Starts it, or finds that it runs. The first time it is filled.
    fn start(&self) {
        let mut demo = self.command("sentinai");
        demo.arg("demo")
            .env("DEMO_DETACH", "1")
            .env("SENTINAI_LISTEN", format!("127.0.0.1:{}", self.port));
        let output = demo.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs what a page shows, with the demo running at its beginning.
    pub fn run(&self, page: &Page) {
        self.start();
        if page.path == "docs/jobs.md" {
            let output = self
                .command("sentinai")
                .args(["db", "psql", "--", "-c", DEAD_JOBS])
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        for (name, text) in &page.files {
            fs::write(self.path().join(name), text).unwrap();
        }
        // The pages name the usual address, which may be taken here, and once another one.
        let here = format!("http://localhost:{}", self.port);
        let text = script(page)
            .replace("http://localhost:8000", &here)
            .replace("http://localhost:8080", &here);
        fs::write(self.path().join("page.sh"), text).unwrap();
        let mut shell = self.command("bash");
        shell.arg("page.sh").env("SENTINAI_LISTEN", format!("127.0.0.1:{}", self.other));
        let output = shell.output().unwrap();
        let read = |name: &str| fs::read_to_string(self.path().join(name)).unwrap_or_default();
        assert!(
            output.status.success(),
            "{}:{} does not work: {}{}",
            page.path,
            read("at").trim(),
            read("said"),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.command("sentinai").args(["demo", "--stop"]).output());
        // Installations that the pages made beside it.
        for home in [".sentinai-by-hand", "target/tmp/checking"] {
            drop(Cluster::at(&self.path().join(home)).stop());
        }
    }
}
