//! `sentinai serve`: the API and the desk, until told to stop.

mod connections;
mod places;
mod writes;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{Args, value_parser};
use ipnet::IpNet;
use store::{SessionFault, Store, migrate::SchemaFault};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use self::{connections::Bounds, places::Places};
use super::{database::app_store, worker::connections as job_connections};
use crate::{
    alarms,
    anchors::{self, AnchorArgs},
    clock::Clock,
    config::{Installation, Listen},
    http::{self, AppState, Auth, Limits, LiveFeed, PublicUrl, Site},
    pulse::Pulse,
    worker::{self, Pace},
};

/// How long requests may finish after the signal to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Most connections of those who watch its health.
const ADMIN_CONNECTIONS: u32 = 64;

/// Arguments of `sentinai serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub listen: Listen,

    /// Whether requests need a key; `off` only on a loopback address
    #[arg(long, env = "SENTINAI_AUTH", value_enum, default_value = "key")]
    pub auth: Auth,

    /// Most connections to the database
    #[arg(long, env = "SENTINAI_DB_CONNECTIONS", default_value = "16", value_parser = value_parser!(u32).range(2..=1000))]
    pub db_connections: u32,

    /// Most connections of callers; more wait until one ends. Each takes an open file, of which a process often may have 1024
    #[arg(long, env = "SENTINAI_MAX_CONNECTIONS", default_value = "800", value_name = "N", value_parser = value_parser!(u32).range(1..=100_000))]
    pub max_connections: u32,

    /// Most connections of one address (with IPv6: of a network of 64 bits); more are closed. Loopback addresses and trusted proxies are
    /// exempt, because many callers stand behind them
    #[arg(long, env = "SENTINAI_MAX_CONNECTIONS_PER_ADDRESS", default_value = "200", value_name = "N", value_parser = value_parser!(u32).range(1..=100_000))]
    pub max_connections_per_address: u32,

    /// Another address that answers health checks and nothing else, however many connections of callers there are
    #[arg(long, env = "SENTINAI_ADMIN_LISTEN", value_name = "ADDRESS:PORT")]
    pub admin_listen: Option<SocketAddr>,

    /// MiB for bodies of requests that are not yet answered, and as much again for their JSON values; more are told to come back
    #[arg(long, env = "SENTINAI_BODY_MEMORY", default_value = "128", value_name = "MIB", value_parser = value_parser!(u32).range(8..=3072))]
    pub body_memory: u32,

    /// Jobs that this server does at once beside requests; 0 leaves them to `sentinai worker`
    #[arg(long, env = "SENTINAI_WORKERS", default_value = "4", value_name = "N", value_parser = value_parser!(u16).range(0..=64))]
    pub workers: u16,

    #[command(flatten)]
    pub anchors: AnchorArgs,

    /// Address under which browsers reach this server where a proxy publishes it, as in <https://desk.example.com>. With https the
    /// session cookie is `Secure` and has the prefix `__Host-`
    #[arg(long, env = "SENTINAI_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Proxies whose X-Forwarded-Host and X-Forwarded-Proto are believed: addresses or networks, separated by commas
    #[arg(long, env = "SENTINAI_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,
}

/// An address alone is a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse().map(|address: IpAddr| IpNet::from(address));
    let network = text.parse().or_else(|_| address());
    network.map_err(|_| "write an address or a network, as in 10.0.0.7 or 10.0.0.0/24".to_owned())
}

impl ServeArgs {
    /// Environment under which another `sentinai serve` has the same arguments.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        // Each argument by name: a new one does not compile until it is passed on.
        let Self {
            listen: Listen { listen },
            auth,
            db_connections,
            max_connections,
            max_connections_per_address,
            admin_listen,
            body_memory,
            workers,
            public_url,
            trusted_proxy,
            anchors,
        } = self;
        let proxies: Vec<String> = trusted_proxy.iter().map(ToString::to_string).collect();
        let always = [
            ("SENTINAI_LISTEN", listen.to_string()),
            ("SENTINAI_AUTH", format!("{auth:?}").to_lowercase()),
            ("SENTINAI_DB_CONNECTIONS", db_connections.to_string()),
            ("SENTINAI_MAX_CONNECTIONS", max_connections.to_string()),
            ("SENTINAI_MAX_CONNECTIONS_PER_ADDRESS", max_connections_per_address.to_string()),
            ("SENTINAI_BODY_MEMORY", body_memory.to_string()),
            ("SENTINAI_WORKERS", workers.to_string()),
        ];
        let mut environment = Vec::from(always);
        environment.extend(admin_listen.map(|address| ("SENTINAI_ADMIN_LISTEN", address.to_string())));
        environment.extend(public_url.as_ref().map(|url| ("SENTINAI_PUBLIC_URL", url.to_string())));
        environment.push(("SENTINAI_ANCHOR_HOURS", anchors.anchor_hours.to_string()));
        environment.extend(
            anchors
                .anchor_file
                .as_ref()
                .map(|file| ("SENTINAI_ANCHOR_FILE", file.display().to_string())),
        );
        environment.extend((!proxies.is_empty()).then(|| ("SENTINAI_TRUSTED_PROXY", proxies.join(","))));
        environment
    }
}

/// Serves until a signal.
pub async fn run(args: &ServeArgs, installation: &Installation) -> anyhow::Result<()> {
    refuse_open_address(args)?;
    let store = app_store(installation, args.db_connections)?;
    store.check().await.map_err(explain)?;
    let listener = bind(args.listen.listen).await?;
    println!("SentinAI is ready at {}", args.listen.url());
    if args.auth == Auth::Off {
        println!("Authentication is OFF: whoever reaches this address may do everything.");
    }
    serve(listener, store, args, until_signal()).await
}

/// Refuses to serve without authentication where others can reach it.
fn refuse_open_address(args: &ServeArgs) -> anyhow::Result<()> {
    if args.auth == Auth::Off && !args.listen.listen.ip().is_loopback() {
        bail!(
            "--auth off serves on loopback addresses only, not on {}: everybody could do everything",
            args.listen.listen
        );
    }
    Ok(())
}

/// Takes the address.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let hint = || match address.port() {
        0 => format!("cannot listen on {address}"),
        port => format!(
            "cannot listen on {address}: another program (or another SentinAI) uses it. Stop that one, or choose another address: SENTINAI_LISTEN={}:{}",
            address.ip(),
            port.wrapping_add(1)
        ),
    };
    TcpListener::bind(address).await.with_context(hint)
}

/// What to do about a schema that cannot be used.
pub fn explain(fault: SchemaFault) -> anyhow::Error {
    let hint = match &fault {
        SchemaFault::Store(_) | SchemaFault::Session(SessionFault::Store(_)) => {
            "cannot use the database: is it running? For the managed one: sentinai db start"
        }
        _ => "this database cannot be served",
    };
    anyhow::Error::new(fault).context(hint)
}

/// Serves on a listener until `stop`, then lets requests finish.
pub async fn serve(
    listener: TcpListener,
    store: Store,
    args: &ServeArgs,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (clock, live) = (Clock::default(), LiveFeed::default());
    let mut tasks = JoinSet::new();
    let changes = live.tenants();
    tasks.spawn(live.clone().run(store.clone()));
    let limits = Limits {
        body_memory: args.body_memory << 20,
        ..Limits::default()
    };
    let site = Site {
        public_url: args.public_url.clone(),
        trusted_proxies: args.trusted_proxy.clone(),
    };
    let state = AppState::new(store.clone(), clock.clone(), live.clone(), args.auth)
        .with_limits(limits)
        .with_site(site);
    let pulse = Pulse::default();
    let state = if args.workers > 0 {
        state.with_workers(pulse.clone())
    } else {
        state
    };
    tasks.spawn(alarms::run(store.clone(), clock.clone(), state.packs(), changes));
    tasks.spawn(anchors::run(store.clone(), clock.clone(), args.anchors.clone()));
    let finishing = state.finishing();
    let recorder = state.recorder();
    let drained = CancellationToken::new();
    let jobs = Box::pin(work(&store, clock, args.workers, pulse, drained.clone()));
    if let Some(address) = args.admin_listen {
        let (listener, health) = (bind(address).await?, http::health_router(state.clone()));
        let bounds = Bounds::of(ADMIN_CONNECTIONS, Places::new(ADMIN_CONNECTIONS, Vec::new()));
        tasks.spawn(connections::serve(listener, health, bounds, std::future::pending()));
    }
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        stop.await;
        // Open event streams would otherwise hold the server for ever.
        live.close();
        drained.cancel();
        let _: Result<(), ()> = stopping.send(());
    };
    let places = Places::new(args.max_connections_per_address, args.trusted_proxy.clone());
    let bounds = Bounds::of(args.max_connections, places);
    let serving = async {
        connections::serve(listener, http::router(state), bounds, shutdown).await;
        finishing.close();
        finishing.wait().await;
        recorder.flush().await;
    };
    let serving = Box::pin(async { tokio::join!(serving, jobs) });
    let deadline = async {
        drop(stopped.await);
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ((), ()) = serving => {}
        () = deadline => tracing::warn!("requests were still running after {} s and were cut off", DRAIN.as_secs()),
    }
    tasks.shutdown().await;
    store.close().await;
    Ok(())
}

/// Does jobs on connections of its own, so that neither they nor requests wait for each other's.
async fn work(store: &Store, clock: Clock, workers: u16, pulse: Pulse, stop: CancellationToken) {
    if workers == 0 {
        return;
    }
    let store = store.beside(job_connections(workers));
    let pace = Pace {
        // Within the time that requests have, and some to give back what is not done.
        grace: DRAIN / 2,
        pulse,
        ..Pace::of(workers.into())
    };
    worker::run(store.clone(), clock, worker::handlers(), pace, stop.cancelled()).await;
    store.close().await;
}

/// Ctrl-C or SIGTERM.
pub async fn until_signal() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
