//! Rows of delimiter-separated text, read strictly by RFC 4180. Knows nothing of exceptions.
//!
//! A faulty row costs exactly the line that it begins in: reading resumes at the next line, so that a quote that is not closed
//! swallows no other row. Memory is bounded by the longest row allowed.

mod cells;
mod window;

use std::io::{BufRead, Result};

pub use self::cells::Cells;
use self::window::Window;

/// Longest row in bytes.
pub const LONGEST: usize = 1 << 20;

/// Delimiter and quoting of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// Between two cells.
    pub delimiter: u8,
    /// Meaning of quotation marks.
    pub quotes: Quotes,
}

/// Meaning of quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// As in RFC 4180: a cell that begins with one ends with one, and may hold anything.
    Rfc4180,
    /// A character like any other.
    Literal,
}

/// One row, or the line where one could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// The line that it ends in.
    pub last: u64,
    /// Cells of the row.
    pub cells: std::result::Result<Cells, Faulty>,
}

/// A line that begins no row.
#[derive(Debug, PartialEq, Eq)]
pub struct Faulty {
    /// Reason for the rejection.
    pub fault: RowFault,
    /// The line as it stands, without its end; none where it is too long or not UTF-8.
    pub text: Option<String>,
}

/// A fault of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error(
        "cell {0} contains a quotation mark but does not begin with one: quote the whole cell and double the marks in it, or send the file with --no-quotes"
    )]
    QuoteInCell(usize),
    #[error("cell {0} goes on after its closing quotation mark: double the marks inside a quoted cell, or send the file with --no-quotes")]
    AfterClosingQuote(usize),
    #[error("the quotation mark that begins cell {0} is never closed: close it, or send the file with --no-quotes")]
    NotClosed(usize),
    #[error("the row has more than {LONGEST} bytes: shorten it in the file")]
    TooLong,
    #[error("the row has {cells} cells and the header has {columns}: is a quotation mark or a delimiter missing?")]
    WrongCount { cells: usize, columns: usize },
    #[error("cell {0} is not UTF-8. Make the file UTF-8, for instance with: iconv -f WINDOWS-1252 -t UTF-8")]
    NotUtf8(usize),
}

impl RowFault {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            RowFault::QuoteInCell(_) | RowFault::AfterClosingQuote(_) | RowFault::NotClosed(_) => "illegal-quote",
            RowFault::TooLong | RowFault::NotUtf8(_) => "unreadable",
            RowFault::WrongCount { .. } => "wrong-number-of-cells",
        }
    }
}

/// A strict reader of the rows of a table.
pub struct RowReader {
    window: Window,
    syntax: Syntax,
    /// Number of cells of a row, once that is known.
    columns: Option<usize>,
    /// The line that comes next.
    line: u64,
}

/// Where in a cell the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    Closed,
}

/// A row that is being read.
struct Scan {
    state: State,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Offset of the byte that is looked at.
    at: usize,
    /// Ends of lines that were passed.
    line_ends: u64,
    /// Where the first line ends, and how long its end is.
    first: Option<(usize, usize)>,
    /// Whether a line's end ended it, not the end of the stream.
    is_ended: bool,
}

impl RowReader {
    /// Reads from the beginning, behind a byte order mark.
    pub fn new(reader: Box<dyn BufRead + Send>, syntax: Syntax) -> Result<Self> {
        Ok(RowReader {
            window: Window::new(reader)?,
            syntax,
            columns: None,
            line: 1,
        })
    }

    /// Sets the number of cells that each row must have.
    pub fn expect(&mut self, columns: usize) {
        self.columns = Some(columns);
    }

    /// Passes a first line `sep=;`, by which spreadsheets say what separates the cells; the character in it.
    pub fn separator_line(&mut self) -> Result<Option<u8>> {
        let quote = usize::from(self.window.byte(0)? == Some(b'"'));
        for (at, letter) in b"sep=".iter().enumerate() {
            if self.window.byte(quote + at)?.is_none_or(|byte| !byte.eq_ignore_ascii_case(letter)) {
                return Ok(None);
            }
        }
        let Some(separator) = self.window.byte(quote + 4)? else {
            return Ok(None);
        };
        let mut end = quote + 5;
        if quote == 1 && self.window.byte(end)? == Some(b'"') {
            end += 1;
        }
        let is_end = self.window.byte(end)?.is_none();
        let Some(length) = self.window.line_end(end)?.or(is_end.then_some(0)) else {
            return Ok(None);
        };
        self.window.consume(end + length);
        self.line += 1;
        Ok(Some(separator))
    }

    /// Cells are separated by this from now on.
    pub fn separate_by(&mut self, delimiter: u8) {
        self.syntax.delimiter = delimiter;
    }

    /// The next row, blank or not; none at the end.
    pub fn next(&mut self) -> Result<Option<Row>> {
        if self.window.byte(0)?.is_none() {
            return Ok(None);
        }
        let line = self.line;
        let mut scan = Scan::new();
        let fault = match scan.run(&mut self.window, self.syntax)? {
            None => match self.whole(&mut scan) {
                Ok(cells) => {
                    self.window.consume(scan.at);
                    let last = line + scan.line_ends - u64::from(scan.is_ended);
                    self.line = last + 1;
                    return Ok(Some(Row {
                        line,
                        last,
                        cells: Ok(cells),
                    }));
                }
                Err(fault) => fault,
            },
            Some(fault) => fault,
        };
        let (text, fault) = match self.pass_line(scan.first)?.map(String::from_utf8) {
            Some(Ok(text)) => (Some(text), fault),
            Some(Err(error)) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let cell = before.split(|byte| *byte == self.syntax.delimiter).count();
                (None, RowFault::NotUtf8(cell))
            }
            None => (None, fault),
        };
        self.line += 1;
        Ok(Some(Row {
            line,
            last: line,
            cells: Err(Faulty { fault, text }),
        }))
    }

    /// The cells of a row that was read to its end, if they fit.
    fn whole(&self, scan: &mut Scan) -> std::result::Result<Cells, RowFault> {
        let cells = Cells::new(std::mem::take(&mut scan.bytes), std::mem::take(&mut scan.ends)).map_err(RowFault::NotUtf8)?;
        let spans_lines = scan.line_ends > u64::from(scan.is_ended);
        match self.columns {
            Some(columns) if cells.len() != columns && (spans_lines || !cells.is_blank()) => Err(RowFault::WrongCount {
                cells: cells.len(),
                columns,
            }),
            _ => Ok(cells),
        }
    }

    /// Passes the line that a faulty row begins in; the line, unless it is too long.
    fn pass_line(&mut self, first: Option<(usize, usize)>) -> Result<Option<Vec<u8>>> {
        let (mut at, mut is_whole) = (0, true);
        let length = match first {
            Some((end, length)) => {
                at = end;
                length
            }
            None => loop {
                if let Some(length) = self.window.line_end(at)? {
                    break length;
                }
                if self.window.byte(at)?.is_none() {
                    break 0;
                }
                at += 1;
                if at > LONGEST {
                    is_whole = false;
                    self.window.consume(at);
                    at = 0;
                }
            },
        };
        let text = is_whole.then(|| self.window.until(at).to_vec());
        self.window.consume(at + length);
        Ok(text)
    }
}

impl Scan {
    fn new() -> Self {
        Scan {
            state: State::Start,
            bytes: Vec::new(),
            ends: Vec::new(),
            at: 0,
            line_ends: 0,
            first: None,
            is_ended: false,
        }
    }

    /// Reads to the end of the row, or to what is wrong with it.
    fn run(&mut self, window: &mut Window, syntax: Syntax) -> Result<Option<RowFault>> {
        loop {
            let Some(byte) = window.byte(self.at)? else {
                let is_open = self.state == State::Quoted;
                self.ends.push(self.bytes.len());
                return Ok(is_open.then_some(RowFault::NotClosed(self.ends.len())));
            };
            if let Some(length) = window.line_end(self.at)? {
                self.line_ends += 1;
                self.first.get_or_insert((self.at, length));
                if self.state != State::Quoted {
                    self.ends.push(self.bytes.len());
                    self.at += length;
                    self.is_ended = true;
                    return Ok(None);
                }
                self.bytes.extend_from_slice(&window.until(self.at + length)[self.at..]);
                self.at += length;
                continue;
            }
            if self.at >= LONGEST {
                let is_open = self.state == State::Quoted && self.first.is_some();
                return Ok(Some(if is_open {
                    RowFault::NotClosed(self.cell())
                } else {
                    RowFault::TooLong
                }));
            }
            if let Some(fault) = self.take(byte, syntax) {
                return Ok(Some(fault));
            }
            self.at += 1;
        }
    }

    /// The number of the present cell.
    fn cell(&self) -> usize {
        self.ends.len() + 1
    }

    /// Takes a byte that ends no line.
    fn take(&mut self, byte: u8, syntax: Syntax) -> Option<RowFault> {
        let is_mark = byte == b'"' && syntax.quotes == Quotes::Rfc4180;
        match self.state {
            State::Quoted if is_mark => self.state = State::Closed,
            State::Quoted => self.bytes.push(byte),
            _ if byte == syntax.delimiter => {
                self.ends.push(self.bytes.len());
                self.state = State::Start;
            }
            State::Start if is_mark => self.state = State::Quoted,
            State::Closed if is_mark => {
                self.bytes.push(b'"');
                self.state = State::Quoted;
            }
            // On another line it is more likely the mark that opens another cell.
            State::Closed if self.first.is_some() => return Some(RowFault::NotClosed(self.cell())),
            State::Closed => return Some(RowFault::AfterClosingQuote(self.cell())),
            State::Plain if is_mark => return Some(RowFault::QuoteInCell(self.cell())),
            State::Start | State::Plain => {
                self.bytes.push(byte);
                self.state = State::Plain;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
