//! How far a file is: a bar of bytes where somebody watches, else a line now and then.

use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressStyle};

use super::journal::Counts;
use crate::cli::api::report::{grouped, say};

/// Lines after which something is said where nobody watches.
const EVERY: u64 = 10_000;
/// Lines after which the bar moves.
const MOVE: u64 = 100;

/// How far the file is.
pub struct Progress {
    bar: Option<ProgressBar>,
    read: Arc<AtomicU64>,
}

impl Progress {
    /// Of a file of so many bytes, of which `read` have been read.
    pub fn new(size: Option<u64>, read: Arc<AtomicU64>) -> Self {
        let bar = std::io::stderr()
            .is_terminal()
            .then(|| size.map_or_else(ProgressBar::no_length, ProgressBar::new));
        let template = match size {
            Some(_) => "  {bar:40} {bytes} of {total_bytes}, {msg}, {eta} left",
            None => "  {bytes}, {msg}",
        };
        if let Some(bar) = &bar
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            bar.set_style(style);
        }
        Progress { bar, read }
    }

    /// One more line has its result.
    pub fn advance(&self, counts: &Counts) {
        let lines = counts.lines();
        let told = || format!("{} lines, {} rejected", grouped(lines), grouped(counts.rejected));
        match &self.bar {
            Some(bar) if lines.is_multiple_of(MOVE) => {
                bar.set_position(self.read.load(Ordering::Relaxed));
                bar.set_message(told());
            }
            None if lines.is_multiple_of(EVERY) => say(&format!("  {}", told())),
            _ => {}
        }
    }

    /// Prints a text without tearing the bar.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(text)),
            None => say(text),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
