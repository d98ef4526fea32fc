//! What `sentinai ingest` says.

use std::time::Duration;

use super::{args::IngestArgs, input::is_standard_input, journal::Journal, record::Record};
use crate::cli::api::{failure::Failure, report::grouped, stream::LineResult};

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// Every line has its result.
    Complete,
    /// By a signal.
    Interrupted,
    /// By something that concerns all further lines.
    Failed(Failure),
}

/// What is about to happen.
pub fn opening(args: &IngestArgs, line: u64) -> String {
    let (file, tenant) = (name(args), &args.tenant_id);
    if args.resume {
        return format!("Sending {file} to {tenant}, on from after line {}", grouped(line));
    }
    format!("Sending {file} to {tenant}")
}

/// Why a line was refused.
pub fn rejected(record: &Record, result: Option<&LineResult>) -> String {
    let errors = result.map_or(&record.faults, |result| &result.errors);
    let told = errors.iter().map(|fault| match fault.pointer.as_str() {
        "" => fault.message.clone(),
        pointer => format!("{pointer}: {}", fault.message),
    });
    format!("[REJECTED] line {}: {}", grouped(record.line), told.collect::<Vec<_>>().join("; "))
}

/// How it went, and what to do next. `lines` are those of this run.
pub fn summary(args: &IngestArgs, journal: &Journal, ended: &Ended, lines: u64, took: Duration) -> String {
    let counts = &journal.counts;
    let is_good = matches!(ended, Ended::Complete) && counts.rejected == 0;
    let mut parts = vec![
        format!("{} accepted", grouped(counts.accepted)),
        format!("{} duplicates", grouped(counts.duplicates)),
    ];
    parts.extend(
        counts
            .others
            .iter()
            .map(|(outcome, count)| format!("{} {outcome}", grouped(*count))),
    );
    parts.push(format!("{} rejected", grouped(counts.rejected)));
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = lines as f64 / took.as_secs_f64().max(0.001);
    let mut text = vec![format!(
        "{} {}: {} in {:.2} s ({rate:.0} lines per second)",
        if is_good { "[OK]" } else { "[FAILED]" },
        name(args),
        parts.join(", "),
        took.as_secs_f64(),
    )];
    if counts.rejected > 0 {
        let rejects = journal.rejects().display();
        text.push(format!("  The rejected lines, each with its errors: {rejects}"));
        text.push(format!(
            "  Mend them and send them: sentinai ingest {rejects} --tenant-id {}",
            args.tenant_id
        ));
    }
    if !matches!(ended, Ended::Complete) {
        text.extend(how_to_go_on(args, journal));
    }
    text.join("\n")
}

fn how_to_go_on(args: &IngestArgs, journal: &Journal) -> Vec<String> {
    let line = grouped(journal.line);
    let first = format!("  Stopped after line {line}: all lines up to it have their result");
    if !journal.can_resume() {
        let second = "  Send it again from its beginning: what is stored is told as duplicate and not stored twice";
        return vec![first, second.to_owned()];
    }
    vec![first, format!("  Go on with: {} --resume", command(args))]
}

/// The command line again, without the key.
fn command(args: &IngestArgs) -> String {
    let mut words = vec![format!("sentinai ingest {} --tenant-id {}", quoted(&name(args)), args.tenant_id)];
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("{name} {}", quoted(&value)));
        }
    };
    option(
        "--api-url",
        Some(args.api_url.to_string()).filter(|url| url != "http://localhost:8000"),
    );
    option("--api-key", args.api_key.as_ref().map(|_| "KEY".to_owned()));
    option(
        "--format",
        clap::ValueEnum::to_possible_value(&args.format)
            .map(|value| value.get_name().to_owned())
            .filter(|name| name != "auto"),
    );
    option(
        "--delimiter",
        args.delimiter.map(|byte| {
            if byte == b'\t' {
                "tab".to_owned()
            } else {
                char::from(byte).to_string()
            }
        }),
    );
    option("--map", args.map.as_ref().map(|map| map.display().to_string()));
    option("--source", args.source.clone());
    option("--type", args.kind.clone());
    option("--rejects", args.rejects.as_ref().map(|file| file.display().to_string()));
    option("--rate", args.rate.map(|rate| rate.to_string()));
    words.join(" ")
}

fn name(args: &IngestArgs) -> String {
    if is_standard_input(&args.file) {
        "standard input".to_owned()
    } else {
        args.file.display().to_string()
    }
}

/// A word of a command line.
fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:,=+@".contains(c));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        ingest: IngestArgs,
    }

    #[test]
    fn the_command_to_go_on_with_is_the_one_that_was_given_without_the_key() {
        let line = "x|my breaks.csv|--tenant-id|T|--api-key|snt_secret|--delimiter|;|--map|m.json|--rate|5";
        let args = Cli::parse_from(line.split('|')).ingest;
        let expected = "sentinai ingest 'my breaks.csv' --tenant-id T --api-key KEY --delimiter ';' --map m.json --rate 5";
        assert_eq!(command(&args), expected);
    }
}
