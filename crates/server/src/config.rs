//! Where this installation lives: options that every command has, from flags and environment.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use domain::member::DisplayName;
use store::{DatabaseUrl, cluster::Cluster};

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Installation {
    /// Directory of the managed database and of the demo's keys
    #[arg(long, env = "SENTINAI_HOME", default_value = ".sentinai", global = true, value_name = "DIR")]
    pub home: PathBuf,

    /// Directory of PostgreSQL's programs [default: found on the PATH, where packages put them, or in the packages of the UI]
    #[arg(long, env = "PG_BIN", global = true, value_name = "DIR")]
    pub pg_bin: Option<PathBuf>,

    /// Database to use instead of the managed one, as its administrator: postgres://user:password@host:port/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    pub database_url: Option<DatabaseUrl>,

    /// The same database as the role that serves requests; by default derived from the administrator's
    #[arg(long, env = "SENTINAI_APP_DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    pub app_database_url: Option<DatabaseUrl>,

    /// Name under which changes by this command stand in the audit trail [default: the user of the system]
    #[arg(long = "as", env = "SENTINAI_AS", global = true, value_name = "NAME")]
    pub acting_as: Option<DisplayName>,
}

/// Address to serve on.
#[derive(Debug, Clone, Args)]
pub struct Listen {
    /// Address and port to serve on
    #[arg(long, env = "SENTINAI_LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
}

impl Installation {
    /// Keys of the demo: `{"TENANT": {"role": "key"}}`, readable by its owner only.
    pub fn credentials(&self) -> PathBuf {
        self.home.join("credentials.json")
    }

    /// Actor of the changes that commands make: `cli:` and the name given, else that of the system's user.
    pub fn actor(&self) -> anyhow::Result<String> {
        let name = match &self.acting_as {
            Some(name) => name.clone(),
            None => system_user()
                .parse()
                .context("the system's user has no usable name: give one with --as NAME")?,
        };
        Ok(domain::member::cli_actor(&name))
    }

    /// The managed database.
    pub fn cluster(&self) -> Cluster {
        Cluster::at(&self.home).with_programs(self.pg_bin.clone())
    }

    /// Home as a path.
    pub fn home(&self) -> &Path {
        &self.home
    }
}

/// Login name of the system's user, else its number.
#[expect(clippy::disallowed_methods, reason = "this is the home of configuration")]
fn system_user() -> String {
    let named = ["USER", "LOGNAME"].iter().filter_map(|name| std::env::var(name).ok());
    let mut known = named.filter(|name| !name.trim().is_empty());
    known
        .next()
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

impl Listen {
    /// URL under which the desk is reached from this machine.
    pub fn url(&self) -> String {
        let host = match self.listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() || ip.is_loopback() => "localhost".to_owned(),
            IpAddr::V6(ip) if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        format!("http://{host}:{}", self.listen.port())
    }
}
