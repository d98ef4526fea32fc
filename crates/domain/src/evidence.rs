//! Evidence: submitted bodies, kept beside the events that refer to them by hash.
//!
//! A clearing may close many exceptions and a revision may be large: each body is stored once, and the event of every change that it caused
//! has its hash as `evidence`. The hash is part of the event, so the chain proves the body as well.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{
    chain::{Hash, hash_of},
    intake::Content,
};

/// A submitted body with the type and the pack under which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Hash of the body.
    pub hash: EvidenceHash,
    /// JSON text: `pack`, `exceptionType` and `sourceSystem`, then `header`, `rawPayload` and `normalizedContext` as they were sent.
    pub body: String,
}

/// SHA-256 of the UTF-8 text of a body; in JSON 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceHash(pub Hash);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'b> {
    pack: String,
    exception_type: Option<&'b str>,
    source_system: &'b str,
    header: &'b RawValue,
    raw_payload: &'b RawValue,
    normalized_context: &'b RawValue,
}

impl Evidence {
    /// Makes evidence of a content; `pack` is the label of the pack under which it was read.
    pub fn of(content: &Content, source_system: &str, exception_type: Option<&str>, pack: String) -> Self {
        let body = Body {
            pack,
            exception_type,
            source_system,
            header: as_sent(&content.header),
            raw_payload: as_sent(&content.payload),
            normalized_context: as_sent(&content.context),
        };
        // Texts and JSON always have a form in JSON.
        let body = serde_json::to_string(&body).unwrap_or_default();
        Self {
            hash: EvidenceHash(Sha256::digest(&body).into()),
            body,
        }
    }
}

fn as_sent(text: &str) -> &RawValue {
    serde_json::from_str(text).unwrap_or(RawValue::NULL)
}

impl fmt::Display for EvidenceHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash of evidence has 64 hexadecimal digits")]
pub struct NoEvidenceHash;

impl FromStr for EvidenceHash {
    type Err = NoEvidenceHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hash_of(text).map(Self).ok_or(NoEvidenceHash)
    }
}

impl Serialize for EvidenceHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
