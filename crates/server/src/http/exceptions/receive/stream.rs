//! Exceptions line by line (NDJSON), streamed both ways in constant memory: a result line per input line, sent once it is durable.
//!
//! Nothing is read ahead of what the sender has taken back: the answer's body pulls the request's. While one batch commits, the next is read.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    exception::{Arrival, OnConflict},
    fault::Fault,
    intake::{
        envelope::{self, Malformed},
        lines::Line,
    },
    pack::Pack,
};
use futures::{Stream, StreamExt, stream};
use store::keys::Identity;

use super::{
    Results, digest,
    item::Item,
    reader::{Batch, Reader},
    settle::Taking,
    views::{FailedView, LineView},
};
use crate::{
    clock,
    http::{actor, encoding::Plain, problem::ApiError, state::AppState},
};

/// Batches that commit at the same time, the results of each waiting for those before it.
const IN_FLIGHT: usize = 2;

/// What became of a batch.
pub struct Settled {
    /// Results in the order of the lines.
    pub lines: Vec<LineView>,
    /// Why nothing comes after it.
    pub failed: Option<FailedView>,
}

/// Answers a stream of lines with a stream of results.
pub async fn answer(
    state: AppState,
    identity: Identity,
    (on_conflict, results): (OnConflict, Results),
    body: Plain,
) -> Result<Response, ApiError> {
    // What would refuse every line is told as the status.
    state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let reader = Reader::start(body).await;
    let settled = settled(state, identity, on_conflict, reader);
    let body = match results {
        Results::All => Body::from_stream(
            settled
                .map(text)
                .filter(|text| std::future::ready(!text.is_empty()))
                .map(infallible),
        ),
        Results::Rejected => Body::from_stream(stream::once(digest::of(settled)).map(infallible)),
    };
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::OK, headers, body).into_response())
}

fn infallible(text: Vec<u8>) -> Result<Bytes, std::convert::Infallible> {
    Ok(Bytes::from(text))
}

fn settled(state: AppState, identity: Identity, on_conflict: OnConflict, reader: Reader) -> impl Stream<Item = Settled> {
    let batches = stream::unfold(reader, async |mut reader| Some((reader.batch().await?, reader)));
    let settled = batches
        .map(move |batch| settle(state.clone(), identity.clone(), on_conflict, batch))
        .buffered(IN_FLIGHT);
    // Ends right after the last line, whatever the sender goes on sending.
    stream::unfold(Some(Box::pin(settled)), async |settled| {
        let mut settled = settled?;
        let next = settled.next().await?;
        let is_last = next.failed.is_some();
        Some((next, (!is_last).then_some(settled)))
    })
}

async fn settle(state: AppState, identity: Identity, on_conflict: OnConflict, batch: Batch) -> Settled {
    let (line, error) = match batch {
        Batch::Lines(lines) => {
            let first = lines.first().map_or(0, |line| line.number);
            match store(&state, &identity, on_conflict, lines).await {
                Ok(lines) => return Settled { lines, failed: None },
                Err(error) => (first, error),
            }
        }
        Batch::Broken { line, error } => (line, error),
    };
    error.log();
    Settled {
        lines: Vec::new(),
        failed: Some(FailedView::new(line, &error)),
    }
}

/// Lines of the answer.
fn text(settled: Settled) -> Vec<u8> {
    let mut text = Vec::new();
    for line in &settled.lines {
        write(&mut text, line);
    }
    if let Some(failed) = &settled.failed {
        write(&mut text, failed);
    }
    text
}

/// Stores a batch in one transaction; a result per line.
async fn store(state: &AppState, identity: &Identity, on_conflict: OnConflict, lines: Vec<Line>) -> Result<Vec<LineView>, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let arrival = Arrival {
        at: clock::now(),
        actor: actor::name(identity),
        on_conflict,
    };
    let items = lines.iter().map(|line| item(line, &pack, &arrival)).collect();
    let taking = Taking {
        state,
        identity,
        pack: &pack,
        arrival: arrival.clone(),
        asked: None,
    };
    let settled = lines.iter().zip(taking.settle(items).await?);
    Ok(settled.map(|(line, settled)| LineView::of(line.number, settled)).collect())
}

/// Reads one line; its faults are told with pointers into the line.
fn item<'l>(line: &'l Line, pack: &Arc<Pack>, arrival: &Arrival) -> Item<'l> {
    let text = match &line.text {
        Ok(text) => text,
        Err(unreadable) => return Item::refused(None, vec![Fault::at("", "unreadable", unreadable.to_string())]),
    };
    match envelope::line(text) {
        Ok((object, at)) => Item::of_object(object, at, pack, arrival.clone()),
        Err(Malformed::NotJson(why)) => Item::refused(None, vec![Fault::at("", "not-json", format!("the line is not JSON: {why}"))]),
        Err(other) => Item::refused(None, vec![Fault::at("", "malformed", other.to_string())]),
    }
}

/// Adds a line to an answer.
pub fn write(text: &mut Vec<u8>, view: &impl serde::Serialize) {
    // Writing texts and numbers to memory does not fail.
    drop(serde_json::to_writer(&mut *text, view));
    text.push(b'\n');
}
