//! From document to compiled pack. Every reference is resolved and every expression compiled here, or reported.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use indexmap::IndexMap;

use super::{
    ExceptionType, Pack, Rule,
    document::{FieldRole, PackDocument, TypeDocument},
    lint::{self, Lint, Lints},
};
use crate::{
    calendar::Calendar,
    clock::Policy,
    expression::{Expression, Names, Reads},
    fault::pointer_step,
    reception::Recurrence,
    title::Title,
};

/// Variables that rules may use.
pub const VARIABLES: [&str; 7] = [
    "exceptionType",
    "sourceSystem",
    "rawPayload",
    "normalizedContext",
    "severity",
    "exposure",
    "age",
];

/// Compiles a document, or tells all that is wrong with it.
pub fn compile(mut document: PackDocument) -> Result<Pack, Vec<Lint>> {
    if document.waiting_reasons.is_empty() {
        document.waiting_reasons = reasons_of_clocks(&document);
    }
    let mut lints = Lints::default();
    lint::check_document(&document, &mut lints);
    let calendars = compile_calendars(&document, &mut lints);
    let mut types = IndexMap::new();
    for (name, kind) in &document.exception_types {
        let pointer = format!("/exceptionTypes/{}", pointer_step(name));
        if let Some(compiled) = compile_type(&document, kind, &pointer, &mut lints) {
            types.insert(name.clone(), compiled);
        }
    }
    check_playbooks(&document, &mut lints);
    lints.into_result().map(|()| Pack {
        document,
        types,
        calendars,
    })
}

/// What stops a clock can be waited for, also where the pack does not name it for people.
fn reasons_of_clocks(document: &PackDocument) -> IndexMap<String, String> {
    let clocks = document.exception_types.values().filter_map(|kind| kind.sla.as_ref());
    let codes = clocks.flat_map(|clock| &clock.pause_on);
    codes.map(|code| (code.clone(), label(code))).collect()
}

/// A code in words: `AGENT_BANK` is `Agent bank`.
fn label(code: &str) -> String {
    let words = code.replace('_', " ").to_lowercase();
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn compile_calendars(document: &PackDocument, lints: &mut Lints) -> BTreeMap<String, Calendar> {
    let mut calendars = BTreeMap::new();
    for (name, calendar) in &document.calendars {
        match Calendar::new(calendar) {
            Ok(compiled) => drop(calendars.insert(name.clone(), compiled)),
            Err(fault) => lints.add(format!("/calendars/{}", pointer_step(name)), fault.to_string()),
        }
    }
    calendars
}

fn compile_type(document: &PackDocument, kind: &TypeDocument, pointer: &str, lints: &mut Lints) -> Option<ExceptionType> {
    let names = rule_names(kind);
    lint::check_type(document, kind, pointer, lints);
    let mut severity_rules = Vec::new();
    for (index, rule) in kind.severity_rules.iter().enumerate() {
        let pointer = format!("{pointer}/severityRules/{index}/when");
        let when = compile_rule(&rule.when, &names, kind, &pointer, lints);
        severity_rules.extend(when.map(|when| Rule {
            when,
            then: rule.severity,
            because: rule.because.clone(),
        }));
    }
    let mut routing = Vec::new();
    for (index, rule) in kind.routing.iter().enumerate() {
        let pointer = format!("{pointer}/routing/{index}/when");
        let when = compile_rule(&rule.when, &names, kind, &pointer, lints);
        routing.extend(when.map(|when| Rule {
            when,
            then: rule.queue.clone(),
            because: rule.because.clone(),
        }));
    }
    let title = lints.take(format!("{pointer}/title"), Title::parse(&kind.title, &kind.fields));
    let policy = lints.take(format!("{pointer}/sla"), Policy::new(kind.sla.as_ref()));
    let mut reads = Reads::default();
    for when in severity_rules
        .iter()
        .map(|rule| &rule.when)
        .chain(routing.iter().map(|rule| &rule.when))
    {
        reads.extend(when.reads());
    }
    Some(ExceptionType {
        reads,
        severity_rules,
        routing,
        title: title?,
        policy: policy?,
        recurrence: Arc::new(Recurrence::new(kind.recurrence.as_ref(), &kind.fingerprint)),
        exposure: field_with(kind, FieldRole::Exposure),
        age_from: field_with(kind, FieldRole::AgeFrom),
        classified: classified(kind),
        document: kind.clone(),
    })
}

fn classified(kind: &TypeDocument) -> BTreeSet<String> {
    let fields = kind.fields.iter().filter(|(_, field)| field.is_classified());
    fields.map(|(name, _)| name.clone()).collect()
}

fn field_with(kind: &TypeDocument, role: FieldRole) -> Option<String> {
    kind.fields
        .iter()
        .find(|(_, field)| field.role == Some(role))
        .map(|(name, _)| name.clone())
}

fn rule_names(kind: &TypeDocument) -> Names {
    Names {
        variables: VARIABLES.map(String::from).into(),
        members: vec![("rawPayload".to_owned(), kind.fields.keys().cloned().collect::<BTreeSet<_>>())],
        functions: BTreeSet::new(),
    }
}

fn compile_rule(source: &str, names: &Names, kind: &TypeDocument, pointer: &str, lints: &mut Lints) -> Option<Expression> {
    let expression = lints.take(pointer, Expression::compile(source, names))?;
    // Typed by trial: over a payload with every declared field at a value of its type a rule must give true or false.
    if let Err(fault) = expression.holds(&lint::sample_scope(kind)) {
        lints.add(pointer, format!("on a payload with every declared field this rule fails: {fault}"));
        return None;
    }
    Some(expression)
}

fn check_playbooks(document: &PackDocument, lints: &mut Lints) {
    // A playbook serves several types, so its conditions may use the fields of all of them.
    let fields = document
        .exception_types
        .values()
        .flat_map(|kind| kind.fields.keys().cloned())
        .collect();
    let names = Names {
        variables: VARIABLES.map(String::from).into(),
        members: vec![("rawPayload".to_owned(), fields)],
        ..Names::default()
    };
    for (name, playbook) in &document.playbooks {
        let pointer = format!("/playbooks/{}/steps", pointer_step(name));
        let mut ids = BTreeSet::new();
        for (index, step) in playbook.steps.iter().enumerate() {
            if !ids.insert(&step.id) {
                lints.add(format!("{pointer}/{index}/id"), format!("step '{}' occurs twice", step.id));
            }
            if let Some(when) = &step.when {
                lints.take(format!("{pointer}/{index}/when"), Expression::compile(when, &names));
            }
        }
    }
}
