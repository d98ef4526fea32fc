//! The payload against the fields its type declares, and as rules see it.

use std::borrow::Cow;

use cel::Value as CelValue;
use indexmap::IndexMap;

use crate::{
    decimal::Decimal,
    display::{decimal, grouped},
    expression::{from_json, object},
    fault::{Fault, pointer_step},
    identity::shows_nothing,
    json::{Json, Object},
    pack::document::{FieldDocument, FieldType},
    text::shown,
    time::{is_plausible, parse_date, parse_time},
};

type Fields = IndexMap<String, FieldDocument>;

/// A payload after checking.
#[derive(Debug)]
pub struct CheckedPayload<'p> {
    /// Faults that refuse the exception: required fields that are missing, blank or of the wrong type.
    pub faults: Vec<Fault>,
    /// Faults that are shown on it.
    pub findings: Vec<Fault>,
    /// Members of declared fields whose type is right, and undeclared ones as they are: what rules see.
    pub values: Values<'p>,
}

/// Members of a payload without those that do not count.
#[derive(Debug)]
pub struct Values<'p> {
    payload: &'p Object,
    without: Vec<&'p str>,
}

impl<'p> Values<'p> {
    /// The value of a member that counts.
    pub fn get(&self, name: &str) -> Option<&'p Json> {
        self.payload.get(name).filter(|_| !self.without.contains(&name))
    }

    /// The members that count.
    pub fn iter(&self) -> impl Iterator<Item = (&'p str, &'p Json)> {
        let members = self.payload.iter().map(|(name, value)| (name.as_str(), value));
        members.filter(|(name, _)| !self.without.contains(name))
    }
}

/// Checks a payload.
pub fn check<'p>(payload: &'p Object, fields: &'p Fields) -> CheckedPayload<'p> {
    let (mut faults, mut findings, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for (name, field) in fields {
        let place = Place::Field(name);
        let sent = payload.get(name).filter(|value| !value.is_null());
        let Some(value) = sent.filter(|value| !(field.required && shows_nothing(value))) else {
            if field.required {
                let why = if sent.is_some() { "blank" } else { "missing" };
                let message = format!("{name} ({}) is {why}", field.label);
                faults.push(Fault::at(place.pointer(), "missing", message));
            }
            without.push(name.as_str());
            continue;
        };
        let mut found = Found::default();
        check_value(value, field, &place, &mut found);
        let wrong_type = found.wrong_type;
        if wrong_type {
            without.push(name);
        }
        if wrong_type && field.required { &mut faults } else { &mut findings }.extend(found.listed(&place));
    }
    let values = Values { payload, without };
    CheckedPayload { faults, findings, values }
}

/// Most faults of one field that are listed: a list may have hundreds of thousands of wrong items.
const MOST_LISTED: usize = 100;

/// Where a value stands in the payload; few have faults, so its pointer is only written for those.
#[derive(Debug)]
enum Place<'a> {
    Field(&'a str),
    Item(&'a Place<'a>, usize),
    Member(&'a Place<'a>, &'a str),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self {
            Place::Field(name) => format!("/rawPayload/{}", pointer_step(name)),
            Place::Item(list, index) => format!("{}/{index}", list.pointer()),
            Place::Member(object, name) => format!("{}/{}", object.pointer(), pointer_step(name)),
        }
    }
}

/// Faults of a field.
#[derive(Debug, Default)]
struct Found {
    faults: Vec<Fault>,
    /// Number of the other faults.
    more: usize,
    wrong_type: bool,
}

impl Found {
    fn add(&mut self, place: &Place<'_>, code: &'static str, message: impl FnOnce() -> String) {
        if self.faults.len() < MOST_LISTED {
            self.faults.push(Fault::at(place.pointer(), code, message()));
        } else {
            self.more += 1;
        }
    }

    /// The first faults, and a last one that says how many more there are.
    fn listed(mut self, place: &Place<'_>) -> Vec<Fault> {
        if self.more > 0 {
            let message = format!("and {} more", grouped(&self.more.to_string(), None));
            self.faults.push(Fault::at(place.pointer(), "more-faults", message));
        }
        self.faults
    }
}

fn check_value(value: &Json, field: &FieldDocument, place: &Place<'_>, found: &mut Found) {
    if !has_type(value, field.kind) {
        found.wrong_type = true;
        found.add(place, "wrong-type", || format!("{} must be {}", field.label, wanted(field.kind)));
        return;
    }
    match value {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Some(field) = &field.items {
                    check_value(item, field, &Place::Item(place, index), found);
                }
            }
        }
        Json::Object(members) => {
            for (name, field) in field.fields.iter().flatten() {
                if let Some(value) = members.get(name).filter(|value| !value.is_null()) {
                    check_value(value, field, &Place::Member(place, name), found);
                }
            }
        }
        scalar => check_scalar(scalar, field, place, found),
    }
}

fn check_scalar(value: &Json, field: &FieldDocument, place: &Place<'_>, found: &mut Found) {
    let is_date = matches!(field.kind, FieldType::Date | FieldType::Datetime);
    if !is_date && field.values.is_none() && field.format.is_none() {
        return;
    }
    let text = match value {
        Json::Text(text) => Cow::Borrowed(text.as_str()),
        Json::Number(number) => Cow::Owned(number.decimal().to_string()),
        other => Cow::Owned(other.to_string()),
    };
    if is_date {
        check_date(&text, place, found);
    }
    if let Some(values) = field.values.as_ref().filter(|values| !values.contains_key(&*text)) {
        found.add(place, "not-in-list", || {
            let known = values.keys().cloned().collect::<Vec<_>>().join(", ");
            format!("'{}' is not one of {known}", shown(&text))
        });
    }
    if let Some(format) = field.format
        && let Err(fault) = format.check(&text)
    {
        found.add(place, "format", || {
            format!("'{}' is not a valid {}: {fault}", shown(&text), format.name())
        });
    }
}

/// A date that nobody means: a year of two digits that was taken for one of four, say.
fn check_date(text: &str, place: &Place<'_>, found: &mut Found) {
    if let Some(day) = parse_date(text).filter(|day| !is_plausible(*day)) {
        found.add(place, "implausible-date", || {
            format!("{day} is a date before 1900 or after 2999; is the year complete?")
        });
    }
}

fn has_type(value: &Json, kind: FieldType) -> bool {
    match kind {
        FieldType::Any => true,
        FieldType::String => matches!(value, Json::Text(_) | Json::Number(_)),
        FieldType::Integer => decimal(value).is_some_and(|number| number.is_integer()),
        FieldType::Decimal => decimal(value).is_some(),
        FieldType::Boolean => matches!(value, Json::Bool(_)),
        FieldType::Date => value.as_text().and_then(parse_date).is_some(),
        FieldType::Datetime => value
            .as_text()
            .and_then(|text| parse_time(text).map(drop).or(parse_date(text).map(drop)))
            .is_some(),
        FieldType::List => matches!(value, Json::List(_)),
        FieldType::Object => matches!(value, Json::Object(_)),
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

/// Members of a payload as rules see them: decimals are doubles, integers ints, whatever JSON type they came in; dates are `YYYY-MM-DD`.
pub fn to_rule_value<'p>(members: impl Iterator<Item = (&'p str, &'p Json)>, fields: &Fields) -> CelValue {
    object(members.map(|(name, value)| (name, rule_value(value, fields.get(name)))))
}

fn rule_value(value: &Json, field: Option<&FieldDocument>) -> CelValue {
    let Some(field) = field else { return from_json(value) };
    match (field.kind, value) {
        (FieldType::Decimal, value) => decimal(value).map_or_else(|| from_json(value), |number| CelValue::Float(number.to_f64())),
        (FieldType::Integer, value) => decimal(value).map_or_else(|| from_json(value), |number| CelValue::Int(saturated(&number))),
        (FieldType::String, Json::Number(number)) => CelValue::from(number.decimal().to_string()),
        (FieldType::Date, Json::Text(text)) => CelValue::from(parse_date(text).map_or_else(|| text.clone(), |date| date.to_string())),
        (FieldType::List, Json::List(items)) => CelValue::List(std::sync::Arc::new(
            items.iter().map(|item| rule_value(item, field.items.as_deref())).collect(),
        )),
        (FieldType::Object, Json::Object(members)) => object(members.iter().map(|(name, value)| {
            (
                name.as_str(),
                rule_value(value, field.fields.as_ref().and_then(|fields| fields.get(name))),
            )
        })),
        (_, value) => from_json(value),
    }
}

/// A whole number as rules have it; what is too large becomes the largest.
fn saturated(number: &Decimal) -> i64 {
    let limit = if number.is_negative() { i64::MIN } else { i64::MAX };
    number.to_i64().unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(required: bool, marks: usize) -> Vec<Fault> {
        let fields =
            json!({"marks": {"label": "Marks", "type": "list", "required": required, "items": {"label": "Mark", "type": "integer"}}});
        let fields: Fields = serde_json::from_value(fields).expect("fields");
        let payload = json!({"marks": vec!["none"; marks]}).to_string();
        let payload = Json::read_object(&payload).expect("an object");
        let checked = check(&payload, &fields);
        assert_eq!(checked.values.iter().count(), 0, "rules see nothing of a wrong type");
        if required { checked.faults } else { checked.findings }
    }

    #[test]
    fn of_many_wrong_items_the_first_are_listed_and_the_others_counted() {
        for required in [false, true] {
            let listed = checked(required, 40_000);
            assert_eq!(listed.len(), MOST_LISTED + 1);
            assert_eq!(
                listed[99],
                Fault::at("/rawPayload/marks/99", "wrong-type", "Mark must be a whole number")
            );
            assert_eq!(listed[100], Fault::at("/rawPayload/marks", "more-faults", "and 39,900 more"));
        }
        assert_eq!(checked(false, MOST_LISTED).len(), MOST_LISTED);
    }
}
