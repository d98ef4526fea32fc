//! What `sentinai ingest` says.

use std::{path::Path, time::Duration};

use super::{
    args::{Conflict, IngestArgs},
    input::is_standard_input,
    journal::Journal,
    record::Record,
};
use crate::{
    cli::api::{failure::Failure, report::grouped, stream::LineResult},
    config::Installation,
};

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// Every line has its result.
    Complete,
    /// By a signal.
    Interrupted,
    /// By something in the file.
    Unreadable(String),
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

/// Why a line was rejected.
pub fn rejected(record: &Record, result: Option<&LineResult>) -> String {
    let told = record.errors(result).iter().map(|fault| match fault.pointer.as_str() {
        "" => fault.message.clone(),
        // The server speaks of the API's parameter.
        pointer => format!("{pointer}: {}", fault.message.replace("?onConflict=revise", "--on-conflict revise")),
    });
    format!("[REJECTED] line {}: {}", grouped(record.line), told.collect::<Vec<_>>().join("; "))
}

/// How it went, and what to do next. `lines` are those of this run.
pub fn summary(again: &Again<'_>, journal: &Journal, ended: &Ended, lines: u64, took: Duration) -> String {
    let counts = &journal.counts;
    let is_good = matches!(ended, Ended::Complete) && counts.rejected == 0;
    let mut parts = vec![
        format!("{} accepted", grouped(counts.accepted)),
        format!("{} duplicates", grouped(counts.duplicates)),
    ];
    let others = counts.others.iter();
    parts.extend(others.map(|(outcome, count)| format!("{} {outcome}", grouped(*count))));
    parts.push(format!("{} rejected", grouped(counts.rejected)));
    if counts.blank > 0 {
        parts.push(format!("{} blank skipped", grouped(counts.blank)));
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = lines as f64 / took.as_secs_f64().max(0.001);
    let mut text = vec![format!(
        "{} {}: {} in {:.2} s ({rate:.0} lines per second)",
        if is_good { "[OK]" } else { "[FAILED]" },
        name(again.args),
        parts.join(", "),
        took.as_secs_f64(),
    )];
    if is_good && counts.lines() == counts.blank {
        text.push("  There is nothing to send in it".to_owned());
    }
    if counts.rejected > 0 {
        text.extend(how_to_correct(again, journal));
    }
    if !matches!(ended, Ended::Complete) {
        text.extend(how_to_go_on(again, journal, ended));
    }
    text.join("\n")
}

fn how_to_correct(again: &Again<'_>, journal: &Journal) -> Vec<String> {
    let rejects = journal.rejects();
    let command = again.with_rejects(rejects);
    let mut text = vec![
        format!("  The rejected lines, each with its errors: {}", rejects.display()),
        "  Correct there what is in exception, or in text where there is no exception, and send it with:".to_owned(),
        format!("  {command}"),
    ];
    if journal.counts.differing > 0 && again.args.on_conflict == Conflict::Refuse {
        let count = grouped(journal.counts.differing);
        text.push(format!(
            "  {count} of them differ from what is stored. To replace that, send it with:"
        ));
        text.push(format!("  {command} --on-conflict revise"));
    }
    text
}

fn how_to_go_on(again: &Again<'_>, journal: &Journal, ended: &Ended) -> Vec<String> {
    let line = grouped(journal.line);
    let first = format!("  Stopped after line {line}: all lines up to it have their result");
    if matches!(ended, Ended::Unreadable(_)) {
        let second = "  Correct the file and send it from its beginning: what is stored is a duplicate and not stored twice";
        return vec![first, second.to_owned()];
    }
    if !journal.can_resume() {
        let second = "  Send it again from its beginning: what is stored is a duplicate and not stored twice";
        return vec![first, second.to_owned()];
    }
    vec![first, format!("  Go on with: {}", again.resumed())]
}

/// Command lines to follow the present one, without the key.
pub struct Again<'a> {
    args: &'a IngestArgs,
    home: Option<&'a Path>,
}

impl<'a> Again<'a> {
    /// After this one.
    pub fn new(args: &'a IngestArgs, installation: &'a Installation) -> Self {
        let home = installation.home();
        let home = (args.api_key.is_none() && home != Path::new(".sentinai")).then_some(home);
        Again { args, home }
    }

    /// The same, from where it stopped.
    fn resumed(&self) -> String {
        let args = self.args;
        let mut words = self.words(&args.file);
        let format = clap::ValueEnum::to_possible_value(&args.format).map(|value| value.get_name().to_owned());
        words.option("--format", format.filter(|name| name != "auto"));
        let delimiter = args.delimiter.map(|byte| match byte {
            b'\t' => "tab".to_owned(),
            byte => char::from(byte).to_string(),
        });
        words.option("--delimiter", delimiter);
        words.option("--rejects", args.rejects.as_ref().map(|file| file.display().to_string()));
        words.option("--on-conflict", (args.on_conflict == Conflict::Revise).then(|| "revise".to_owned()));
        words.0 + " --resume"
    }

    /// The same, for the rejected lines.
    fn with_rejects(&self, rejects: &Path) -> String {
        let mut words = self.words(rejects);
        // What no longer has its format in its name.
        let is_named = rejects
            .extension()
            .is_some_and(|ending| ["ndjson", "jsonl", "json"].iter().any(|known| ending == *known));
        words.option("--format", (!is_named).then(|| "ndjson".to_owned()));
        words.0
    }

    /// Summary of a file.
    fn words(&self, file: &Path) -> Words {
        let args = self.args;
        let file = match file.display().to_string() {
            name if name.starts_with('-') && name != "-" => format!("./{name}"),
            name => name,
        };
        let mut words = Words(format!("sentinai ingest {} --tenant-id {}", quoted(&file), args.tenant_id));
        let url = args.api_url.to_string();
        words.option("--api-url", Some(url).filter(|url| url != "http://localhost:8000"));
        words.option("--home", self.home.map(|home| home.display().to_string()));
        words.option("--api-key", args.api_key.as_ref().map(|_| "KEY".to_owned()));
        words.option("--map", args.map.as_ref().map(|map| map.display().to_string()));
        if args.no_quotes {
            words.0 += " --no-quotes";
        }
        words.option("--source", args.source.clone());
        words.option("--type", args.kind.clone());
        words.option("--rate", args.rate.map(|rate| rate.to_string()));
        words
    }
}

/// A command line.
struct Words(String);

impl Words {
    fn option(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.0.extend([" ", name, " ", &quoted(&value)]);
        }
    }
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
    fn the_commands_that_follow_are_the_one_that_was_given_without_the_key() {
        let line = "x|my breaks.csv|--tenant-id|T|--api-key|snt_secret|--delimiter|;|--map|m.json|--rate|5|--rejects|bad lines";
        let args = Cli::parse_from(line.split('|')).ingest;
        let again = Again { args: &args, home: None };
        assert_eq!(
            again.resumed(),
            "sentinai ingest 'my breaks.csv' --tenant-id T --api-key KEY --map m.json --rate 5 --delimiter ';' --rejects 'bad lines' --resume"
        );
        assert_eq!(
            again.with_rejects(Path::new("bad lines")),
            "sentinai ingest 'bad lines' --tenant-id T --api-key KEY --map m.json --rate 5 --format ndjson"
        );
    }
}
