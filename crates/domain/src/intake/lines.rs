//! Lines of a stream that arrives in pieces: framing only, any pieces of the same bytes give the same lines.
//!
//! Memory is bounded by the longest line allowed, whatever is fed.

/// The byte order mark, which some programs put before UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the stream, from 1; blank lines count.
    pub number: u64,
    /// Its text without the line's end, or why there is none.
    pub text: Result<String, Unreadable>,
}

/// Why a line has no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unreadable {
    #[error("the line has more than {0} bytes")]
    TooLong(usize),
    #[error("the line is not UTF-8: its byte at offset {0} does not belong to it")]
    NotUtf8(usize),
}

/// Takes a stream of bytes apart at its newlines.
#[derive(Debug)]
pub struct Lines {
    limit: usize,
    finished: u64,
    begun: Vec<u8>,
    /// The line that has begun is over the limit; its bytes are not kept.
    too_long: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes; longer ones are told as [`Unreadable::TooLong`].
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            finished: 0,
            begun: Vec::new(),
            too_long: false,
        }
    }

    /// Takes the next piece and hands on the lines that end in it.
    pub fn feed(&mut self, piece: &[u8], each: &mut impl FnMut(Line)) {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.extend(&rest[..end]);
            self.finish().map(&mut *each);
            rest = &rest[end + 1..];
        }
        self.extend(rest);
    }

    /// The end of the stream: hands on a last line without a newline.
    pub fn end(&mut self, each: &mut impl FnMut(Line)) {
        if self.too_long || !self.begun.is_empty() {
            self.finish().map(each);
        }
    }

    /// How many lines have ended, blank ones among them.
    pub fn finished(&self) -> u64 {
        self.finished
    }

    fn extend(&mut self, bytes: &[u8]) {
        // What does not count may come on top: the carriage return, and the mark at the beginning.
        let uncounted = if self.finished == 0 { 1 + MARK.len() } else { 1 };
        if self.too_long || self.begun.len() + bytes.len() > self.limit + uncounted {
            self.too_long = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self) -> Option<Line> {
        self.finished += 1;
        let (number, limit) = (self.finished, self.limit);
        let mut bytes = std::mem::take(&mut self.begun);
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if number == 1 && bytes.starts_with(MARK) {
            bytes.drain(..MARK.len());
        }
        if std::mem::take(&mut self.too_long) || bytes.len() > limit {
            return Some(Line {
                number,
                text: Err(Unreadable::TooLong(limit)),
            });
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let text = String::from_utf8(bytes).map_err(|error| Unreadable::NotUtf8(error.utf8_error().valid_up_to()));
        Some(Line { number, text })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(pieces: &[&[u8]], limit: usize) -> Vec<Line> {
        let (mut lines, mut found) = (Lines::new(limit), Vec::new());
        for piece in pieces {
            lines.feed(piece, &mut |line| found.push(line));
        }
        lines.end(&mut |line| found.push(line));
        found
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_skipped() {
        let found = cut(&[b"\xef\xbb\xbfa\r\n\n \t\nb", b"c\nd"], 10);
        let told: Vec<(u64, &str)> = found
            .iter()
            .map(|line| (line.number, line.text.as_deref().expect("text")))
            .collect();
        assert_eq!(told, [(1, "a"), (4, "bc"), (5, "d")]);
        assert_eq!(cut(&[b"\xef\xbb\xbf12345\r\n"], 5)[0].text.as_deref(), Ok("12345"));
        assert!(cut(&[], 10).is_empty() && cut(&[b"\n\r\n"], 10).is_empty());
    }

    #[test]
    fn reading_goes_on_after_a_line_that_is_too_long_or_not_text() {
        let found = cut(&[b"1234\r\n12345\n\xff\n", b"123456789", b"0\nx\n99999"], 4);
        let told: Vec<Result<&str, Unreadable>> = found.iter().map(|line| line.text.as_deref().map_err(|error| *error)).collect();
        let long = Err(Unreadable::TooLong(4));
        assert_eq!(told, [Ok("1234"), long, Err(Unreadable::NotUtf8(0)), long, Ok("x"), long]);
    }

    proptest! {
        #[test]
        fn any_pieces_give_the_same_lines(bytes in prop::collection::vec(prop::sample::select(b"ab \r\n\n\xc3\xa4\xef\xbb\xbf".to_vec()), 0..60), cuts in prop::collection::vec(0usize..60, 0..8), limit in 0usize..6) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(bytes.len())).collect();
            cuts.sort_unstable();
            let (mut pieces, mut from) = (Vec::new(), 0);
            for at in cuts.into_iter().chain([bytes.len()]) {
                pieces.push(&bytes[from..at]);
                from = at;
            }
            prop_assert_eq!(cut(&pieces, limit), cut(&[&bytes], limit));
        }
    }
}
