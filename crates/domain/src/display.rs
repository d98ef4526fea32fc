//! Payload values as text for people: thousands separators, minor units, labels of codes.

use crate::{
    decimal::Decimal,
    format::minor_units,
    json::{Json, Object},
    pack::document::{FieldDocument, FieldType},
};

/// Placeholder for a missing value.
pub const MISSING: &str = "–";

/// A field's value as an operator reads it. `payload` gives the currency of an amount.
pub fn field_text(field: &FieldDocument, value: &Json, payload: &Object) -> String {
    match (field.kind, value) {
        (_, Json::Null) => MISSING.to_owned(),
        (FieldType::List, Json::List(items)) => {
            let texts: Vec<String> = match &field.items {
                Some(item) => items.iter().map(|value| field_text(item, value, payload)).collect(),
                None => items.iter().map(plain).collect(),
            };
            if texts.is_empty() { MISSING.to_owned() } else { texts.join(", ") }
        }
        (FieldType::Object, Json::Object(members)) => object_text(field, members),
        (FieldType::Decimal | FieldType::Integer, value) => {
            let decimals = currency(field, payload).map(minor_units);
            decimal(value).map_or_else(|| plain(value), |number| grouped(&number.to_string(), decimals))
        }
        (FieldType::Boolean, Json::Bool(value)) => if *value { "yes" } else { "no" }.to_owned(),
        (_, Json::Text(code)) => field.values.as_ref().and_then(|values| values.get(code)).unwrap_or(code).clone(),
        (_, value) => plain(value),
    }
}

/// The currency of an amount, from the field the pack names.
pub fn currency<'p>(field: &FieldDocument, payload: &'p Object) -> Option<&'p str> {
    payload.get(field.currency.as_ref()?)?.as_text()
}

/// A number, or a text that is one.
pub fn decimal(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(number) => Some(number.decimal().clone()),
        Json::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Groups thousands by commas. With `decimals` the fraction is filled up to them, never cut.
pub fn grouped(number: &str, decimals: Option<u8>) -> String {
    if number.contains('e') {
        return number.to_owned();
    }
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let width = usize::from(decimals.unwrap_or(0));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if width > 0 || !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
        out.extend(std::iter::repeat_n('0', width.saturating_sub(fraction.len())));
    }
    out
}

fn object_text(field: &FieldDocument, members: &Object) -> String {
    let part = |(name, value): (&String, &Json)| match field.fields.as_ref().and_then(|fields| fields.get(name)) {
        Some(inner) => format!("{} {}", inner.label, field_text(inner, value, members)),
        None => format!("{name} {}", plain(value)),
    };
    members.iter().map(part).collect::<Vec<_>>().join(" · ")
}

fn plain(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        Json::Null => MISSING.to_owned(),
        Json::Number(number) => number.decimal().to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn field(document: &Value) -> FieldDocument {
        serde_json::from_value(document.clone()).expect("a field")
    }

    #[test]
    fn numbers_are_grouped_and_carry_the_minor_unit() {
        let amount = field(&json!({"type": "decimal", "label": "Amount", "currency": "ccy"}));
        for (value, currency, expected) in [
            (json!(1_389_100.15), "EUR", "1,389,100.15"),
            (json!(-1204.5), "USD", "-1,204.50"),
            (json!(1_000_000), "JPY", "1,000,000"),
            (json!("999.1"), "KWD", "999.100"),
            (json!(0.125), "USD", "0.125"),
            (json!("1.23E+08"), "USD", "123,000,000.00"),
            (json!(".5"), "USD", "0.50"),
            (json!("about 5"), "USD", "about 5"),
            (Value::Null, "USD", "–"),
        ] {
            let payload = Object::from([("ccy".to_owned(), Json::Text(currency.to_owned()))]);
            assert_eq!(field_text(&amount, &Json::from(&value), &payload), expected);
        }
    }

    #[test]
    fn large_numbers_show_all_their_digits() {
        let plain = field(&json!({"type": "integer", "label": "Account"}));
        let number = Json::read("77014103211118510720").expect("JSON");
        assert_eq!(field_text(&plain, &number, &Object::new()), "77,014,103,211,118,510,720");
        assert_eq!(field_text(&plain, &Json::read("1e1000").expect("JSON"), &Object::new()), "1e1000");
    }

    #[test]
    fn codes_and_lists_read_as_labels() {
        let codes =
            field(&json!({"type": "list", "label": "Codes", "items": {"type": "string", "label": "Code", "values": {"A": "alpha"}}}));
        assert_eq!(field_text(&codes, &Json::from(&json!(["A", "B"])), &Object::new()), "alpha, B");
        let flag = field(&json!({"type": "boolean", "label": "Flag"}));
        assert_eq!(field_text(&flag, &Json::Bool(true), &Object::new()), "yes");
    }
}
