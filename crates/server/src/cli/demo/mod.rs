//! `sentinai demo`: everything set up and served with seeded data. A second run keeps data and keys.

mod detached;
mod reset;
mod setup;

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use domain::ids::TenantId;
use store::cluster::How;

use self::{
    reset::Consent,
    setup::{DemoTenant, Plan},
};
use super::{
    credentials::Credentials,
    database::app_store,
    seed,
    serve::{self, ServeArgs},
};
use crate::config::Installation;

/// Arguments of `sentinai demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    serve: ServeArgs,

    /// Return once the desk is ready and leave it running
    #[arg(long, env = "DEMO_DETACH", num_args = 0..=1, default_missing_value = "true", value_parser = clap::builder::FalseyValueParser::new())]
    detach: Option<bool>,

    /// Stop a demo that was left running, and its database
    #[arg(long)]
    stop: bool,

    /// Delete the managed database and the demo's keys after asking, and start anew
    #[arg(long, conflicts_with = "stop")]
    reset: bool,

    /// Do not ask before --reset deletes
    #[arg(long, requires = "reset")]
    yes: bool,

    /// Do not seed
    #[arg(long)]
    no_seed: bool,
}

/// Tenants of the demo.
pub fn tenants() -> anyhow::Result<Vec<TenantId>> {
    let plan = Plan::embedded()?;
    Ok(plan.tenants.into_iter().map(|tenant| tenant.tenant_id).collect())
}

/// Runs the demo, or stops one that was left running.
pub async fn run(args: DemoArgs, installation: &Installation) -> anyhow::Result<()> {
    if args.stop {
        return detached::stop(installation).await;
    }
    if args.reset {
        let consent = if args.yes { Consent::Given } else { Consent::Ask };
        reset::reset(installation, consent).await?;
    }
    let plan = Plan::embedded()?;
    if let Some(pid) = detached::running(installation) {
        println!("A demo is running already (process {pid}); `sentinai demo --stop` stops it.");
        return print_logins(&args, installation, &plan);
    }
    // First of all: without the address nothing else makes sense.
    let listener = serve::bind(args.serve.listen.listen).await?;
    let how = start_database(installation).await?;
    let migrated = super::migrate::migrate(installation).await?;
    println!("[OK] Schema at version {}", migrated.to);
    setup::set_up(&plan, installation).await?;
    if args.detach == Some(true) {
        drop(listener);
        detached::start(&args.serve, installation).await?;
        fill(&args, installation, &plan).await?;
        return print_logins(&args, installation, &plan);
    }
    let store = app_store(installation, args.serve.db_connections)?;
    let serving = serve::serve(listener, store, &args.serve, serve::until_signal());
    let filling = async {
        fill(&args, installation, &plan).await?;
        print_logins(&args, installation, &plan)?;
        println!("\nCtrl-C stops it; data and keys stay for the next run.");
        std::future::pending::<anyhow::Result<()>>().await
    };
    let served = tokio::select! {
        served = serving => served,
        failed = filling => failed,
    };
    if installation.database_url.is_none() && how != Some(How::Adopted) {
        let cluster = installation.cluster();
        tokio::task::spawn_blocking(move || cluster.stop()).await??;
    }
    println!("Stopped.");
    served
}

/// Starts the managed database. None where another one is used.
async fn start_database(installation: &Installation) -> anyhow::Result<Option<How>> {
    if let Some(url) = &installation.database_url {
        println!("[OK] Database at {}", url.without_password());
        return Ok(None);
    }
    let cluster = installation.cluster();
    let running = tokio::task::spawn_blocking(move || cluster.start()).await??;
    println!("[OK] PostgreSQL on 127.0.0.1:{} ({:?})", running.port, running.how);
    Ok(Some(running.how))
}

/// Seeds the tenants that have no exception yet.
async fn fill(args: &DemoArgs, installation: &Installation, plan: &Plan) -> anyhow::Result<()> {
    let api = args.serve.listen.url();
    seed::wait_until_ready(&api, Duration::from_secs(20)).await?;
    if args.no_seed {
        return Ok(());
    }
    let credentials = Credentials::read(&installation.credentials())?;
    for DemoTenant { tenant_id, .. } in &plan.tenants {
        let key = credentials
            .key(tenant_id.as_str(), "operator")
            .context("the demo's keys are incomplete")?;
        if seed::has_exceptions(&api, tenant_id.as_str(), key).await? {
            println!("[OK] {tenant_id} has its exceptions from an earlier run");
        } else if !seed::fill(&api, tenant_id.as_str(), key, plan.exceptions_per_tenant).await? {
            bail!("seeding {tenant_id} failed");
        }
    }
    Ok(())
}

fn print_logins(args: &DemoArgs, installation: &Installation, plan: &Plan) -> anyhow::Result<()> {
    let credentials = Credentials::read(&installation.credentials())?;
    println!("\n  Desk   {}", args.serve.listen.url());
    println!("  API    {}/docs\n", args.serve.listen.url());
    for tenant in &plan.tenants {
        println!("  Tenant {}  ({})", tenant.tenant_id, tenant.name);
        for (role, key) in credentials.keys.get(tenant.tenant_id.as_str()).into_iter().flatten() {
            println!("    {role:<11} {key}");
        }
    }
    println!("\n  The keys are in {}", installation.credentials().display());
    Ok(())
}
