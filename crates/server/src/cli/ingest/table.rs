//! Rows of a table with a header (RFC 4180), each made into an exception object.

use std::{
    cell::RefCell,
    io::{BufRead, Read},
    rc::Rc,
};

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use csv::{ByteRecord, ReaderBuilder, StringRecord};
use domain::fault::Fault;

use super::{
    mapping::Mapping,
    newlines::Newlines,
    record::{Defaults, Record, derived_id},
};

/// Bytes read at a time.
const BLOCK: usize = 64 << 10;
/// Longest row.
const LONGEST: u64 = 1 << 20;

/// Reads the rows of a table.
pub struct TableReader {
    rows: csv::Reader<Watched>,
    newlines: Rc<RefCell<Newlines>>,
    mapping: Mapping,
    columns: usize,
    /// In which the last row began.
    line: u64,
}

/// What a table needs to be read.
pub struct TableOptions {
    /// Between cells.
    pub delimiter: u8,
    /// Text of the map, if there is one.
    pub map: Option<String>,
    /// For rows that do not say.
    pub defaults: Defaults,
}

impl TableReader {
    /// Reads the header and fits the map to it.
    pub fn new(reader: Box<dyn BufRead + Send>, options: &TableOptions) -> anyhow::Result<Self> {
        let newlines = Rc::new(RefCell::new(Newlines::new()));
        let watched = Watched {
            reader,
            newlines: Rc::clone(&newlines),
        };
        let mut rows = ReaderBuilder::new()
            .delimiter(options.delimiter)
            .flexible(true)
            .buffer_capacity(BLOCK)
            .from_reader(watched);
        let header = rows.byte_headers().context("cannot read the header, line 1")?;
        let columns = columns(header)?;
        newlines.borrow_mut().pass(rows.position().byte());
        let mapping = match &options.map {
            Some(text) => Mapping::read(text, &columns, &options.defaults)?,
            None => Mapping::plain(&columns, &options.defaults),
        };
        mapping.check()?;
        Ok(TableReader {
            rows,
            newlines,
            mapping,
            columns: columns.len(),
            line: 1,
        })
    }

    /// The next row that begins after the line `skip`.
    pub fn next(&mut self, skip: u64) -> anyhow::Result<Option<Record>> {
        let mut row = ByteRecord::new();
        loop {
            let is_there = self
                .rows
                .read_byte_record(&mut row)
                .with_context(|| format!("cannot read on after line {}", self.line))?;
            if !is_there {
                return Ok(None);
            }
            let line = self.newlines.borrow_mut().pass(self.rows.position().byte());
            self.line = line;
            if line <= skip {
                continue;
            }
            let row = StringRecord::from_byte_record(std::mem::take(&mut row)).map_err(|error| {
                let column = error.utf8_error().field() + 1;
                anyhow!("line {line}, cell {column} is not UTF-8. Make the file UTF-8, for instance with: iconv -f WINDOWS-1252 -t UTF-8")
            })?;
            return Ok(Some(self.record(line, row)));
        }
    }

    fn record(&self, line: u64, row: StringRecord) -> Record {
        if row.len() != self.columns {
            let message = format!(
                "the row has {} cells and the header has {}: is a quote or a delimiter missing?",
                row.len(),
                self.columns
            );
            let faults = vec![Fault::at("", "wrong-number-of-cells", message)];
            return Record {
                line,
                text: Bytes::new(),
                row: Some(row),
                faults,
            };
        }
        let id = || derived_id(line, row.iter().map(str::as_bytes));
        let (json, faults) = self.mapping.exception(&row, id);
        Record {
            line,
            text: Bytes::from(json + "\n"),
            row: Some(row),
            faults,
        }
    }
}

/// Names of the columns. One without a name is called by its number.
fn columns(header: &ByteRecord) -> anyhow::Result<Vec<String>> {
    let mut columns: Vec<String> = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let name = std::str::from_utf8(name).with_context(|| {
            format!(
                "line 1, cell {} is not UTF-8. Make the file UTF-8, for instance with: iconv -f WINDOWS-1252 -t UTF-8",
                index + 1
            )
        })?;
        let name = match name.trim_start_matches('\u{feff}').trim() {
            "" => format!("column{}", index + 1),
            name => name.to_owned(),
        };
        if columns.contains(&name) {
            bail!("two columns are called {name}: give one of them another name");
        }
        columns.push(name);
    }
    match columns.as_slice() {
        [] => bail!("the table is empty: its first line must name the columns"),
        [only] if only.contains([';', '\t', '|', ',']) => {
            bail!("the header is one column, {only}: say what separates the cells with --delimiter")
        }
        _ => Ok(columns),
    }
}

/// Ends the reading of a row that does not end, as one does whose quote is left open.
struct Watched {
    reader: Box<dyn BufRead + Send>,
    newlines: Rc<RefCell<Newlines>>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut newlines = self.newlines.borrow_mut();
        if newlines.unpassed() > LONGEST + BLOCK as u64 {
            let why = format!("the row that begins next has more than {LONGEST} bytes: is a quote left open?");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, why));
        }
        let count = self.reader.read(buffer)?;
        newlines.read(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &[u8], delimiter: u8) -> anyhow::Result<TableReader> {
        let defaults = Defaults {
            source: Some("S".into()),
            kind: None,
        };
        let options = TableOptions {
            delimiter,
            map: None,
            defaults,
        };
        TableReader::new(Box::new(std::io::Cursor::new(text.to_vec())), &options)
    }

    #[test]
    fn rows_have_the_lines_they_begin_in() {
        let mut table = open(
            "\u{feff}exceptionId,note\r\nA,\"two\nlines\"\r\n\nB\nC,\"a \"\"b\"\"\"\n".as_bytes(),
            b',',
        )
        .expect("a table");
        let mut rows = Vec::new();
        while let Some(record) = table.next(0).expect("readable") {
            rows.push((
                record.line,
                record.faults.len(),
                String::from_utf8(record.text.to_vec()).expect("text"),
            ));
        }
        let line =
            |id: &str, note: &str| format!("{{\"sourceSystem\":\"S\",\"exceptionId\":\"{id}\",\"rawPayload\":{{\"note\":\"{note}\"}}}}\n");
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert_eq!(rows[0], (2, 0, line("A", "two\\nlines")));
        assert_eq!((rows[1].0, rows[1].1), (5, 1));
        assert_eq!(rows[2], (6, 0, line("C", "a \\\"b\\\"")));
    }

    #[test]
    fn what_is_read_again_begins_after_the_line_that_was_settled() {
        let mut table = open(b"a\n1\n2\n3\n", b',').expect("a table");
        assert_eq!(table.next(3).expect("readable").map(|record| record.line), Some(4));
    }

    #[test]
    fn what_is_no_table_says_so() {
        let told = |text: &[u8]| match open(text, b',') {
            Ok(mut table) => loop {
                match table.next(0) {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("it was read"),
                    Err(error) => break format!("{error:#}"),
                }
            },
            Err(error) => format!("{error:#}"),
        };
        assert!(told(b"a,b\n1,2\n\xe4,2\n").starts_with("line 3, cell 1 is not UTF-8"));
        assert!(told(b"\xe4\n").starts_with("line 1, cell 1 is not UTF-8"));
        assert!(told(b"a,b,a\n").contains("two columns are called a"));
        assert!(told(b"").contains("the table is empty"));
        assert!(told(b"a;b\n").contains("--delimiter"));
        let open = [b"a,b\n1,2\n1,\"".as_slice(), &vec![b'x'; 3 << 20]].concat();
        assert!(told(&open).contains("is a quote left open?"));
    }
}
