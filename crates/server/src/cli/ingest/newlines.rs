//! Counts the lines of a table: its rows may span several, and blank ones are no rows.

use std::collections::VecDeque;

/// Ends of lines that were read and not yet passed. A line ends with LF, CR LF or CR.
#[derive(Debug)]
pub struct Newlines {
    /// Place and byte of each.
    ahead: VecDeque<(u64, u8)>,
    read: u64,
    /// Where the last row ended.
    passed: u64,
    line: u64,
    /// Place after a CR, where an LF is no end of its own.
    after_cr: Option<u64>,
}

impl Newlines {
    /// At the beginning.
    pub fn new() -> Self {
        Newlines {
            ahead: VecDeque::new(),
            read: 0,
            passed: 0,
            line: 1,
            after_cr: None,
        }
    }

    /// Notes what was read.
    pub fn read(&mut self, bytes: &[u8]) {
        for (at, byte) in (self.read..).zip(bytes) {
            if matches!(byte, b'\n' | b'\r') {
                self.ahead.push_back((at, *byte));
            }
        }
        self.read += bytes.len() as u64;
    }

    /// How much was read beyond the last row.
    pub fn unpassed(&self) -> u64 {
        self.read.saturating_sub(self.passed)
    }

    /// Passes a row that ends at a place; the line it began in.
    pub fn pass(&mut self, end: u64) -> u64 {
        let mut begin = self.passed;
        while self.ahead.front().is_some_and(|(at, _)| *at == begin) {
            self.pop();
            begin += 1;
        }
        let line = self.line;
        while self.ahead.front().is_some_and(|(at, _)| *at < end) {
            self.pop();
        }
        self.passed = end.max(begin);
        line
    }

    fn pop(&mut self) {
        let Some((at, byte)) = self.ahead.pop_front() else { return };
        if byte == b'\r' || self.after_cr != Some(at) {
            self.line += 1;
        }
        self.after_cr = (byte == b'\r').then_some(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_begins_after_blank_lines_whatever_ends_them() {
        for newline in ["\n", "\r\n", "\r"] {
            let text = ["a", "\"b", "c\"", "", "", "d", ""].join(newline);
            let mut newlines = Newlines::new();
            newlines.read(text.as_bytes());
            let ends = ["a", "c\"", "d"].map(|end| text.find(end).expect("there") as u64 + end.len() as u64 + 1);
            assert_eq!(ends.map(|end| newlines.pass(end)), [1, 2, 6], "{newline:?}");
        }
    }
}
