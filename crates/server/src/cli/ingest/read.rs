//! Reads the input on a thread of its own and hands its lines on, a few ahead of what is sent.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::sync::mpsc::Sender;

use super::{
    args::{Format, IngestArgs},
    input::{Input, has_tabs},
    lines::LineReader,
    record::{Defaults, Record},
    rows::Quotes,
    table::{TableOptions, TableReader},
};
use crate::cli::api::stream::Line;

/// What is read, and how.
pub struct Source {
    path: PathBuf,
    format: Format,
    options: TableOptions,
}

impl Source {
    /// As the arguments say.
    pub fn new(args: &IngestArgs, input: &mut Input) -> anyhow::Result<Self> {
        let format = input.format(&args.file, args.format)?;
        let is_table_option = args.map.is_some() || args.delimiter.is_some() || args.no_quotes;
        if format != Format::Csv && is_table_option && !input.holds_rejects()? {
            anyhow::bail!(
                "--map, --delimiter and --no-quotes are for tables, and {} is NDJSON: say --format csv if it is none",
                args.file.display()
            );
        }
        let options = TableOptions {
            delimiter: args.delimiter,
            default_delimiter: if has_tabs(&args.file) { b'\t' } else { b',' },
            quotes: if args.no_quotes { Quotes::Literal } else { Quotes::Rfc4180 },
            map: args.map.as_deref().map(read_map).transpose()?,
            defaults: Defaults {
                source: args.source.clone(),
                kind: args.kind.clone(),
            },
        };
        Ok(Source {
            path: args.file.clone(),
            format,
            options,
        })
    }

    /// Reads to the end, from after the line `skip` on. Ends early when nobody takes the lines any more.
    pub fn read(self, input: Input, skip: u64, to: &Sender<Line<Record>>) -> anyhow::Result<()> {
        let Source { path, format, options } = self;
        let in_file = || path.display().to_string();
        if format == Format::Csv {
            let mut table = TableReader::new(input.reader, &options).with_context(in_file)?;
            while let Some(record) = table.next(skip).with_context(in_file)? {
                if to.blocking_send(record.into_line()).is_err() {
                    break;
                }
            }
            return Ok(());
        }
        let mut lines = LineReader::new(input.reader, options);
        while let Some(record) = lines.next(skip).with_context(in_file)? {
            if to.blocking_send(record.into_line()).is_err() {
                break;
            }
        }
        Ok(())
    }
}

fn read_map(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read the map {}", path.display()))
}
