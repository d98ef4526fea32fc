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
mod process;
mod read;
mod report;

use clap::Parser;

use self::{
    args::{Args, Part},
    environment::Environment,
    report::Report,
};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&args))
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let environment = Environment::start(args).await?;
    let mut report = Report::new(machine::describe(&environment).await?);
    let filled = ingest::fill(&environment, args.rows).await?;
    report.add(filled);
    let limit = limit::measure(&environment, args.seconds).await?;
    report.limits(&limit);
    if args.has(Part::Post) {
        for clients in [1, 8, 32, 128] {
            report.add(ingest::posts(&environment, clients, args.seconds).await?.limited(limit.single));
        }
    }
    if args.has(Part::Ndjson) {
        report.add(ingest::stream(&environment, args.seconds).await?.limited(limit.batches));
    }
    if args.has(Part::Read) {
        for result in read::all(&environment, args.seconds).await? {
            report.add(result);
        }
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
