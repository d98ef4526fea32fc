//! One line of the input, as it is sent and as it is kept when it is rejected.

use std::sync::Arc;

use bytes::Bytes;
use domain::fault::Fault;
use sha2::{Digest, Sha256};

use super::rows::Cells;
use crate::cli::api::stream::{Line, LineResult};

/// What sentinai knows about a line under way.
#[derive(Debug)]
pub struct Record {
    /// Its number in the file, from 1; that in which it begins.
    pub line: u64,
    /// The exception that it became.
    pub content: Content,
    /// What was found wrong here; then it is not sent.
    pub faults: Vec<Fault>,
}

/// The result of reading a line.
#[derive(Debug)]
pub enum Content {
    /// Nothing but white space, which is skipped.
    Blank,
    /// Too long, or not UTF-8: nothing is kept of it.
    Unreadable,
    /// A line of NDJSON, with its newline.
    Line(Bytes),
    /// The exception made of a row, with its newline, and the row.
    Converted(Bytes, Cells),
    /// A line of a table that could not be taken apart.
    Row {
        /// Columns and delimiter of the table.
        shape: Shape,
        /// The line as it stands.
        text: String,
    },
}

/// Columns of a table and what separates them.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Names of the columns.
    pub columns: Arc<[String]>,
    /// Delimiter between cells.
    pub delimiter: u8,
}

impl Record {
    /// For sending, or, where its outcome is known here, only for being counted.
    pub fn into_line(self) -> Line<Record> {
        let text = match &self.content {
            Content::Line(text) | Content::Converted(text, _) if self.faults.is_empty() => Some(text.clone()),
            _ => None,
        };
        Line { text, about: self }
    }

    /// Its outcome, from the server's result where it was sent.
    pub fn outcome<'r>(&self, result: Option<&'r LineResult>) -> &'r str {
        match (result, &self.content) {
            (Some(result), _) => &result.outcome,
            (None, Content::Blank) => "blank",
            (None, _) => "rejected",
        }
    }

    /// Why it was rejected.
    pub fn errors<'r>(&'r self, result: Option<&'r LineResult>) -> &'r [Fault] {
        result.map_or(&self.faults, |result| &result.errors)
    }
}

/// The id of a line that has none: the same for the same content at the same place, so that sending it again is a duplicate.
pub fn derived_id<'p>(line: u64, parts: impl IntoIterator<Item = &'p [u8]>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(line.to_be_bytes());
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    format!("INGEST-{}", hex::encode(&hasher.finalize()[..16]))
}

/// What lines get that do not say it themselves.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// `sourceSystem`.
    pub source: Option<String>,
    /// `exceptionType`.
    pub kind: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_the_line_and_its_parts_alone() {
        let id = derived_id(7, [&b"ab"[..], b"c"]);
        assert_eq!(id, derived_id(7, [&b"ab"[..], b"c"]));
        assert_eq!((id.len(), &id[..7]), (39, "INGEST-"));
        for other in [
            derived_id(8, [&b"ab"[..], b"c"]),
            derived_id(7, [&b"a"[..], b"bc"]),
            derived_id(7, [&b"abc"[..]]),
        ] {
            assert_ne!(id, other);
        }
    }
}
