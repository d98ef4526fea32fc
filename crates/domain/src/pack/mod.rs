//! Domain packs: the document an author writes and the compiled pack that triage uses.
//!
//! [`Pack::parse`] is the only way to a pack: it reads, lints and compiles, and reports every fault with its place.

pub mod approval;
mod compile;
pub mod document;
pub mod examples;
mod lint;
pub mod playbook;
pub mod position;
pub mod recurrence;
pub mod seed;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use indexmap::IndexMap;

use self::{
    document::{FieldDocument, PackDocument, TypeDocument},
    playbook::PlaybookDocument,
    position::{Position, Positions},
};
use crate::{
    calendar::Calendar,
    clock::Policy,
    expression::{Expression, Reads, on_deep_stack},
    reception::Recurrence,
    severity::Severity,
    title::Title,
};

/// A compiled pack. Immutable; share it behind an `Arc`.
#[derive(Debug)]
pub struct Pack {
    document: PackDocument,
    types: IndexMap<String, ExceptionType>,
    calendars: BTreeMap<String, Calendar>,
}

/// A compiled exception type.
#[derive(Debug)]
pub struct ExceptionType {
    /// The author's text.
    pub document: TypeDocument,
    /// Severity rules in the author's order.
    pub severity_rules: Vec<Rule<Severity>>,
    /// Routing rules in the author's order.
    pub routing: Vec<Rule<String>>,
    /// Title template.
    pub title: Title,
    /// Deadlines.
    pub policy: Policy,
    /// What happens to repetitions.
    pub recurrence: Arc<Recurrence>,
    /// Variables and members that the severity and routing rules read.
    pub reads: Reads,
    /// Field with the amount at stake.
    pub exposure: Option<String>,
    /// Fields with personal data, at any depth: of the class `pii` or `phi`.
    pub classified: BTreeSet<String>,
    /// Field with the date that age counts from.
    pub age_from: Option<String>,
}

/// A condition and what it leads to.
#[derive(Debug)]
pub struct Rule<T> {
    /// The condition.
    pub when: Expression,
    /// The outcome.
    pub then: T,
    /// Why, for the operator.
    pub because: String,
}

/// A fault of a pack and its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFault {
    /// Place in the text.
    pub position: Position,
    /// JSON pointer, where known.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for PackFault {
    /// `line:column: message (at pointer)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.position.line, self.position.column, self.message)?;
        if self.pointer.is_empty() {
            Ok(())
        } else {
            write!(f, " (at {})", self.pointer)
        }
    }
}

impl Pack {
    /// Reads a pack from JSON text. All faults that can be told at once are told.
    pub fn parse(text: &str) -> Result<Self, Vec<PackFault>> {
        let document: PackDocument = serde_json::from_str(text).map_err(|error| vec![syntax_fault(text, &error)])?;
        let positions = Positions::of(text);
        let mut faults: Vec<PackFault> = positions
            .repeated()
            .map(|(pointer, position)| PackFault {
                position,
                pointer: pointer.into(),
                message: "this name occurs twice in its object".into(),
            })
            .collect();
        let compiled = on_deep_stack(|| compile::compile(document)).unwrap_or_else(|why| {
            let pointer = String::new();
            Err(vec![lint::Lint { pointer, message: why }])
        });
        let (pack, lints) = match compiled {
            Ok(pack) => (Some(pack), Vec::new()),
            Err(lints) => (None, lints),
        };
        faults.extend(lints.into_iter().map(|lint| PackFault {
            position: positions.locate(&lint.pointer),
            pointer: lint.pointer,
            message: lint.message,
        }));
        faults.sort_by_key(|fault| fault.position);
        match pack {
            Some(pack) if faults.is_empty() => Ok(pack),
            _ => Err(faults),
        }
    }

    /// The author's document.
    pub fn document(&self) -> &PackDocument {
        &self.document
    }

    /// Name of the domain.
    pub fn domain(&self) -> &str {
        &self.document.domain
    }

    /// Version as text.
    pub fn version(&self) -> String {
        self.document.version.to_string()
    }

    /// Whether a version of the same domain is an earlier one.
    pub fn supersedes(&self, version: &str) -> bool {
        semver::Version::parse(version).is_ok_and(|earlier| earlier < self.document.version)
    }

    /// Domain and version, for reasons: `CapitalMarketsTrading 1.0.0`.
    pub fn label(&self) -> String {
        format!("{} {}", self.document.domain, self.document.version)
    }

    /// The exception types in the author's order.
    pub fn types(&self) -> &IndexMap<String, ExceptionType> {
        &self.types
    }

    /// An exception type by name.
    pub fn exception_type(&self, name: &str) -> Option<&ExceptionType> {
        self.types.get(name)
    }

    /// A calendar by name.
    pub fn calendar(&self, name: &str) -> Option<&Calendar> {
        self.calendars.get(name)
    }

    /// The playbook of a type.
    pub fn playbook(&self, name: &str) -> Option<&PlaybookDocument> {
        self.document.playbooks.get(name)
    }

    /// Label of a queue, or its name where the pack no longer knows it.
    pub fn queue_label<'p>(&'p self, queue: &'p str) -> &'p str {
        self.document.queues.get(queue).map_or(queue, |document| &document.label)
    }
}

impl ExceptionType {
    /// A declared field.
    pub fn field(&self, name: &str) -> Option<&FieldDocument> {
        self.document.fields.get(name)
    }
}

fn syntax_fault(text: &str, error: &serde_json::Error) -> PackFault {
    // serde_json counts bytes in a line and appends the place to its message; both become ours.
    let line_text = text.lines().nth(error.line().saturating_sub(1)).unwrap_or("");
    let bytes = error.column().min(line_text.len());
    let column = String::from_utf8_lossy(&line_text.as_bytes()[..bytes]).chars().count().max(1);
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message)
        .to_owned();
    PackFault {
        position: Position {
            line: error.line().max(1),
            column,
        },
        pointer: String::new(),
        message,
    }
}
