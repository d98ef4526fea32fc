//! Lines sent as NDJSON, each with its result, however often the connection is lost.
//!
//! Lines without a result are kept, some thousands at most, and sent again on the next connection. That is safe where they
//! have ids: what was stored already is a duplicate.

use std::{collections::VecDeque, pin::Pin, time::Duration};

use bytes::Bytes;
use domain::{fault::Fault, intake::lines::Lines};
use futures::{
    Stream, StreamExt,
    stream::{BoxStream, FusedStream},
};
use reqwest::Body;
use serde::Deserialize;
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;

pub use super::window::Line;
use super::{
    client::Client,
    failure::{Failure, Problem},
    pace::Backoff,
    target::Target,
    window::Window,
};

/// Lines that go into one piece of the body, if they are there.
const PIECE: usize = 64;
/// Pieces that wait to be written.
const PIECES: usize = 8;
/// After so long without a line a blank one is sent: the server gives up on a sender that is silent for 30 s.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Longest wait for a result.
const RESULT: Duration = Duration::from_secs(60);
/// Longest line of an answer.
const LONGEST: usize = 16 << 20;

/// What became of a line.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineResult {
    /// Its number in the stream.
    pub line: u64,
    /// `accepted`, `duplicate`, `rejected`, or `failed` for the end of the stream before its time.
    pub outcome: String,
    /// Id it is stored under.
    pub exception_id: Option<String>,
    /// As triaged.
    pub severity: Option<String>,
    /// Why it was refused.
    #[serde(default)]
    pub errors: Vec<Fault>,
    /// Status of a failure.
    pub status: Option<u16>,
    /// Code of a failure.
    pub code: Option<String>,
    /// What failed.
    pub detail: Option<String>,
}

impl LineResult {
    /// Whether the exception is not stored.
    pub fn is_rejected(&self) -> bool {
        self.outcome == "rejected"
    }

    /// Why the stream ended, if this says that it did.
    fn failure(&self) -> Option<Failure> {
        let is_failure = self.outcome == "failed";
        is_failure.then(|| {
            let detail = self.detail.clone().unwrap_or_default();
            // Which line is ours to say: the server counts those of this stream.
            let detail = detail.split(". All lines up to").next().unwrap_or_default().to_owned();
            match self.status.unwrap_or(500) {
                // It read less than was sent, or waited in vain: the connection's fault.
                400 | 408 => Failure::Lost(detail),
                status => Failure::Refused(Problem {
                    status,
                    code: self.code.clone().unwrap_or_default(),
                    detail,
                    retry_after: None,
                }),
            }
        })
    }
}

/// Hears of each line in order: with its result, or without where that was known before.
type Settle<'s, T> = dyn FnMut(T, Option<&LineResult>) -> Result<(), Failure> + Send + 's;

/// Sends all lines and settles each, in their order. Begins anew, for a while, when the connection is lost.
pub async fn exchange<T: Send>(
    client: &Client,
    target: &Target,
    lines: impl Stream<Item = Line<T>> + Send,
    mut settle: impl FnMut(T, Option<&LineResult>) -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    let mut lines = Box::pin(lines.ready_chunks(PIECE).fuse());
    let mut under_way = UnderWay::new(&mut settle);
    let mut backoff = Backoff::of_stream();
    loop {
        let Err(failure) = connection(client, target, lines.as_mut(), &mut under_way).await else {
            return Ok(());
        };
        if std::mem::take(&mut under_way.has_got_on) {
            backoff = Backoff::of_stream();
        }
        if !client.may_pass(&failure) {
            return Err(failure);
        }
        let pause = backoff.pause(&failure).ok_or(failure)?;
        tokio::time::sleep(pause).await;
    }
}

/// One request: what is under way again, then what comes. Ends when all has its result.
async fn connection<T>(
    client: &Client,
    target: &Target,
    mut lines: Pin<&mut (impl FusedStream<Item = Vec<Line<T>>> + Send)>,
    under_way: &mut UnderWay<'_, T>,
) -> Result<(), Failure> {
    // A request without a line would only wait, and a sender may be slow to have its first.
    while under_way.window.is_empty() {
        let Some(chunk) = lines.next().await else { return Ok(()) };
        under_way.take(chunk)?;
    }
    let (body, sent) = mpsc::channel::<Bytes>(PIECES);
    let sent = ReceiverStream::new(sent).map(Ok::<_, std::convert::Infallible>);
    let mut results = Results::new(client.stream(target, Body::wrap_stream(sent)).await?);
    under_way.restart();
    let mut body = Some(body);
    loop {
        let is_all_sent = under_way.outbox.is_empty() && lines.is_terminated();
        if is_all_sent {
            body = None;
        }
        tokio::select! {
            result = results.next() => match result? {
                Some(result) => under_way.hear(&result)?,
                None if is_all_sent && under_way.window.is_empty() => return Ok(()),
                None => return Err(Failure::Lost("the answer ended early".to_owned())),
            },
            () = room(body.as_ref()), if body.is_some() && !under_way.outbox.is_empty() => {
                // A server that reads no more says why in its answer.
                body = body.filter(|body| body.try_send(under_way.piece()).is_ok());
            }
            chunk = lines.next(), if body.is_some() && under_way.has_room() => under_way.take(chunk.unwrap_or_default())?,
            () = tokio::time::sleep(KEEP_ALIVE) => under_way.keep_alive()?,
        }
    }
}

/// Waits until there is room for a piece, or until there never will be.
async fn room(body: Option<&mpsc::Sender<Bytes>>) {
    if let Some(body) = body {
        drop(body.reserve().await);
    }
}

/// What is sent and not yet settled.
struct UnderWay<'s, T> {
    window: Window<T>,
    /// Texts of the window that have not been handed to the connection.
    outbox: VecDeque<Bytes>,
    /// When the last result came, or the first line after a pause was sent.
    heard: Instant,
    has_got_on: bool,
    settle: &'s mut Settle<'s, T>,
}

impl<'s, T> UnderWay<'s, T> {
    fn new(settle: &'s mut Settle<'s, T>) -> Self {
        UnderWay {
            window: Window::default(),
            outbox: VecDeque::new(),
            heard: Instant::now(),
            has_got_on: false,
            settle,
        }
    }

    /// Another connection: everything is to be sent again.
    fn restart(&mut self) {
        self.outbox = self.window.restart();
        self.heard = Instant::now();
    }

    fn has_room(&self) -> bool {
        self.outbox.is_empty() && self.window.has_room()
    }

    /// Takes lines to be sent.
    fn take(&mut self, chunk: Vec<Line<T>>) -> Result<(), Failure> {
        if self.window.is_empty() {
            self.heard = Instant::now();
        }
        for line in chunk {
            self.outbox.extend(line.text.clone());
            self.window.push(line);
        }
        self.settle_known()
    }

    /// Some lines as one piece.
    fn piece(&mut self) -> Bytes {
        let lines = self.outbox.drain(..self.outbox.len().min(PIECE));
        lines.collect::<Vec<_>>().concat().into()
    }

    fn hear(&mut self, result: &LineResult) -> Result<(), Failure> {
        if let Some(failure) = result.failure() {
            return Err(failure);
        }
        if self.window.next() != Some(result.line) {
            let line = result.line;
            return Err(Failure::Strange(format!(
                "the server told of line {line} of the stream out of order"
            )));
        }
        self.heard = Instant::now();
        self.has_got_on = true;
        if let Some(about) = self.window.pop() {
            (self.settle)(about, Some(result))?;
        }
        self.settle_known()
    }

    fn settle_known(&mut self) -> Result<(), Failure> {
        while let Some(about) = self.window.pop_known() {
            (self.settle)(about, None)?;
        }
        Ok(())
    }

    /// Nothing happened for a while.
    fn keep_alive(&mut self) -> Result<(), Failure> {
        if !self.window.is_empty() && self.heard.elapsed() > RESULT {
            return Err(Failure::Lost("it took too long".to_owned()));
        }
        if self.outbox.is_empty() {
            self.outbox.push_back(Bytes::from_static(b"\n"));
            self.window.push_blank();
        }
        Ok(())
    }
}

/// Results as they come.
struct Results {
    answer: BoxStream<'static, reqwest::Result<Bytes>>,
    lines: Lines,
    ready: VecDeque<domain::intake::lines::Line>,
}

impl Results {
    fn new(answer: reqwest::Response) -> Self {
        Results {
            answer: answer.bytes_stream().boxed(),
            lines: Lines::new(LONGEST),
            ready: VecDeque::new(),
        }
    }

    /// The next result; none at the end of the answer. Nothing is lost when it is not waited for.
    async fn next(&mut self) -> Result<Option<LineResult>, Failure> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                let strange = |why: String| Failure::Strange(format!("the answer is not one of SentinAI: {why}"));
                let text = line.text.map_err(|error| strange(error.to_string()))?;
                return serde_json::from_str(&text).map(Some).map_err(|error| strange(error.to_string()));
            }
            let Some(piece) = self.answer.next().await else { return Ok(None) };
            let ready = &mut self.ready;
            let piece = piece.map_err(|error| Failure::of(&error))?;
            self.lines.feed(&piece, &mut |line| ready.push_back(line));
        }
    }
}
