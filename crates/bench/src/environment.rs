//! What is measured: a private database, a server process of its own, a tenant with a key.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use domain::{ids::TenantId, role::Role};
use store::{
    DatabaseUrl, OwnerStore,
    cluster::{Cluster, Status},
    keys::{NewHolder, NewKey, SecretKey, hash},
    migrate,
};

use crate::{args::Args, client::Target, process::Processes};

/// The pack whose exceptions are sent.
pub const PACK: &str = include_str!("../../../domainpacks/finance.sample.json");
const PACK_DOMAIN: &str = "CapitalMarketsTrading";
/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// All that runs.
pub struct Environment {
    cluster: Cluster,
    child: Child,
    /// Of the database, as its administrator.
    pub url: DatabaseUrl,
    /// The tenant that is measured.
    pub target: Target,
    /// Its id.
    pub tenant: TenantId,
    /// The server.
    pub server: Processes,
    /// The database.
    pub database: Processes,
}

impl Environment {
    /// Starts everything.
    pub async fn start(args: &Args) -> anyhow::Result<Self> {
        if !args.program.is_file() {
            bail!(
                "there is no {}: build it with `make build`, or name another with --program",
                args.program.display()
            );
        }
        let cluster = Cluster::at(&args.home);
        let url: DatabaseUrl = cluster.start().context("the private database does not start")?.url.parse()?;
        let Status::Running { pid, .. } = cluster.status()? else {
            bail!("the private database has ended");
        };
        migrate::migrate(&url, migrate::Logins::Derived).await?;
        let owner = OwnerStore::connect(&url).await?;
        let (tenant, key) = make_tenant(&owner).await?;
        let address = free_address()?;
        let child = serve(&args.program, &args.home, &url, address)?;
        let target = Target {
            address,
            base: format!("/v1/tenants/{tenant}"),
            key,
        };
        let environment = Environment {
            server: Processes::one(child.id()),
            database: Processes::with_children(pid),
            cluster,
            child,
            url,
            target,
            tenant,
        };
        environment.wait().await?;
        Ok(environment)
    }

    async fn wait(&self) -> anyhow::Result<()> {
        let ready = async {
            while tokio::net::TcpStream::connect(self.target.address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.context("the server does not start")
    }

    /// Stops everything and says what did not stop.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Err(error) = self.cluster.stop() {
            eprintln!("the private database was not stopped: {error}");
        }
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn serve(program: &Path, home: &Path, url: &DatabaseUrl, address: SocketAddr) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command
        .arg("serve")
        .args(["--listen", &address.to_string()])
        .arg("--home")
        .arg(home);
    command
        .env("DATABASE_URL", url.expose())
        .env("SENTINAI_LOG", "warn")
        .env_remove("SENTINAI_APP_DATABASE_URL");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().with_context(|| format!("{} does not start", program.display()))
}

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "a measurement is about now; this is its one home here")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A name of this moment, so that a database can be used again.
async fn make_tenant(owner: &OwnerStore) -> anyhow::Result<(TenantId, String)> {
    let (at, pack) = (now(), version()?);
    let name = format!("BENCH_{}", at.timestamp_micros());
    let tenant: TenantId = name.parse()?;
    owner.import_pack(PACK_DOMAIN, &pack, PACK, at).await?;
    owner.create_tenant(&tenant, "A measurement", PACK_DOMAIN, at).await?;
    let mut tx = owner.begin(&owner.scope(&tenant)).await?;
    tx.activate_pack(PACK_DOMAIN, &pack, "bench", at).await?;
    tx.commit().await?;
    // Whoever can reach this database may know the key: it opens invented exceptions only.
    let key = SecretKey::from_bytes(&hash(&name));
    let new = NewKey {
        tenant: &tenant,
        holder: NewHolder::Named(&"bench".parse().map_err(anyhow::Error::new)?, Role::Operator),
        expires_at: None,
    };
    owner.create_key(&key, &new, at).await?;
    Ok((tenant, key.expose().to_owned()))
}

fn version() -> anyhow::Result<String> {
    let pack: serde_json::Value = serde_json::from_str(PACK)?;
    Ok(pack["version"].as_str().context("the pack has a version")?.to_owned())
}
