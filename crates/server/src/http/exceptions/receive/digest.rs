//! The answer to a stream of lines for clients that read only after they have sent everything: rejected lines and a summary.
//!
//! Nothing of it is sent before the last line has come, so it needs no reader meanwhile; what is held for it is bounded.

use futures::{Stream, StreamExt};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    stream::{Settled, write},
    views::LineView,
};

/// Most bytes of results that are held.
const MOST: usize = 1 << 20;
/// Of these, those only for lines that are not in quarantine and would be found nowhere else.
const RESERVE: usize = 256 << 10;

/// The whole answer, once the stream has ended.
pub async fn of(settled: impl Stream<Item = Settled>) -> Vec<u8> {
    let mut settled = std::pin::pin!(settled);
    let (mut text, mut summary) = (Vec::new(), SummaryView::default());
    while let Some(Settled { lines, failed }) = settled.next().await {
        for line in lines {
            summary.count(&line);
            if line.outcome() == "rejected" && !add(&mut text, &line) {
                summary.omit();
            }
        }
        if let Some(failed) = failed {
            write(&mut text, &summary);
            write(&mut text, &failed);
            return text;
        }
    }
    write(&mut text, &summary);
    text
}

/// Adds a rejected line, if there is room for it.
fn add(text: &mut Vec<u8>, line: &LineView) -> bool {
    let before = text.len();
    write(text, line);
    let most = if line.is_kept() { MOST - RESERVE } else { MOST };
    let fits = text.len() <= most;
    if !fits {
        text.truncate(before);
    }
    fits
}

/// The last line of an answer with `results=rejected`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamSummary)]
pub struct SummaryView {
    /// Always `summary`.
    outcome: &'static str,
    /// Lines with a result; blank ones have none.
    lines: u64,
    accepted: u64,
    linked: u64,
    duplicates: u64,
    rejected: u64,
    /// Rejected lines whose results would not fit into the answer; in quarantine, unless they are no JSON.
    omitted: u64,
}

impl Default for SummaryView {
    fn default() -> Self {
        Self {
            outcome: "summary",
            lines: 0,
            accepted: 0,
            linked: 0,
            duplicates: 0,
            rejected: 0,
            omitted: 0,
        }
    }
}

impl SummaryView {
    /// Counts a line.
    fn count(&mut self, line: &LineView) {
        self.lines += 1;
        *match line.outcome() {
            "rejected" => &mut self.rejected,
            "linked" => &mut self.linked,
            "duplicate" => &mut self.duplicates,
            _ => &mut self.accepted,
        } += 1;
    }

    /// Counts a rejected line that is not told.
    fn omit(&mut self) {
        self.omitted += 1;
    }
}
