//! What a pack must hold beyond its types: references that exist, roles that are unique, text that fits.

use std::fmt::Display;

use serde_json::{Value, json};

use super::{
    approval,
    document::{FieldDocument, FieldRole, FieldType, PackDocument, TypeDocument},
};
use crate::{
    expression::{Scope, from_value},
    fault::pointer_step,
    json::{Json, Object},
    triage::payload::to_rule_value,
};

/// One thing wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// JSON pointer into the document.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Collects lints.
#[derive(Debug, Default)]
pub struct Lints(Vec<Lint>);

impl Lints {
    /// Adds one.
    pub fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(Lint {
            pointer: pointer.into(),
            message: message.into(),
        });
    }

    /// Takes the value, or the error as a lint.
    pub fn take<T, E: Display>(&mut self, pointer: impl Into<String>, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(pointer, error.to_string())).ok()
    }

    /// Fails if there was any.
    pub fn into_result(self) -> Result<(), Vec<Lint>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    pub(super) fn require(&mut self, holds: bool, pointer: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.add(pointer, message);
        }
    }
}

/// Checks what is not about one type.
pub fn check_document(document: &PackDocument, lints: &mut Lints) {
    let word = |text: &str| !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric());
    lints.require(word(&document.domain), "/domain", "a domain is 1 to 64 letters and digits");
    let prefix = &document.id_prefix;
    lints.require(
        (2..=6).contains(&prefix.len()) && prefix.chars().all(|c| c.is_ascii_uppercase()),
        "/idPrefix",
        "an id prefix is 2 to 6 capital letters",
    );
    lints.require(
        !document.exception_types.is_empty(),
        "/exceptionTypes",
        "a pack has at least one exception type",
    );
    for (name, queue) in &document.queues {
        let pointer = format!("/queues/{}", pointer_step(name));
        lints.require(
            queue.label.chars().count() <= 18,
            format!("{pointer}/label"),
            "a queue's label has at most 18 characters",
        );
        if let Some(target) = &queue.escalates_to {
            known_queue(document, target, format!("{pointer}/escalatesTo"), lints);
            lints.require(
                escalation_ends(document, name),
                format!("{pointer}/escalatesTo"),
                "escalation runs in a circle",
            );
        }
    }
    approval::check(document, lints);
    for name in document.exception_types.keys() {
        let good = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.len() <= 64
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let pointer = format!("/exceptionTypes/{}", pointer_step(name));
        lints.require(
            good,
            pointer,
            "a type's name is capital letters, digits and underscores, at most 64",
        );
    }
}

/// Checks one type's references and fields.
pub fn check_type(document: &PackDocument, kind: &TypeDocument, pointer: &str, lints: &mut Lints) {
    known_queue(document, &kind.queue, format!("{pointer}/queue"), lints);
    for (index, rule) in kind.routing.iter().enumerate() {
        known_queue(document, &rule.queue, format!("{pointer}/routing/{index}/queue"), lints);
    }
    if !document.playbooks.contains_key(&kind.playbook) {
        lints.add(
            format!("{pointer}/playbook"),
            unknown("playbook", &kind.playbook, document.playbooks.keys()),
        );
    }
    for (index, reason) in kind.sla.iter().flat_map(|sla| &sla.pause_on).enumerate() {
        if !document.waiting_reasons.contains_key(reason) {
            lints.add(
                format!("{pointer}/sla/pauseOn/{index}"),
                unknown("waiting reason", reason, document.waiting_reasons.keys()),
            );
        }
    }
    if let Some(sla) = &kind.sla
        && !document.calendars.contains_key(&sla.calendar)
    {
        lints.add(
            format!("{pointer}/sla/calendar"),
            unknown("calendar", &sla.calendar, document.calendars.keys()),
        );
    }
    lints.require(
        !kind.fingerprint.is_empty(),
        format!("{pointer}/fingerprint"),
        "name at least one field",
    );
    for (index, field) in kind.fingerprint.iter().enumerate() {
        if !kind.fields.contains_key(field) {
            lints.add(
                format!("{pointer}/fingerprint/{index}"),
                unknown("field", field, kind.fields.keys()),
            );
        }
    }
    check_fields(kind, pointer, lints);
    lints.require(
        !kind.root_causes.is_empty(),
        format!("{pointer}/rootCauses"),
        "name at least one root cause",
    );
    lints.require(
        !kind.resolutions.is_empty(),
        format!("{pointer}/resolutions"),
        "name at least one resolution",
    );
}

fn check_fields(kind: &TypeDocument, pointer: &str, lints: &mut Lints) {
    for (name, field) in &kind.fields {
        let pointer = format!("{pointer}/fields/{}", pointer_step(name));
        if let Some(currency) = &field.currency
            && !kind.fields.contains_key(currency)
        {
            lints.add(format!("{pointer}/currency"), unknown("field", currency, kind.fields.keys()));
        }
        lints.require(
            field.kind == FieldType::List || field.items.is_none(),
            format!("{pointer}/items"),
            "only a list has items",
        );
        lints.require(
            field.kind != FieldType::List || field.items.is_some(),
            pointer.clone(),
            "a list says what its items are",
        );
        let number = matches!(field.kind, FieldType::Decimal | FieldType::Integer);
        lints.require(
            field.role != Some(FieldRole::Exposure) || number,
            format!("{pointer}/role"),
            "an exposure is a number",
        );
        lints.require(
            field.role != Some(FieldRole::Exposure) || !field.is_classified(),
            format!("{pointer}/class"),
            "an exposure stands in events and approvals, whose readers are not recorded: it cannot be pii or phi",
        );
        let date = matches!(field.kind, FieldType::Date | FieldType::Datetime);
        lints.require(
            field.role != Some(FieldRole::AgeFrom) || date,
            format!("{pointer}/role"),
            "age counts from a date",
        );
    }
    for role in [FieldRole::Exposure, FieldRole::AgeFrom] {
        let count = kind.fields.values().filter(|field| field.role == Some(role)).count();
        lints.require(
            count <= 1,
            format!("{pointer}/fields"),
            format!("{count} fields have the role {role:?}; at most one may"),
        );
    }
}

fn known_queue(document: &PackDocument, queue: &str, pointer: String, lints: &mut Lints) {
    if !document.queues.contains_key(queue) {
        lints.add(pointer, unknown("queue", queue, document.queues.keys()));
    }
}

fn escalation_ends(document: &PackDocument, from: &str) -> bool {
    let mut queue = from;
    for _ in 0..=document.queues.len() {
        match document.queues.get(queue).and_then(|queue| queue.escalates_to.as_deref()) {
            Some(next) => queue = next,
            None => return true,
        }
    }
    false
}

pub(super) fn unknown<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k String>) -> String {
    format!(
        "there is no {what} '{name}'; known are {}",
        known.cloned().collect::<Vec<_>>().join(", ")
    )
}

/// Values for trying a rule: every declared field at a value of its type.
pub fn sample_scope(kind: &TypeDocument) -> Scope {
    let payload: Object = kind
        .fields
        .iter()
        .map(|(name, field)| (name.clone(), Json::from(&sample_value(field))))
        .collect();
    let mut scope = Scope::default();
    scope.set(
        "rawPayload",
        to_rule_value(payload.iter().map(|(name, value)| (name.as_str(), value)), &kind.fields),
    );
    scope.set("normalizedContext", from_value(&json!({})));
    for name in ["exceptionType", "sourceSystem", "severity"] {
        scope.set(name, from_value(&json!("sample")));
    }
    scope.set("exposure", from_value(&json!(1.5)));
    scope.set("age", from_value(&json!(1)));
    scope
}

fn sample_value(field: &FieldDocument) -> Value {
    if let Some((value, _)) = field.values.as_ref().and_then(|values| values.first()) {
        return json!(value);
    }
    match field.kind {
        FieldType::String | FieldType::Any => json!("sample"),
        FieldType::Integer => json!(1),
        FieldType::Decimal => json!(1.5),
        FieldType::Boolean => json!(true),
        FieldType::Date => json!("2026-01-05"),
        FieldType::Datetime => json!("2026-01-05T12:00:00Z"),
        FieldType::List => Value::Array(field.items.iter().map(|item| sample_value(item)).collect()),
        FieldType::Object => Value::Object(
            field
                .fields
                .iter()
                .flatten()
                .map(|(name, inner)| (name.clone(), sample_value(inner)))
                .collect(),
        ),
    }
}
