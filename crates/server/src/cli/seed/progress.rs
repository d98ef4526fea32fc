//! How far it is: a bar where somebody watches, else a line now and then.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::api::report::{grouped, say};

/// Up to so many exceptions a line for every 10 is bearable.
const FEW: u32 = 1000;

/// How far one pass over a tenant's exceptions is.
pub struct Progress {
    verb: &'static str,
    count: u32,
    done: u32,
    /// Where nobody watches, a line for every so many.
    every: u32,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Starts at 0 of `count`; `verb` is what happens to them, in the past tense.
    pub fn new(verb: &'static str, count: u32) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(u64::from(count)));
        if let Some(bar) = &bar
            && let Ok(style) = ProgressStyle::with_template("  {bar:40} {human_pos} of {human_len} {msg}, {eta} left")
        {
            bar.set_style(style);
            bar.set_message(verb);
        }
        let every = if count <= FEW { 10 } else { 1000 };
        Progress {
            verb,
            count,
            done: 0,
            every,
            bar,
        }
    }

    /// A line for every tenth of them instead.
    pub fn in_tenths(mut self) -> Self {
        self.every = self.count.div_ceil(10).max(1);
        self
    }

    /// One more.
    pub fn advance(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.done.is_multiple_of(self.every) => {
                say(&format!(
                    "  {} of {} exceptions {}",
                    grouped(self.done),
                    grouped(self.count),
                    self.verb
                ));
            }
            None => {}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_every_ten_or_every_thousand_or_every_tenth() {
        let lines = |progress: Progress| progress.count / progress.every;
        let usual = [9, 50, 1000, 100_000].map(|count| lines(Progress::new("ingested", count)));
        assert_eq!(usual, [0, 5, 100, 100]);
        let tenths = [1, 9, 50, 215, 100_000].map(|count| lines(Progress::new("written", count).in_tenths()));
        assert_eq!(tenths, [1, 9, 10, 9, 10]);
    }
}
