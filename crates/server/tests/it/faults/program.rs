//! The program as a process that can be killed and started again at the same address.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::Client;
use store::DatabaseUrl;

use crate::app::client;

const STARTED_WITHIN: Duration = Duration::from_secs(10);

/// `sentinai serve`.
pub struct Program {
    child: Child,
    home: PathBuf,
    listen: String,
    connections: u32,
    database: Option<DatabaseUrl>,
    client: Client,
}

impl Program {
    /// Starts it on the managed database of a home, with at most so many connections to it.
    pub async fn start(home: &Path, connections: u32) -> Self {
        Self::start_on(home, connections, None).await
    }

    /// The same, or on a database at this address.
    pub async fn start_on(home: &Path, connections: u32, database: Option<&DatabaseUrl>) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let program = Self {
            child: spawn(home, &listen, connections, database),
            home: home.to_owned(),
            listen,
            connections,
            database: database.cloned(),
            client: client(),
        };
        program.is_up().await;
        program
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.listen)
    }

    pub fn address(&self) -> &str {
        &self.listen
    }

    /// SIGKILL: nothing gets a chance to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn start_again(&mut self) {
        self.child = spawn(&self.home, &self.listen, self.connections, self.database.as_ref());
        self.is_up().await;
    }

    /// Memory it holds now.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    async fn is_up(&self) {
        let answers = async {
            while self.client.get(format!("{}/health", self.base())).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(
            tokio::time::timeout(STARTED_WITHIN, answers).await.is_ok(),
            "the server does not start"
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(home: &Path, listen: &str, connections: u32, database: Option<&DatabaseUrl>) -> Child {
    let log = File::options().create(true).append(true).open(home.join("server.log")).unwrap();
    let mut command = sentinai(home);
    command.arg("serve").env("SENTINAI_LISTEN", listen);
    command.env("SENTINAI_DB_CONNECTIONS", connections.to_string());
    command.envs(database.map(|url| ("DATABASE_URL", url.expose())));
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// A command of the program in a home.
pub fn sentinai(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinai"));
    command.env("SENTINAI_HOME", home);
    for other in ["DATABASE_URL", "SENTINAI_APP_DATABASE_URL", "SENTINAI_AUTH"] {
        command.env_remove(other);
    }
    command
}
