//! Exceptions turned on their side: one array per column, as `unnest` takes them.

use chrono::{DateTime, Utc};
use domain::{exception::Received, reception::Entry, triage::RuleNumbers};
use serde::Serialize;

use super::{standing::work, terms};
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

    /// Columns without rows.
    pub fn none(tenant: &'e str) -> Self {
        let entries = Vec::new();
        Self { tenant, entries }
    }

    /// The new exceptions among entries.
    pub fn new(tenant: &'e str, entries: impl Iterator<Item = &'e Entry<'e>>) -> Self {
        Self::of(tenant, entries.filter(|entry| entry.before.is_none()))
    }

    /// The tenant of the exceptions.
    pub fn tenant(&self) -> &'e str {
        self.tenant
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
        self.standing(|entry| entry.now.created_at)
    }

    /// Entities as JSON.
    pub fn entities(&self) -> Result<Vec<String>, StoreError> {
        json(self.entries.iter().map(|(_, received)| &received.triaged.entities))
    }

    /// Reasons that are not rules, as JSON; `None` where there are none.
    pub fn other_reasons(&self) -> Result<Vec<Option<String>>, StoreError> {
        let reasons = self.entries.iter().map(|(entry, _)| entry.because.as_ref());
        reasons.map(|reason| reason.map(|reason| text(&[reason])).transpose()).collect()
    }

    /// Rule numbers as the text of an array; `None` for none.
    pub fn numbers(&self, of: impl Fn(&'e RuleNumbers) -> &'e [i16]) -> Vec<Option<String>> {
        self.sent(|received| {
            let numbers = of(&received.triaged.rules);
            let texts: Vec<String> = numbers.iter().map(i16::to_string).collect();
            (!texts.is_empty()).then(|| format!("{{{}}}", texts.join(",")))
        })
    }

    /// Workflow that later arrivals of the batch left, as JSON; `None` for none.
    pub fn workflow(&self) -> Result<Vec<Option<String>>, StoreError> {
        self.entries.iter().map(|(entry, _)| work(&entry.now.work)).collect()
    }

    /// Findings as JSON.
    pub fn findings(&self) -> Result<Vec<String>, StoreError> {
        json(self.entries.iter().map(|(_, received)| &received.triaged.findings))
    }
}

fn json<T: Serialize>(values: impl Iterator<Item = T>) -> Result<Vec<String>, StoreError> {
    values.map(|value| text(&value)).collect()
}

fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Bug(sqlx::Error::Encode(error.into())))
}
