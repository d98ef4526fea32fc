//! The payload against the fields its type declares.

use cel::Value as CelValue;
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Entity, parse_date};
use crate::{
    display::{decimal_text, field_text},
    expression::{from_json, object},
    fault::{Fault, pointer_step},
    intake::parse_time,
    pack::document::{FieldDocument, FieldRole, FieldType},
};

/// Most entities taken from one field that is a list.
const MAX_ENTITIES: usize = 10;

type Fields = IndexMap<String, FieldDocument>;

/// A payload after checking.
#[derive(Debug, Default)]
pub struct CheckedPayload {
    /// Faults that refuse the exception: required fields that are missing or of the wrong type.
    pub faults: Vec<Fault>,
    /// Faults that are shown on it.
    pub findings: Vec<Fault>,
    /// Members of declared fields whose type is right, and undeclared ones as they are: what rules see.
    pub values: Map<String, Value>,
}

/// Checks a payload.
pub fn check(payload: &Map<String, Value>, fields: &Fields) -> CheckedPayload {
    let mut checked = CheckedPayload {
        values: payload.clone(),
        ..CheckedPayload::default()
    };
    for (name, field) in fields {
        let pointer = format!("/rawPayload/{}", pointer_step(name));
        let mut found = Vec::new();
        let Some(value) = payload.get(name).filter(|value| !value.is_null()) else {
            checked.values.shift_remove(name);
            if field.required {
                checked
                    .faults
                    .push(Fault::at(pointer, "missing", format!("{name} ({}) is missing", field.label)));
            }
            continue;
        };
        check_value(value, field, &pointer, &mut found);
        let wrong_type = found.iter().any(|fault| fault.code == WRONG_TYPE);
        if wrong_type {
            checked.values.shift_remove(name);
        }
        if wrong_type && field.required {
            &mut checked.faults
        } else {
            &mut checked.findings
        }
        .extend(found);
    }
    checked
}

const WRONG_TYPE: &str = "wrong-type";

fn check_value(value: &Value, field: &FieldDocument, pointer: &str, found: &mut Vec<Fault>) {
    if !has_type(value, field.kind) {
        found.push(Fault::at(
            pointer,
            WRONG_TYPE,
            format!("{} must be {}", field.label, wanted(field.kind)),
        ));
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Some(field) = &field.items {
                    check_value(item, field, &format!("{pointer}/{index}"), found);
                }
            }
        }
        Value::Object(members) => {
            for (name, field) in field.fields.iter().flatten() {
                if let Some(value) = members.get(name).filter(|value| !value.is_null()) {
                    check_value(value, field, &format!("{pointer}/{}", pointer_step(name)), found);
                }
            }
        }
        scalar => check_scalar(scalar, field, pointer, found),
    }
}

fn check_scalar(value: &Value, field: &FieldDocument, pointer: &str, found: &mut Vec<Fault>) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(values) = field.values.as_ref().filter(|values| !values.contains_key(&text)) {
        let known = values.keys().cloned().collect::<Vec<_>>().join(", ");
        found.push(Fault::at(
            pointer,
            "not-in-list",
            format!("'{}' is not one of {known}", shown(&text)),
        ));
    }
    if let Some(format) = field.format
        && let Err(fault) = format.check(&text)
    {
        found.push(Fault::at(
            pointer,
            "format",
            format!("'{}' is not a valid {}: {fault}", shown(&text), format.name()),
        ));
    }
}

/// Texts quoted in messages stay short.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

fn has_type(value: &Value, kind: FieldType) -> bool {
    match kind {
        FieldType::Any => true,
        FieldType::String => value.is_string() || value.is_number(),
        FieldType::Integer => number(value).is_some_and(|number| number.fract() == 0.0),
        FieldType::Decimal => number(value).is_some(),
        FieldType::Boolean => value.is_boolean(),
        FieldType::Date => value.as_str().and_then(parse_date).is_some(),
        FieldType::Datetime => value
            .as_str()
            .and_then(|text| parse_time(text).map(drop).or(parse_date(text).map(drop)))
            .is_some(),
        FieldType::List => value.is_array(),
        FieldType::Object => value.is_object(),
    }
}

fn wanted(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Any => "anything",
        FieldType::String => "a text",
        FieldType::Integer => "a whole number",
        FieldType::Decimal => "a number",
        FieldType::Boolean => "true or false",
        FieldType::Date => "a date (YYYY-MM-DD)",
        FieldType::Datetime => "a time (RFC 3339)",
        FieldType::List => "a list",
        FieldType::Object => "an object",
    }
}

/// A number, or a text that is one.
pub fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| decimal_text(value)?.parse().ok())
        .filter(|number: &f64| number.is_finite())
}

/// The payload as rules see it: decimals are doubles, integers ints, whatever JSON type they came in; dates are `YYYY-MM-DD`.
pub fn to_rule_value(payload: &Map<String, Value>, fields: &Fields) -> CelValue {
    object(
        payload
            .iter()
            .map(|(name, value)| (name.as_str(), rule_value(value, fields.get(name)))),
    )
}

fn rule_value(value: &Value, field: Option<&FieldDocument>) -> CelValue {
    let Some(field) = field else { return from_json(value) };
    match (field.kind, value) {
        (FieldType::Decimal, value) => number(value).map_or_else(|| from_json(value), CelValue::Float),
        #[expect(clippy::cast_possible_truncation, reason = "saturates; the fraction was checked to be none")]
        (FieldType::Integer, value) => number(value).map_or_else(|| from_json(value), |number| CelValue::Int(number as i64)),
        (FieldType::String, Value::Number(number)) => CelValue::from(number.to_string()),
        (FieldType::Date, Value::String(text)) => CelValue::from(parse_date(text).map_or_else(|| text.clone(), |date| date.to_string())),
        (FieldType::List, Value::Array(items)) => CelValue::List(std::sync::Arc::new(
            items.iter().map(|item| rule_value(item, field.items.as_deref())).collect(),
        )),
        (FieldType::Object, Value::Object(members)) => object(members.iter().map(|(name, value)| {
            (
                name.as_str(),
                rule_value(value, field.fields.as_ref().and_then(|fields| fields.get(name))),
            )
        })),
        (_, value) => from_json(value),
    }
}

/// Values of the fields that name things.
pub fn entities(payload: &Map<String, Value>, fields: &Fields) -> Vec<Entity> {
    let mut entities = Vec::new();
    for (name, field) in fields.iter().filter(|(_, field)| field.role == Some(FieldRole::Entity)) {
        let (values, item): (&[Value], &FieldDocument) = match (payload.get(name), &field.items) {
            (Some(Value::Array(items)), Some(item)) => (items, item),
            (Some(value), _) => (std::slice::from_ref(value), field),
            (None, _) => continue,
        };
        for value in values.iter().filter(|value| !value.is_null()).take(MAX_ENTITIES) {
            let text: String = field_text(item, value, payload)
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect();
            entities.push(Entity {
                field: name.clone(),
                label: field.label.clone(),
                value: text,
            });
        }
    }
    entities
}
