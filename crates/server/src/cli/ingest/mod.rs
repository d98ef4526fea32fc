//! `sentinai ingest`: a file through the API's stream of NDJSON, every line with its result, and safe to be sent again.
//!
//! A thread reads and converts, a few lines ahead; the exchange sends and hears; the journal keeps what is known.

mod args;
mod cell;
mod format;
mod input;
mod journal;
mod lines;
mod mapping;
mod progress;
mod read;
mod record;
mod rejected;
mod report;
mod rows;
mod table;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub use self::args::IngestArgs;
use self::{
    input::Input,
    journal::Journal,
    progress::Progress,
    read::Source,
    record::Record,
    report::{Again, Ended},
};
use super::{
    api::{
        client::Client,
        failure::Failure,
        report::{Report, Sender, say},
        stream::{LineResult, exchange},
        target::Target,
    },
    credentials::Credentials,
    serve,
};
use crate::config::Installation;

/// Lines read ahead; each may be large.
const AHEAD: usize = 64;
/// Refused lines told one by one; the rest is counted.
const TOLD: u64 = 5;
/// Exit status of what stopped before the end.
const STOPPED: u8 = 2;

/// Sends a file: 0 if every line is stored, 1 if some were refused, 2 if it was not sent to its end.
pub async fn run(args: &IngestArgs, installation: &Installation) -> ExitCode {
    let ended = send(args, installation).await;
    ended.unwrap_or_else(|error| {
        say(&format!("[FAILED] {error:#}"));
        ExitCode::from(STOPPED)
    })
}

async fn send(args: &IngestArgs, installation: &Installation) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let report = Report::new(&args.api_url, &installation.credentials(), Sender::Ingest);
    let client = Client::new(&args.api_url, args.rate)?;
    let mut input = Input::open(&args.file)?;
    let source = Source::new(args, &mut input)?;
    let mut target = match &args.api_key {
        Some(key) => Target::with_key(args.tenant_id.clone(), Some(key.clone())),
        None => Target::with_source_key(args.tenant_id.clone(), &Credentials::read(&installation.credentials())?),
    };
    target.on_conflict = args.on_conflict.into();
    if let Err(failure) = target.refuse_without_key(&client, &report).await {
        say(&report.failed(&failure, Some(&target.tenant)));
        return Ok(ExitCode::from(STOPPED));
    }
    let mut journal = Journal::open(&args.file, &args.tenant_id, args.rejects.as_deref(), args.resume)?;
    say(&report::opening(args, journal.line));
    let before = journal.counts.lines();
    let ended = transfer(&client, &target, source, input, &mut journal).await;
    let ended = match ended {
        // A file that has to be changed is not the one to go on with.
        last @ (Ended::Complete | Ended::Unreadable(_)) => journal.finish().map(|()| last)?,
        early => journal.save().map(|()| early)?,
    };
    if let Ended::Failed(failure) = &ended {
        say(&report.failed(failure, Some(&target.tenant)));
    }
    if let Ended::Unreadable(why) = &ended {
        say(&format!("[FAILED] {why}"));
    }
    let lines = journal.counts.lines() - before;
    let again = Again::new(args, installation);
    say(&report::summary(&again, &journal, &ended, lines, started.elapsed()));
    Ok(match ended {
        Ended::Complete if journal.counts.rejected == 0 => ExitCode::SUCCESS,
        Ended::Complete => ExitCode::FAILURE,
        _ => ExitCode::from(STOPPED),
    })
}

/// Reads, sends and hears at the same time, until all is settled or something stops it.
async fn transfer(client: &Client, target: &Target, source: Source, input: Input, journal: &mut Journal) -> Ended {
    let progress = Progress::new(input.size, input.read.clone());
    let (lines, read) = mpsc::channel(AHEAD);
    let skip = journal.line;
    let reading = tokio::task::spawn_blocking(move || source.read(input, skip, &lines));
    let lines = ReceiverStream::new(read).then(async |line| {
        client.turn().await;
        line
    });
    let mut told = 0;
    let settle = |record: Record, result: Option<&LineResult>| {
        journal.settle(&record, result)?;
        if record.outcome(result) == "rejected" {
            told += 1;
            if told <= TOLD {
                progress.say(&report::rejected(&record, result));
            }
        }
        progress.advance(&journal.counts);
        Ok(())
    };
    tokio::select! {
        sent = exchange(client, target, lines, settle) => if let Err(failure) = sent {
            return Ended::Failed(failure);
        },
        () = serve::until_signal() => return Ended::Interrupted,
    }
    // All that could be read is settled.
    match reading.await.context("the reading thread broke") {
        Ok(Ok(())) => Ended::Complete,
        Ok(Err(error)) => Ended::Unreadable(format!("{error:#}")),
        Err(error) => Ended::Failed(Failure::Here(format!("{error:#}"))),
    }
}
