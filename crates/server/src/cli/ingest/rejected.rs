//! Rejected lines: how they are kept, and how they are read when they are sent again.
//!
//! Each is a JSON object with `line`, `errors`, and what is to be corrected: `exception`, or `text` where no exception could be made of it.

use std::{borrow::Cow, io::Cursor};

use bytes::Bytes;
use domain::fault::Fault;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use super::{
    mapping::Mapping,
    record::{Content, Record, Shape},
    rows::{Cells, RowReader},
    table::{TableOptions, convert},
};

/// A rejected line as it is kept, with its newline.
pub fn written(record: &Record, errors: &[Fault]) -> serde_json::Result<String> {
    let mut members = serde_json::Map::new();
    members.insert("line".into(), record.line.into());
    members.insert("errors".into(), serde_json::to_value(errors)?);
    let mut exception = None;
    match &record.content {
        Content::Blank | Content::Unreadable => {}
        Content::Row { shape, text } => {
            members.insert("columns".into(), shape.columns.iter().cloned().collect());
            members.insert("delimiter".into(), char::from(shape.delimiter).to_string().into());
            members.insert("text".into(), text.clone().into());
        }
        Content::Converted(text, cells) => {
            members.insert("row".into(), cells.iter().collect::<Value>());
            exception = Some(String::from_utf8_lossy(text));
        }
        Content::Line(text) => {
            let text = String::from_utf8_lossy(text);
            let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(&text).is_ok();
            if is_object {
                exception = Some(text);
            } else {
                members.insert("text".into(), text.trim_end().into());
            }
        }
    }
    let mut line = serde_json::to_string(&members)?;
    if let Some(exception) = exception {
        // As it was sent, to the digit.
        line.truncate(line.len() - 1);
        line = format!("{line},\"exception\":{}}}", exception.trim_end());
    }
    line.push('\n');
    Ok(line)
}

/// A rejected line without an exception, corrected or not.
#[derive(Debug, Deserialize)]
pub struct Rejected<'l> {
    /// Its number in the file that it came from.
    pub line: u64,
    #[serde(rename = "errors")]
    _errors: Vec<IgnoredAny>,
    /// Names of the columns, where it came from a table.
    pub columns: Option<Vec<String>>,
    delimiter: Option<char>,
    /// The line.
    #[serde(borrow)]
    pub text: Option<Cow<'l, str>>,
    #[serde(rename = "exception")]
    exception: Option<IgnoredAny>,
    #[serde(rename = "rawPayload")]
    payload: Option<IgnoredAny>,
}

impl<'l> Rejected<'l> {
    /// Reads a line of NDJSON; none where it is anything else.
    pub fn read(line: &'l str) -> Option<Self> {
        let rejected: Self = serde_json::from_str(line).ok().filter(|_| line.contains("\"errors\""))?;
        (rejected.exception.is_none() && rejected.payload.is_none()).then_some(rejected)
    }
}

/// A rejected row of a table whose cells could not all be read as its map says.
#[derive(Debug, Deserialize)]
struct Unconverted<'l> {
    errors: Vec<Fault>,
    row: Cells,
    #[serde(borrow)]
    exception: &'l RawValue,
}

/// The record of such a row while a cell still stands in its exception as it stood in the table.
pub fn still_unconverted(line: u64, text: &str) -> Option<Record> {
    let Unconverted {
        mut errors,
        row,
        exception,
    } = serde_json::from_str(text).ok()?;
    let now: Value = serde_json::from_str(exception.get()).ok()?;
    errors.retain(|fault| {
        let value = now.pointer(&fault.pointer).and_then(Value::as_str);
        fault.code == "not-convertible" && value.is_some_and(|value| row.iter().any(|cell| cell == value))
    });
    (!errors.is_empty()).then(|| Record {
        line,
        content: Content::Converted(Bytes::from(format!("{exception}\n")), row),
        faults: errors,
    })
}

/// The record of a corrected row of a table.
pub fn corrected(line: u64, rejected: Rejected<'_>, options: &TableOptions) -> anyhow::Result<Record> {
    let columns = rejected.columns.unwrap_or_default();
    let text = rejected.text.unwrap_or_default().into_owned();
    let mapping = Mapping::of(options, &columns)?;
    let mut syntax = options.syntax();
    if let Some(delimiter) = rejected.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()) {
        syntax.delimiter = delimiter;
    }
    let mut rows = RowReader::new(Box::new(Cursor::new(text.clone().into_bytes())), syntax)?;
    rows.expect(columns.len());
    let shape = Shape {
        columns: columns.into(),
        delimiter: syntax.delimiter,
    };
    let Some(row) = rows.next()? else {
        return Ok(Record {
            line,
            content: Content::Blank,
            faults: Vec::new(),
        });
    };
    if row.cells.is_ok() && rows.next()?.is_some() {
        let faults = vec![Fault::at(
            "",
            "wrong-number-of-cells",
            "the text has more than one row: give each a line of its own",
        )];
        let content = Content::Row { shape, text };
        return Ok(Record { line, content, faults });
    }
    let mut record = convert(row, &mapping, &shape, Some(rejected.line))?;
    record.line = line;
    Ok(record)
}
