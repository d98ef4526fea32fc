//! Where this installation lives: options that every command has, from flags and environment.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::Args;
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

    /// The managed database.
    pub fn cluster(&self) -> Cluster {
        Cluster::at(&self.home).with_programs(self.pg_bin.clone())
    }

    /// Home as a path.
    pub fn home(&self) -> &Path {
        &self.home
    }
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
