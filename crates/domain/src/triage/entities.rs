//! What an exception is about: the values of fields whose role is `entity`, at any depth of lists and objects.

use indexmap::IndexMap;

use super::Entity;
use crate::{
    display::field_text,
    json::{Json, Object},
    pack::document::{FieldDocument, FieldRole},
    text::{is_blank, printable},
};

/// Most entities that are shown of one field that is a list; all of them can be sought.
const MAX_SHOWN: usize = 10;
/// Longest text that names something, in characters.
pub const MAX_ENTITY: usize = 1_000;

type Fields = IndexMap<String, FieldDocument>;

/// A value that names something.
#[derive(Debug, Clone)]
pub struct Named<'p> {
    /// The declared field of the payload that it stands in.
    pub name: &'p str,
    /// Label of the field that has the role.
    pub label: &'p str,
    /// Its own field, which may be an item or a member of that.
    pub field: &'p FieldDocument,
    /// As it was sent.
    pub value: &'p Json,
    /// As it is shown.
    pub text: String,
}

/// The entities that are shown on an exception.
pub fn shown(payload: &Object, fields: &Fields) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    for named in all(payload, fields) {
        if entities.iter().filter(|entity| entity.field == named.name).count() < MAX_SHOWN {
            entities.push(Entity {
                field: named.name.to_owned(),
                label: named.label.to_owned(),
                value: named.text,
            });
        }
    }
    entities
}

/// Every value that names something. What shows nothing, or is too long for a name, names nothing.
pub fn all<'p>(payload: &'p Object, fields: &'p Fields) -> Vec<Named<'p>> {
    let mut found = Vec::new();
    for (name, field) in fields {
        if let Some(value) = payload.get(name) {
            let place = Place {
                name,
                field,
                members: payload,
                label: None,
            };
            visit(place, value, &mut found);
        }
    }
    found
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    name: &'p str,
    field: &'p FieldDocument,
    /// The object around it, which has the currency of amounts.
    members: &'p Object,
    /// Label of the list around it, where that has the role.
    label: Option<&'p str>,
}

fn visit<'p>(place: Place<'p>, value: &'p Json, found: &mut Vec<Named<'p>>) {
    let Place { field, members, .. } = place;
    let own = (field.role == Some(FieldRole::Entity)).then_some(field.label.as_str());
    let label = place.label.or(own);
    match (value, &field.fields) {
        (Json::Null, _) => {}
        (Json::List(items), _) => {
            let field = field.items.as_deref().unwrap_or(field);
            for item in items {
                visit(Place { field, label, ..place }, item, found);
            }
        }
        (Json::Object(inner), Some(fields)) if label.is_none() => {
            for (name, field) in fields {
                if let Some(value) = inner.get(name) {
                    let members = inner;
                    visit(Place { field, members, ..place }, value, found);
                }
            }
        }
        _ => {
            let Some(label) = label else { return };
            let text = printable(&field_text(field, value, members)).into_owned();
            if !is_blank(&text) && text.chars().count() <= MAX_ENTITY {
                let name = place.name;
                found.push(Named {
                    name,
                    label,
                    field,
                    value,
                    text,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entities_are_found_at_any_depth_and_all_of_them() {
        let fields: Fields = serde_json::from_value(json!({
            "account": {"type": "string", "label": "Account", "role": "entity"},
            "orders": {"type": "list", "label": "Orders", "items": {"type": "string", "label": "Order", "role": "entity"}},
            "legs": {"type": "list", "label": "Legs", "items": {"type": "object", "label": "Leg", "fields": {
                "party": {"type": "string", "label": "Party", "role": "entity"}, "side": {"type": "string", "label": "Side"}}}},
            "note": {"type": "string", "label": "Note"},
        }))
        .expect("fields");
        let orders: Vec<String> = (0..12).map(|index| format!("O-{index}")).collect();
        let long = "x".repeat(MAX_ENTITY + 1);
        let payload =
            json!({"account": "\u{a0} ", "orders": orders, "legs": [{"party": "A\u{0}B", "side": "L"}, {"party": long}], "note": "n"});
        let payload = &Json::read_object(&payload.to_string()).expect("an object");
        let texts = |name: &str| -> Vec<String> {
            let of = all(payload, &fields).into_iter().filter(|named| named.name == name);
            of.map(|named| named.text).collect()
        };
        assert_eq!(texts("account"), [""; 0]);
        assert_eq!(texts("orders"), orders);
        assert_eq!(texts("legs"), ["A B"]);
        let shown = shown(payload, &fields);
        assert_eq!(shown.len(), MAX_SHOWN + 1);
        assert_eq!((shown[10].field.as_str(), shown[10].label.as_str()), ("legs", "Party"));
    }
}
