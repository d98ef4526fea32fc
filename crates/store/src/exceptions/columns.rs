//! Exceptions turned on their side: one array per column, as `unnest` takes them.

use chrono::{DateTime, Utc};
use domain::{exception::Received, reception::Entry};
use serde::Serialize;

use super::terms;
use crate::StoreError;

/// Columns of exceptions that are inserted or revised: what stands, and what was sent.
pub struct Columns<'e> {
    tenant: &'e str,
    entries: Vec<(&'e Entry<'e>, &'e Received)>,
}

impl<'e> Columns<'e> {
    /// Columns of those of the entries that something was received for.
    pub fn of(tenant: &'e str, entries: impl Iterator<Item = &'e Entry<'e>>) -> Self {
        let entries = entries.filter_map(|entry| Some((entry, entry.latest?))).collect();
        Self { tenant, entries }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A column of what stands.
    pub fn standing<T>(&self, of: impl Fn(&'e Entry<'e>) -> T) -> Vec<T> {
        self.entries.iter().map(|(entry, _)| of(entry)).collect()
    }

    /// A column of what was sent.
    pub fn sent<T>(&self, of: impl Fn(&'e Received) -> T) -> Vec<T> {
        self.entries.iter().map(|(_, received)| of(received)).collect()
    }

    /// Search terms.
    pub fn terms(&self) -> Vec<String> {
        self.sent(|received| terms::stored(self.tenant, &received.terms))
    }

    /// Creation times.
    pub fn created_at(&self) -> Vec<DateTime<Utc>> {
        self.sent(|received| received.triaged.created_at)
    }

    /// Entities as JSON.
    pub fn entities(&self) -> Result<Vec<String>, StoreError> {
        json(self.entries.iter().map(|(_, received)| &received.triaged.entities))
    }

    /// Reasons as JSON; that of a repetition is the last.
    pub fn reasons(&self) -> Result<Vec<String>, StoreError> {
        json(
            self.entries
                .iter()
                .map(|(entry, received)| received.triaged.reasons.iter().chain(&entry.because).collect::<Vec<_>>()),
        )
    }

    /// Findings as JSON.
    pub fn findings(&self) -> Result<Vec<String>, StoreError> {
        json(self.entries.iter().map(|(_, received)| &received.triaged.findings))
    }
}

fn json<T: Serialize>(values: impl Iterator<Item = T>) -> Result<Vec<String>, StoreError> {
    let encode = |value| serde_json::to_string(&value).map_err(|error| StoreError::Bug(sqlx::Error::Encode(error.into())));
    values.map(encode).collect()
}
