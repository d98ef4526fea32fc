//! The answer to a stream of lines for clients that read only after they have sent everything: rejected lines and a summary.
//!
//! Nothing of it is sent before the last line has come, so it needs no reader meanwhile; what is held for it is bounded.

use futures::{Stream, StreamExt};

use super::{
    stream::{Settled, write},
    views::{LineView, SummaryView},
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
            if line.is_rejected() && !add(&mut text, &line) {
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
