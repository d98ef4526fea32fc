//! Arguments of `bench`.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures a server with its database against PostgreSQL's own limit
#[derive(Debug, Parser)]
pub struct Args {
    /// Exceptions that the tenant has when everything is measured, one time after the other; 600 at least
    #[arg(long, default_value = "0,100000,1000000", value_delimiter = ',')]
    pub rows: Vec<u32>,

    /// Runs of each measurement; their medians are reported
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=99))]
    pub runs: u32,

    /// How long each measurement takes
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,

    /// Parts to measure [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Part>,

    /// Write the results to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write the table into docs/benchmarks.md, between its markers
    #[arg(long)]
    pub write_docs: bool,

    /// The program whose server is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/sentinai")]
    pub program: PathBuf,

    /// Directory of the private database; one that is there is used again, with a new tenant
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub home: PathBuf,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Single requests.
    Post,
    /// One stream.
    Ndjson,
    /// Lists, facets, search, one exception.
    Read,
}

impl Args {
    /// Whether a part is asked for.
    pub fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}
