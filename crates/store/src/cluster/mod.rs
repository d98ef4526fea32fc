//! The managed PostgreSQL: a private cluster below `$SENTINAI_HOME` for those who do not bring their own database.
//! Called by `sentinai db`, `demo` and the tests. Everything blocks (a first start for about a second), so asynchronous
//! callers use `spawn_blocking`. It runs PostgreSQL's own programs and never connects: SQL is not its business.

mod account;
mod binaries;
mod bundle;
mod directory;
mod error;
mod launch;
mod probe;
mod process;
mod recovery;
mod settings;
mod stop;
mod tools;

pub use error::ClusterError;

use account::Account;
use directory::Directory;
use process::{Found, Postmaster};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tools::Tools;

/// How long a server that somebody else has just started may take until it accepts connections.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// The cluster below one home directory. Holds no process and no connection: the server outlives every value.
#[derive(Debug, Clone)]
pub struct Cluster {
    directory: Directory,
    programs: Option<PathBuf>,
}

/// A server that accepts connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Of the superuser, with the password.
    pub url: String,
    /// On 127.0.0.1.
    pub port: u16,
    /// What [`Cluster::start`] had to do.
    pub how: How,
}

/// What a start found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nothing: a new cluster was made.
    Initialised,
    /// A cluster that had been stopped.
    Started,
    /// A running server.
    Adopted,
    /// A cluster whose server had been killed.
    Recovered,
}

/// What a stop found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// A running server; it has ended cleanly.
    WasRunning,
    /// No server.
    WasNot,
}

/// The state of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Never made.
    Absent,
    /// Made, and no server runs.
    Stopped,
    /// A server runs.
    Running {
        /// Process id of the postmaster.
        pid: u32,
        /// On 127.0.0.1.
        port: u16,
        /// Major version.
        version: u16,
        /// Of the superuser, with the password.
        url: String,
    },
}

impl Cluster {
    /// Nothing is touched before [`Cluster::start`].
    pub fn at(home: &Path) -> Self {
        Self {
            directory: Directory::under(home),
            programs: None,
        }
    }

    /// Uses the programs in this directory (`PG_BIN`) and looks nowhere else.
    #[must_use]
    pub fn with_programs(self, dir: Option<PathBuf>) -> Self {
        Self { programs: dir, ..self }
    }

    /// Makes sure that a server runs and accepts connections. Of several callers at once one starts it and the others,
    /// who wait, adopt it.
    pub fn start(&self) -> Result<Running, ClusterError> {
        self.directory.create()?;
        let _lock = self.directory.lock()?;
        let data = self.directory.data();
        let Some(version) = self.directory.version()? else {
            return self.initialise();
        };
        let how = match process::look(&data) {
            Found::Alive(postmaster) => match self.ready(postmaster)? {
                Some(port) => return self.running(port, How::Adopted),
                None => How::Recovered,
            },
            Found::Stale => How::Recovered,
            Found::Nothing => How::Started,
        };
        let tools = self.tools(Account::of(&data)?, &data, Some(version))?;
        recovery::end_orphans(&data, &tools)?;
        recovery::remove_pid_file(&data)?;
        self.running(launch::start(&self.directory, &tools)?, how)
    }

    /// Ends the server cleanly: open transactions are rolled back, everything committed is on disk.
    pub fn stop(&self) -> Result<Stopped, ClusterError> {
        let data = self.directory.data();
        if !self.directory.exists() {
            return Ok(Stopped::WasNot);
        }
        let _lock = self.directory.lock()?;
        let was = if matches!(process::look(&data), Found::Alive(_)) {
            Stopped::WasRunning
        } else {
            Stopped::WasNot
        };
        if was == Stopped::WasRunning || !process::all_in(&data).is_empty() {
            stop::stop(&data, &self.tools(Account::of(&data)?, &data, self.directory.version()?)?)?;
        }
        Ok(was)
    }

    /// Stops the server and deletes the cluster with all its data.
    pub fn delete(&self) -> Result<(), ClusterError> {
        self.stop()?;
        self.directory.delete()
    }

    /// Looks and changes nothing.
    pub fn status(&self) -> Result<Status, ClusterError> {
        let Some(version) = self.directory.version()? else {
            return Ok(Status::Absent);
        };
        match process::look(&self.directory.data()) {
            Found::Alive(Postmaster { pid, port: Some(port), .. }) => Ok(Status::Running {
                pid,
                port,
                version,
                url: self.url_on(port)?,
            }),
            _ => Ok(Status::Stopped),
        }
    }

    /// `postgres://postgres:PASSWORD@127.0.0.1:PORT/sentinai` of the running server.
    pub fn url(&self) -> Result<String, ClusterError> {
        match self.status()? {
            Status::Running { url, .. } => Ok(url),
            Status::Absent | Status::Stopped => Err(ClusterError::NotRunning),
        }
    }

    /// psql as the superuser on the running server's database, ready to be run or exec'ed.
    pub fn psql<I, S>(&self, args: I) -> Result<Command, ClusterError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let Status::Running { port, .. } = self.status()? else {
            return Err(ClusterError::NotRunning);
        };
        let mut command = Command::new(psql_program(self.programs.as_deref())?);
        command
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", "postgres", "-d", "sentinai"])
            .args(args);
        // In the environment, which other users cannot read, and not among the arguments, which they can.
        command.env("PGPASSWORD", self.directory.password()?);
        // Settings for other servers in the environment would lead elsewhere, or ask for TLS, which loopback does not need.
        for elsewhere in [
            "PGHOSTADDR",
            "PGSERVICE",
            "PGOPTIONS",
            "PGSSLMODE",
            "PGREQUIRESSL",
            "PGCHANNELBINDING",
        ] {
            command.env_remove(elsewhere);
        }
        Ok(command)
    }

    fn initialise(&self) -> Result<Running, ClusterError> {
        let account = Account::for_new_data()?;
        launch::prepare(&self.directory, account)?;
        let tools = self.tools(account, &self.directory.unfinished(), None)?;
        launch::initialise(&self.directory, &tools)?;
        self.running(launch::start(&self.directory, &tools)?, How::Initialised)
    }

    fn tools(&self, account: Account, data: &Path, made_by: Option<u16>) -> Result<Tools, ClusterError> {
        Tools::new(binaries::find(self.programs.as_deref(), data, made_by)?, account, data)
    }

    /// Waits for a living server. `None` when it dies meanwhile.
    fn ready(&self, mut postmaster: Postmaster) -> Result<Option<u16>, ClusterError> {
        let data = self.directory.data();
        let begun = Instant::now();
        loop {
            if let (Some(port), true) = (postmaster.port, postmaster.ready)
                && probe::answers(port)
            {
                return Ok(Some(port));
            }
            if begun.elapsed() > READY_WITHIN {
                return Err(ClusterError::NotReady {
                    pid: postmaster.pid,
                    log: data.join("log"),
                });
            }
            sleep(Duration::from_millis(10));
            match process::look(&data) {
                Found::Alive(again) => postmaster = again,
                Found::Stale | Found::Nothing => return Ok(None),
            }
        }
    }

    fn running(&self, port: u16, how: How) -> Result<Running, ClusterError> {
        Ok(Running {
            url: self.url_on(port)?,
            port,
            how,
        })
    }

    fn url_on(&self, port: u16) -> Result<String, ClusterError> {
        Ok(format!(
            "postgres://postgres:{}@127.0.0.1:{port}/sentinai",
            self.directory.password()?
        ))
    }
}

/// Where psql is, or what to install. For databases that are managed elsewhere as well.
pub fn psql_program(programs: Option<&Path>) -> Result<PathBuf, ClusterError> {
    binaries::psql(programs)
}
