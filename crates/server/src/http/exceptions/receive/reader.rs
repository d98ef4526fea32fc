//! Batches of lines from a body that arrives in pieces, however slowly.

use std::{collections::VecDeque, time::Duration};

use domain::intake::lines::{Line, Lines};
use futures::StreamExt;
use tokio::time::{Instant, timeout};

use crate::http::{body::broken, encoding::Plain, problem::ApiError, weight::weight};

/// Longest line.
const MAX_LINE: usize = 1 << 20;
/// Most lines of a batch.
const MAX_LINES: usize = 500;
/// A batch that weighs as many bytes takes no more lines, so that long lines do not fill the memory.
const FULL: usize = 4 << 20;
/// How long a batch waits for company.
const GATHER: Duration = Duration::from_millis(20);
/// How long a sender may be silent.
const IDLE: Duration = Duration::from_secs(30);

/// What comes next.
pub enum Batch {
    /// At least one line.
    Lines(Vec<Line>),
    /// Nothing more comes; `line` is the first that was not read whole.
    Broken {
        /// Its number.
        line: u64,
        /// Why.
        error: ApiError,
    },
}

/// Reads a body in batches.
pub struct Reader {
    /// None once it has ended.
    body: Option<Plain>,
    lines: Lines,
    ready: VecDeque<Line>,
    broken: Option<ApiError>,
}

impl Reader {
    /// Begins to read, which tells a sender that waits for it (`Expect: 100-continue`) to go on.
    pub async fn start(body: Plain) -> Self {
        let mut reader = Self {
            body: Some(body),
            lines: Lines::new(MAX_LINE),
            ready: VecDeque::new(),
            broken: None,
        };
        // Silence is no fault here.
        let _: Read = reader.read(GATHER).await;
        reader
    }

    /// The next batch: full, or what came within a moment. None at the end.
    pub async fn batch(&mut self) -> Option<Batch> {
        let (mut batch, mut bytes, mut first) = (Vec::new(), 0, None);
        loop {
            while batch.len() < MAX_LINES && bytes < FULL {
                let Some(line) = self.ready.pop_front() else { break };
                bytes += line.text.as_ref().map_or(0, |text| weight(text.as_bytes()));
                first.get_or_insert_with(Instant::now);
                batch.push(line);
            }
            let patience = first.map_or(IDLE, |first| GATHER.saturating_sub(first.elapsed()));
            let full = batch.len() >= MAX_LINES || bytes >= FULL;
            let read = if full { Read::Silent } else { self.read(patience).await };
            match read {
                Read::Some => {}
                Read::Silent | Read::Ended if !batch.is_empty() => return Some(Batch::Lines(batch)),
                Read::Silent => self.stop(ApiError::Silent(IDLE)),
                Read::Ended => return self.broken.take().map(|error| self.broken_off(error)),
            }
        }
    }

    async fn read(&mut self, patience: Duration) -> Read {
        let Some(body) = &mut self.body else { return Read::Ended };
        let Ok(piece) = timeout(patience, body.next()).await else {
            return Read::Silent;
        };
        let ready = &mut self.ready;
        match piece {
            Some(Ok(piece)) => self.lines.feed(&piece, &mut |line| ready.push_back(line)),
            Some(Err(error)) => self.stop(broken(&error)),
            None => {
                self.lines.end(&mut |line| ready.push_back(line));
                self.body = None;
            }
        }
        Read::Some
    }

    fn stop(&mut self, error: ApiError) {
        self.body = None;
        self.broken = Some(error);
    }

    fn broken_off(&self, error: ApiError) -> Batch {
        Batch::Broken {
            line: self.lines.finished() + 1,
            error,
        }
    }
}

/// What reading brought.
enum Read {
    /// A piece, or the end, to be looked at.
    Some,
    /// Nothing in time.
    Silent,
    /// It had ended before.
    Ended,
}
