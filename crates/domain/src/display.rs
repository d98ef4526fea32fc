//! Payload values as text for people: thousands separators, minor units, labels of codes.

use serde_json::{Map, Value};

use crate::{
    format::minor_units,
    pack::document::{FieldDocument, FieldType},
};

/// What stands for a value that is not there.
pub const MISSING: &str = "–";

/// A field's value as an operator reads it. `payload` gives the currency of an amount.
pub fn field_text(field: &FieldDocument, value: &Value, payload: &Map<String, Value>) -> String {
    match (field.kind, value) {
        (_, Value::Null) => MISSING.to_owned(),
        (FieldType::List, Value::Array(items)) => {
            let texts: Vec<String> = match &field.items {
                Some(item) => items.iter().map(|value| field_text(item, value, payload)).collect(),
                None => items.iter().map(plain).collect(),
            };
            if texts.is_empty() { MISSING.to_owned() } else { texts.join(", ") }
        }
        (FieldType::Object, Value::Object(members)) => object_text(field, members),
        (FieldType::Decimal | FieldType::Integer, value) => {
            let decimals = currency(field, payload).map(minor_units);
            decimal_text(value).map_or_else(|| plain(value), |number| grouped(&number, decimals))
        }
        (FieldType::Boolean, Value::Bool(value)) => if *value { "yes" } else { "no" }.to_owned(),
        (_, Value::String(code)) => field.values.as_ref().and_then(|values| values.get(code)).unwrap_or(code).clone(),
        (_, value) => plain(value),
    }
}

/// The currency of an amount, from the field the pack names.
pub fn currency<'p>(field: &FieldDocument, payload: &'p Map<String, Value>) -> Option<&'p str> {
    payload.get(field.currency.as_ref()?)?.as_str()
}

/// A number, or a text that is one, as plain decimal text; exponents and others are `None`.
pub fn decimal_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits(whole) && all_digits(fraction) && text.len() <= 40).then(|| text.trim_start_matches('+').to_owned())
}

/// Groups thousands by commas. With `decimals` the fraction is filled up to them, never cut.
fn grouped(number: &str, decimals: Option<u8>) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
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

fn object_text(field: &FieldDocument, members: &Map<String, Value>) -> String {
    let part = |(name, value): (&String, &Value)| match field.fields.as_ref().and_then(|fields| fields.get(name)) {
        Some(inner) => format!("{} {}", inner.label, field_text(inner, value, members)),
        None => format!("{name} {}", plain(value)),
    };
    members.iter().map(part).collect::<Vec<_>>().join(" · ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => MISSING.to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            (json!("about 5"), "USD", "about 5"),
            (Value::Null, "USD", "–"),
        ] {
            let payload = json!({"ccy": currency});
            assert_eq!(field_text(&amount, &value, payload.as_object().expect("object")), expected);
        }
    }

    #[test]
    fn codes_and_lists_read_as_labels() {
        let codes =
            field(&json!({"type": "list", "label": "Codes", "items": {"type": "string", "label": "Code", "values": {"A": "alpha"}}}));
        assert_eq!(field_text(&codes, &json!(["A", "B"]), &Map::new()), "alpha, B");
        let flag = field(&json!({"type": "boolean", "label": "Flag"}));
        assert_eq!(field_text(&flag, &json!(true), &Map::new()), "yes");
    }
}
