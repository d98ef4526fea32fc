//! Exceptions line by line (NDJSON), streamed both ways in constant memory: a result line per input line, sent once it is durable.
//!
//! Nothing is read ahead of what the sender has taken back: the answer's body pulls the request's. While one batch commits, the next is read.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
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
    sender_of,
    settle::Taking,
    views::{FailedView, LineView},
};
use crate::aside::aside;
use crate::http::{
    actor::{self, Access},
    encoding::Plain,
    problem::ApiError,
    state::AppState,
};

/// Batches that commit at the same time, the results of each waiting for those before it.
const IN_FLIGHT: usize = 2;

/// Whose lines they are. Asked again before each batch, with the headers: the key may be revoked meanwhile.
#[derive(Clone)]
pub struct Sender {
    pub state: AppState,
    pub identity: Identity,
    pub headers: HeaderMap,
}

/// Results of a batch.
pub struct Settled {
    /// Results in the order of the lines.
    pub lines: Vec<LineView>,
    /// Why nothing comes after it.
    pub failed: Option<FailedView>,
}

/// Answers a stream of lines with a stream of results.
pub async fn answer(sender: Sender, (on_conflict, results): (OnConflict, Results), body: Plain) -> Result<Response, ApiError> {
    let Sender { state, identity, .. } = &sender;
    // What would refuse every line is told as the status.
    state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let reader = Reader::start(body).await;
    let settled = settled(sender, on_conflict, reader);
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

#[expect(clippy::unnecessary_wraps, reason = "bodies are streams of results")]
fn infallible(text: Vec<u8>) -> Result<Bytes, std::convert::Infallible> {
    Ok(Bytes::from(text))
}

fn settled(sender: Sender, on_conflict: OnConflict, reader: Reader) -> impl Stream<Item = Settled> {
    let batches = stream::unfold(reader, async |mut reader| Some((reader.batch().await?, reader)));
    let settled = batches
        .map(move |batch| settle(sender.clone(), on_conflict, batch))
        .buffered(IN_FLIGHT);
    // Ends right after the last line, whatever the sender goes on sending.
    stream::unfold(Some(Box::pin(settled)), async |settled| {
        let mut settled = settled?;
        let next = settled.next().await?;
        let is_last = next.failed.is_some();
        Some((next, (!is_last).then_some(settled)))
    })
}

async fn settle(sender: Sender, on_conflict: OnConflict, batch: Batch) -> Settled {
    let (line, error) = match batch {
        Batch::Lines(lines) => {
            let first = lines.first().map_or(0, |line| line.number);
            match store(&sender, on_conflict, lines).await {
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
#[expect(clippy::needless_pass_by_value, reason = "maps a stream")]
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
async fn store(sender: &Sender, on_conflict: OnConflict, lines: Vec<Line>) -> Result<Vec<LineView>, ApiError> {
    let Sender { state, identity, headers } = sender;
    actor::still(Access::Submit, headers, state, identity.scope.tenant()).await?;
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let arrival = Arrival {
        at: state.clock.now(),
        sender: sender_of(identity),
        on_conflict,
    };
    let bytes = lines.iter().filter_map(|line| line.text.as_ref().ok()).map(String::len).sum();
    let items = aside(bytes, || lines.iter().map(|line| item(line, &pack, &arrival)).collect());
    let taking = Taking {
        state,
        identity,
        pack: &pack,
        arrival: arrival.clone(),
        asked: None,
        memory: None,
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
