//! A part of a stream that can be looked at again: from where the present row begins, as far as it was read.

use std::io::{BufRead, ErrorKind, Result};

/// Bytes from the beginning of the present row on.
pub struct Window {
    reader: Box<dyn BufRead + Send>,
    bytes: Vec<u8>,
    start: usize,
}

impl Window {
    /// At the beginning of a stream, behind its byte order mark.
    pub fn new(reader: Box<dyn BufRead + Send>) -> Result<Self> {
        let mut window = Window {
            reader,
            bytes: Vec::new(),
            start: 0,
        };
        if window.starts_with("\u{feff}".as_bytes())? {
            window.consume("\u{feff}".len());
        }
        Ok(window)
    }

    /// The byte at an offset from the start; none behind the end of the stream.
    pub fn byte(&mut self, at: usize) -> Result<Option<u8>> {
        while self.start + at >= self.bytes.len() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.bytes[self.start + at]))
    }

    /// Length of the line end at an offset: LF, CR LF or CR; none where there is another byte.
    pub fn line_end(&mut self, at: usize) -> Result<Option<usize>> {
        Ok(match self.byte(at)? {
            Some(b'\n') => Some(1),
            Some(b'\r') if self.byte(at + 1)? == Some(b'\n') => Some(2),
            Some(b'\r') => Some(1),
            _ => None,
        })
    }

    /// The bytes up to an offset, which must have been read.
    pub fn until(&self, end: usize) -> &[u8] {
        &self.bytes[self.start..self.start + end]
    }

    /// Moves the start.
    pub fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Whether these bytes come next.
    pub fn starts_with(&mut self, expected: &[u8]) -> Result<bool> {
        for (at, byte) in expected.iter().enumerate() {
            if self.byte(at)? != Some(*byte) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a block more; whether there was one.
    fn fill(&mut self) -> Result<bool> {
        if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let block = loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                block => break block?,
            }
        };
        let count = block.len();
        self.bytes.extend_from_slice(block);
        self.reader.consume(count);
        Ok(count > 0)
    }
}

#[cfg(test)]
impl Window {
    /// Bytes in memory.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }
}
