//! Sending: single requests, one stream, and the fill that everything else needs.

use std::sync::Arc;

use anyhow::bail;
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::{
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    environment::{Environment, now},
    exceptions::{self, Pool},
    load::{Ask, Measured, closed, timed},
};

/// Pieces made ahead.
const AHEAD: usize = 16;
/// Lines of a piece of the stream.
const PIECE: usize = 50;

/// Fills the tenant through the API; a stream as well, but of exceptions that all differ.
pub async fn fill(environment: &Environment, rows: u32) -> anyhow::Result<Measured> {
    let (to, pieces) = channel(AHEAD);
    let name = environment.tenant.to_string();
    let made = tokio::task::spawn_blocking(move || exceptions::send(rows, &name, &to));
    let filled = timed(environment, &format!("fill with {rows} rows (NDJSON, seeded)"), "", async || {
        accepted(environment, pieces).await
    })
    .await?;
    made.await??;
    if filled.count != u64::from(rows) {
        bail!("{} of {rows} exceptions were accepted", filled.count);
    }
    Ok(filled)
}

/// Single requests on kept connections.
pub async fn posts(environment: &Environment, clients: u64, seconds: u64) -> anyhow::Result<Measured> {
    let pool = Posts(Arc::new(Pool::new(&fresh("POST"))?));
    let bar = match clients {
        1 => "database < 700 µs",
        32 => "≥ 1.0 of narrow, p99 < 20 ms",
        _ => "",
    };
    closed(environment, &format!("POST, {clients} clients"), bar, clients, seconds, pool).await
}

#[derive(Clone)]
struct Posts(Arc<Pool>);

impl Ask for Posts {
    async fn ask(&self, client: &mut Client, _: u64) -> anyhow::Result<()> {
        client.post(self.0.body()).await.map(drop)
    }
}

/// One stream, as long as asked for.
pub async fn stream(environment: &Environment, seconds: u64) -> anyhow::Result<Measured> {
    let pool = Pool::new(&fresh("LINE"))?;
    let (to, pieces) = channel::<Bytes>(AHEAD);
    let until = Instant::now() + Duration::from_secs(seconds);
    let made = tokio::task::spawn_blocking(move || {
        while Instant::now() < until {
            let piece: String = (0..PIECE).map(|_| pool.next() + "\n").collect();
            if to.blocking_send(piece.into()).is_err() {
                break;
            }
        }
    });
    let measured = timed(
        environment,
        "NDJSON, one stream",
        "≥ 0.45 of narrow, ≤ 2.5 of its CPU, server ≤ 80 µs",
        async || accepted(environment, pieces).await,
    )
    .await?;
    made.await?;
    Ok(measured)
}

fn fresh(name: &str) -> String {
    format!("{name}-{}", now().timestamp_micros())
}

/// Sends pieces of lines as one stream; how many were accepted, which must be all that have a result.
async fn accepted(environment: &Environment, pieces: Receiver<Bytes>) -> anyhow::Result<u64> {
    let mut client = Client::connect(&environment.target).await?;
    let pieces = stream::unfold(pieces, async |mut pieces| Some((pieces.recv().await?, pieces)));
    let mut answer: Incoming = client.stream(pieces).await?;
    let (mut count, mut begun) = (0, Vec::new());
    while let Some(frame) = answer.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        begun.extend_from_slice(&data);
        let whole = begun.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in begun[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line = std::str::from_utf8(line)?;
            if !["accepted", "linked"]
                .iter()
                .any(|outcome| line.contains(&format!("\"outcome\":\"{outcome}\"")))
            {
                bail!("a line was not accepted: {line}");
            }
            count += 1;
        }
        begun.drain(..whole);
    }
    Ok(count)
}
