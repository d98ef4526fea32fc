//! What is asked of the seeder and what comes out.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::severity::Severity;
use serde_json::{Map, Value, json};

/// One run of the seeder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRun {
    /// Tenant that receives the exceptions; another tenant gets other ones.
    pub tenant: String,
    /// Another seed gives other exceptions.
    pub seed: u64,
    /// The exceptions arise within the seven days before.
    pub as_of: DateTime<Utc>,
    /// How many.
    pub count: u32,
}

/// An exception as its source would send it.
#[derive(Debug, Clone, PartialEq)]
pub struct SeededException {
    /// `{idPrefix}-{UUID}-{sequence}`, the sequence from 0001.
    pub exception_id: String,
    /// One of the pack's types.
    pub exception_type: String,
    /// What the source claims: the default of the type.
    pub severity: Severity,
    /// One of the type's sources.
    pub source_system: String,
    /// The pack's domain.
    pub domain: String,
    /// When it arose, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// Fields in the order of the pack.
    pub raw_payload: Map<String, Value>,
    /// Fields in the order of the pack.
    pub normalized_context: Map<String, Value>,
}

impl SeededException {
    /// The exception object of an intake request.
    pub fn body(&self) -> Value {
        json!({
            "exceptionId": self.exception_id,
            "exceptionType": self.exception_type,
            "severity": self.severity.as_str(),
            "sourceSystem": self.source_system,
            "timestamp": timestamp(self.created_at),
            "domain": self.domain,
            "rawPayload": self.raw_payload,
            "normalizedContext": self.normalized_context,
        })
    }
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
