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
        Progress { verb, count, done: 0, bar }
    }

    /// One more.
    pub fn advance(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if is_due(self.done, self.count) => {
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

/// Every 10, every 1,000 where there are many.
fn is_due(done: u32, count: u32) -> bool {
    done.is_multiple_of(if count <= FEW { 10 } else { 1000 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_every_ten_or_every_thousand() {
        let lines = |count: u32| (1..=count).filter(|done| is_due(*done, count)).count();
        assert_eq!([lines(9), lines(50), lines(1000), lines(100_000)], [0, 5, 100, 100]);
    }
}
