//! Rows of a table with a header, each made into an exception object.

use std::io::BufRead;

use anyhow::bail;
use bytes::Bytes;
use domain::fault::Fault;

use super::{
    mapping::Mapping,
    record::{Content, Defaults, Record, Shape, derived_id},
    rows::{Cells, Quotes, Row, RowFault, RowReader, Syntax},
};

/// Reads the rows of a table.
pub struct TableReader {
    rows: RowReader,
    mapping: Mapping,
    shape: Shape,
}

/// What a table needs to be read.
#[derive(Debug, Clone)]
pub struct TableOptions {
    /// Between cells, if it was given.
    pub delimiter: Option<u8>,
    /// Between cells where neither was given nor the table says.
    pub default_delimiter: u8,
    /// Meaning of quotation marks.
    pub quotes: Quotes,
    /// Text of the map, if there is one.
    pub map: Option<String>,
    /// For rows that do not say.
    pub defaults: Defaults,
}

impl TableOptions {
    /// Delimiter and quoting of the table.
    pub fn syntax(&self) -> Syntax {
        Syntax {
            delimiter: self.delimiter.unwrap_or(self.default_delimiter),
            quotes: self.quotes,
        }
    }
}

impl TableReader {
    /// Reads the header and fits the map to it.
    pub fn new(reader: Box<dyn BufRead + Send>, options: &TableOptions) -> anyhow::Result<Self> {
        let mut rows = RowReader::new(reader, options.syntax())?;
        let said = rows.separator_line()?;
        let delimiter = options.delimiter.or(said).unwrap_or(options.default_delimiter);
        rows.separate_by(delimiter);
        let columns = loop {
            let Some(row) = rows.next()? else {
                bail!("the table is empty: its first line must name the columns");
            };
            let line = row.line;
            match row.cells {
                Ok(cells) if cells.len() == 1 && cells.is_blank() => {}
                Ok(cells) => break columns(line, &cells)?,
                Err(faulty) => bail!("cannot read the header, line {line}: {}", faulty.fault),
            }
        };
        rows.expect(columns.len());
        let mapping = Mapping::of(options, &columns)?;
        let shape = Shape {
            columns: columns.into(),
            delimiter,
        };
        Ok(TableReader { rows, mapping, shape })
    }

    /// The next row, blank or not, that begins after the line `skip`.
    pub fn next(&mut self, skip: u64) -> anyhow::Result<Option<Record>> {
        while let Some(row) = self.rows.next()? {
            if row.line > skip {
                return convert(row, &self.mapping, &self.shape, None).map(Some);
            }
        }
        Ok(None)
    }
}

/// The record of a row. `place` is the line by which its id is derived, if that is another than its own.
pub fn convert(row: Row, mapping: &Mapping, shape: &Shape, place: Option<u64>) -> anyhow::Result<Record> {
    let line = row.line;
    let (content, faults) = match row.cells {
        Ok(cells) if cells.is_blank() => (Content::Blank, Vec::new()),
        Ok(cells) => {
            let id = || derived_id(place.unwrap_or(line), cells.iter().map(str::as_bytes));
            let (json, faults) = mapping.exception(&cells, id);
            (Content::Converted(Bytes::from(json + "\n"), cells), faults)
        }
        Err(faulty) => {
            let fault = faulty.fault;
            if let RowFault::NotUtf8(_) = fault {
                bail!("line {line}, {fault}");
            }
            let content = faulty.text.map_or(Content::Unreadable, |text| Content::Row {
                shape: shape.clone(),
                text,
            });
            (content, vec![Fault::at("", fault.code(), fault.to_string())])
        }
    };
    Ok(Record { line, content, faults })
}

/// Names of the columns. One without a name is called by its number.
fn columns(line: u64, header: &Cells) -> anyhow::Result<Vec<String>> {
    if header.is_blank() {
        bail!("the header, line {line}, names no column: its cells are blank");
    }
    let mut columns: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for (index, name) in header.iter().enumerate() {
        let name = match name.trim() {
            "" => format!("column{}", index + 1),
            name => name.to_owned(),
        };
        if !known.insert(name.clone()) {
            bail!("two columns are called {name}: give one of them another name");
        }
        columns.push(name);
    }
    match columns.as_slice() {
        [only] if only.contains([';', '\t', '|', ',']) => {
            bail!("the header is one column, {only}: say what separates the cells with --delimiter")
        }
        _ => Ok(columns),
    }
}

impl Mapping {
    /// The map that was given, or else one by the names of the columns.
    pub fn of(options: &TableOptions, columns: &[String]) -> anyhow::Result<Self> {
        let mapping = match &options.map {
            Some(text) => Mapping::read(text, columns, &options.defaults)?,
            None => Mapping::plain(columns, &options.defaults),
        };
        mapping.check().map(|()| mapping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &[u8], delimiter: Option<u8>) -> anyhow::Result<TableReader> {
        let defaults = Defaults {
            source: Some("S".into()),
            kind: None,
        };
        let options = TableOptions {
            delimiter,
            default_delimiter: b',',
            quotes: Quotes::Rfc4180,
            map: None,
            defaults,
        };
        TableReader::new(Box::new(std::io::Cursor::new(text.to_vec())), &options)
    }

    fn read(text: &str) -> Vec<String> {
        let mut table = open(text.as_bytes(), None).expect("a table");
        let mut rows = Vec::new();
        while let Some(record) = table.next(0).expect("readable") {
            rows.push(match record.content {
                Content::Converted(text, _) => format!("{} {}", record.line, String::from_utf8_lossy(&text).trim_end()),
                Content::Blank => format!("{} blank", record.line),
                _ => format!("{} {}", record.line, record.faults[0].code),
            });
        }
        rows
    }

    #[test]
    fn rows_have_the_lines_they_begin_in() {
        let line =
            |id: &str, note: &str| format!("{{\"sourceSystem\":\"S\",\"exceptionId\":\"{id}\",\"rawPayload\":{{\"note\":\"{note}\"}}}}");
        assert_eq!(
            read("\u{feff}exceptionId,note\r\nA,\"two\nlines\"\r\n\nB\nC,\"a \"\"b\"\"\"\n"),
            [
                format!("2 {}", line("A", "two\\nlines")),
                "4 blank".into(),
                "5 wrong-number-of-cells".into(),
                format!("6 {}", line("C", "a \\\"b\\\""))
            ]
        );
    }

    #[test]
    fn a_first_line_may_say_what_separates_the_cells() {
        let row = |line: u64| format!("{line} {{\"sourceSystem\":\"S\",\"exceptionId\":\"A\",\"rawPayload\":{{\"n\":\"1,5\"}}}}");
        for first in ["sep=;", "SEP=;", "\"sep=;\""] {
            assert_eq!(read(&format!("\u{feff}{first}\r\nexceptionId;n\r\nA;1,5\r\n")), [row(3)], "{first}");
        }
        let mut given = open(b"sep=;\nexceptionId|n\nA|1\n", Some(b'|')).expect("a table");
        assert!(given.next(0).expect("readable").is_some_and(|record| record.faults.is_empty()));
        assert!(open(b"sep=;a,b\n1,2\n", None).is_ok_and(|table| *table.shape.columns == ["sep=;a", "b"]));
    }

    #[test]
    fn what_is_read_again_begins_after_the_line_that_was_settled() {
        let mut table = open(b"a\n1\n2\n3\n", None).expect("a table");
        assert_eq!(table.next(3).expect("readable").map(|record| record.line), Some(4));
    }

    #[test]
    fn what_is_no_table_says_so() {
        let told = |text: &[u8]| match open(text, None) {
            Ok(mut table) => loop {
                match table.next(0) {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("it was read"),
                    Err(error) => break format!("{error:#}"),
                }
            },
            Err(error) => format!("{error:#}"),
        };
        for (text, expected) in [
            (b"a,b\n1,2\n\xe4,2\n".as_slice(), "line 3, cell 1 is not UTF-8"),
            (b"a,b\n1,2\n3,\"\xe4\n", "line 3, cell 2 is not UTF-8"),
            (b"\xe4\n", "line 1: cell 1 is not UTF-8"),
            (b"a,b,a\n", "two columns are called a"),
            (b"", "the table is empty"),
            (b"\n\n", "the table is empty"),
            (b",,\n1,2,3\n", "names no column"),
            (b"a;b\n", "--delimiter"),
            (
                b"a,\"b\n1,2\n",
                "cannot read the header, line 1: the quotation mark that begins cell 2 is never closed",
            ),
            (
                &vec![b'x'; 3 << 20],
                "cannot read the header, line 1: the row has more than 1048576 bytes",
            ),
        ] {
            assert!(told(text).contains(expected), "{expected}: {}", told(text));
        }
    }
}
