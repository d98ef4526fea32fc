//! Arguments of `sentinai ingest`.

use std::{num::NonZeroU32, path::PathBuf};

use clap::{Args, ValueEnum};
use domain::{exception::OnConflict, ids::TenantId};

use crate::cli::api::address::{ApiUrl, Key};

/// Arguments of `sentinai ingest`.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// File to send, or - for standard input; may be compressed with gzip or zstd
    #[arg(value_name = "FILE|-")]
    pub file: PathBuf,

    /// Tenant that receives the exceptions
    #[arg(long, value_name = "TENANT")]
    pub tenant_id: TenantId,

    /// API server URL
    #[arg(long, env = "SENTINAI_API_URL", default_value = "http://localhost:8000", value_name = "URL")]
    pub api_url: ApiUrl,

    /// API key for authentication [default: the tenant's in credentials.json of the home directory]
    #[arg(long, value_name = "KEY")]
    pub api_key: Option<Key>,

    /// What the file is: by its name and its beginning, a table with a header row, or one JSON object a line
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub format: Format,

    /// What separates the cells of a table: one character, or tab [default: what a first line sep=; says, else a comma; a tab in .tsv]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,

    /// Cells of a table are never quoted: a quotation mark is a character like any other
    #[arg(long)]
    pub no_quotes: bool,

    /// JSON file that says which column becomes which member; see docs/ingest.md
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,

    /// sourceSystem of lines that name none
    #[arg(long, value_name = "SYSTEM")]
    pub source: Option<String>,

    /// exceptionType of lines that name none
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,

    /// What to do with other content under a stored id; to revise needs a key of the source
    #[arg(long, value_enum, default_value_t = Conflict::Refuse)]
    pub on_conflict: Conflict,

    /// Where rejected lines go, each with its errors [default: FILE.rejects.ndjson]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// Go on where an interrupted run of the same file stopped
    #[arg(long)]
    pub resume: bool,

    /// Most lines per second [default: as many as the server takes]
    #[arg(long, value_name = "N")]
    pub rate: Option<NonZeroU32>,
}

/// What to do with other content under a stored id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Conflict {
    /// Reject the line.
    Refuse,
    /// Replace what is stored.
    Revise,
}

impl From<Conflict> for OnConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Refuse => OnConflict::Refuse,
            Conflict::Revise => OnConflict::Revise,
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// To be found out.
    Auto,
    /// A table with a header row (RFC 4180).
    Csv,
    /// One JSON object a line.
    Ndjson,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err("write one character such as ';', or the word tab".to_owned()),
    }
}
