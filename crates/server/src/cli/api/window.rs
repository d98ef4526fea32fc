//! Lines under way: sent, or about to be, without a known result. In the order of the input, so that results find them.

use std::collections::VecDeque;

use bytes::Bytes;

/// Most lines under way: some of the server's batches of 500, so that it never waits.
const LINES: usize = 4000;
/// A window with as many bytes takes no more lines.
const BYTES: usize = 16 << 20;

/// A line of the input.
#[derive(Debug)]
pub struct Line<T> {
    /// What is sent, with its newline; none where the result is known without the server.
    pub text: Option<Bytes>,
    /// What its sender knows about it.
    pub about: T,
}

/// Lines under way.
#[derive(Debug)]
pub struct Window<T> {
    waiting: VecDeque<Waiting<T>>,
    bytes: usize,
    /// Number of the last line of the present stream.
    last: u64,
}

#[derive(Debug)]
struct Waiting<T> {
    line: Line<T>,
    number: u64,
}

impl<T> Default for Window<T> {
    fn default() -> Self {
        Window {
            waiting: VecDeque::new(),
            bytes: 0,
            last: 0,
        }
    }
}

impl<T> Window<T> {
    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether more may be sent.
    pub fn has_room(&self) -> bool {
        self.waiting.len() < LINES && self.bytes < BYTES
    }

    /// Takes a line that is sent next.
    pub fn push(&mut self, line: Line<T>) {
        if let Some(text) = &line.text {
            self.bytes += text.len();
            self.last += 1;
        }
        let number = self.last;
        self.waiting.push_back(Waiting { line, number });
    }

    /// Counts a blank line that is sent next.
    pub fn push_blank(&mut self) {
        self.last += 1;
    }

    /// Begins another stream: the texts to send again, in their order.
    pub fn restart(&mut self) -> VecDeque<Bytes> {
        self.last = 0;
        for waiting in &mut self.waiting {
            self.last += u64::from(waiting.line.text.is_some());
            waiting.number = self.last;
        }
        self.waiting.iter().filter_map(|waiting| waiting.line.text.clone()).collect()
    }

    /// Number in the present stream of the line whose result comes next.
    pub fn next(&self) -> Option<u64> {
        self.waiting.front().map(|waiting| waiting.number)
    }

    /// The next line, if its result is known without the server.
    pub fn pop_known(&mut self) -> Option<T> {
        let is_known = self.waiting.front().is_some_and(|waiting| waiting.line.text.is_none());
        if is_known { self.pop() } else { None }
    }

    /// The next line, whose result has come.
    pub fn pop(&mut self) -> Option<T> {
        let Line { text, about } = self.waiting.pop_front()?.line;
        self.bytes -= text.map_or(0, |text| text.len());
        Some(about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(about: u32) -> Line<u32> {
        let text = Some(Bytes::from_static(b"{}\n"));
        Line { text, about }
    }

    #[test]
    fn numbers_are_those_of_the_present_stream() {
        let mut window = Window::default();
        window.push(Line { text: None, about: 1 });
        window.push(sent(2));
        window.push_blank();
        window.push(sent(3));
        assert_eq!((window.pop_known(), window.pop_known(), window.next()), (Some(1), None, Some(1)));
        assert_eq!((window.pop(), window.next()), (Some(2), Some(3)));
        assert_eq!((window.restart().len(), window.next(), window.bytes), (1, Some(1), 3));
        assert_eq!((window.pop(), window.is_empty(), window.bytes), (Some(3), true, 0));
    }

    #[test]
    fn it_is_full_by_lines_and_by_bytes() {
        let mut window = Window::default();
        while window.has_room() {
            window.push(sent(0));
        }
        assert_eq!(window.waiting.len(), LINES);
        let mut window = Window::default();
        window.push(Line {
            text: Some(vec![b' '; BYTES].into()),
            about: (),
        });
        assert!(!window.has_room());
    }
}
