//! `bench`: measures a server and its database through the public HTTP API, beside what PostgreSQL alone does with the same rows.
//!
//! It starts a private database and a real server process, fills a tenant, measures, prints one table and stops both.
//! `make bench` runs it on the release build; docs/benchmarks.md says what is measured.

mod args;
mod client;
mod environment;
mod exceptions;
mod ingest;
mod limit;
mod load;
mod machine;
mod median;
mod process;
mod read;
mod report;

use clap::Parser;

use self::{
    args::{Args, Part},
    environment::Environment,
    median::median,
    report::Report,
};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&args))
}

/// Exceptions that a tenant has at least, so that there are rows to copy and to read.
const FEW: u32 = 2_000;

async fn run(args: &Args) -> anyhow::Result<()> {
    let environment = Environment::start(args).await?;
    let mut report = Report::new(machine::describe(&environment).await?, environment.server.memory());
    let mut rows = 0;
    for wanted in &args.rows {
        let wanted = (*wanted).max(FEW);
        if wanted > rows {
            let filled = ingest::fill(&environment, wanted - rows).await?;
            rows = wanted;
            report.begin(rows, machine::bytes(&environment).await?, filled);
        }
        stage(args, &environment, &mut report).await?;
    }
    report.peak(&environment.server, &environment.database);
    print!("{}", report.text());
    if let Some(path) = &args.json {
        std::fs::write(path, report.json()?)?;
    }
    if args.write_docs {
        report.write_docs()?;
    }
    environment.stop();
    Ok(())
}

/// Everything that is asked for, with as many rows as there are now.
async fn stage(args: &Args, environment: &Environment, report: &mut Report) -> anyhow::Result<()> {
    let (seconds, runs) = (args.seconds, args.runs);
    if args.has(Part::Post) || args.has(Part::Ndjson) {
        let limits = limit::measure(environment, seconds, runs).await?;
        for limit in limits.all() {
            report.add(limit.clone());
        }
        let clients: &[u64] = if args.has(Part::Post) { &[1, 8, 32, 128] } else { &[] };
        for clients in clients {
            let posts = median(runs, async || ingest::posts(environment, *clients, seconds).await).await?;
            report.add(posts.beside(&limits.narrow_single));
        }
        if args.has(Part::Ndjson) {
            let stream = median(runs, async || ingest::stream(environment, seconds).await).await?;
            report.add(stream.beside(&limits.narrow_batches));
        }
    }
    if args.has(Part::Read) {
        for result in read::all(environment, seconds, runs).await? {
            report.add(result);
        }
    }
    Ok(())
}
