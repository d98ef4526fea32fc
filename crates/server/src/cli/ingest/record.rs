//! One line of the input, as it is sent and as it is told when it is refused.

use bytes::Bytes;
use csv::StringRecord;
use domain::fault::Fault;
use sha2::{Digest, Sha256};

use crate::cli::api::stream::Line;

/// What sentinai knows about a line under way.
#[derive(Debug)]
pub struct Record {
    /// Its number in the file, from 1.
    pub line: u64,
    /// The exception as it is sent; the line itself where it is none.
    pub text: Bytes,
    /// The row of the table that it was made from.
    pub row: Option<StringRecord>,
    /// What was found wrong here; then it is not sent.
    pub faults: Vec<Fault>,
}

impl Record {
    /// For sending, or, with faults, for being told only.
    pub fn into_line(self) -> Line<Record> {
        let text = self.faults.is_empty().then(|| self.text.clone());
        Line { text, about: self }
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
