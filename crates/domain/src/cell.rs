//! Cells: the combinations of status, severity, type, queue and source system that occur.
//!
//! There are some hundreds, whatever the number of exceptions. A filter over these five selects whole cells, so the store keeps a
//! counter for each and finds exceptions by cell. See `store/migrations/0001_baseline.sql`.

use sha2::{Digest, Sha256};

use crate::{severity::Severity, status::Status};

/// A combination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the exception")]
pub struct Cell {
    pub status: Status,
    pub severity: Severity,
    pub exception_type: String,
    pub queue: String,
    pub source_system: String,
}

/// Separates the parts: no name contains a control character.
const SEPARATOR: &[u8] = b"\x1f";

impl Cell {
    /// Name of the cell: the first eight bytes of the SHA-256 of its parts, big-endian. Two cells never meet in practice.
    pub fn id(&self) -> i64 {
        let parts = [
            self.status.as_str(),
            self.severity.as_str(),
            &self.exception_type,
            &self.queue,
            &self.source_system,
        ];
        let mut hasher = Sha256::new();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                hasher.update(SEPARATOR);
            }
            hasher.update(part.as_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize()[..8]);
        i64::from_be_bytes(first)
    }
}
