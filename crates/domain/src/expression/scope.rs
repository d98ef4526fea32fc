//! The values a rule sees.

use std::{collections::HashMap, sync::Arc};

use cel::{
    Context, Value as CelValue,
    objects::{Key, Map as CelMap},
};

use super::environment;
use crate::json::Json;

/// Variables of one evaluation, converted once and used by many rules.
pub struct Scope {
    context: Context<'static, 'static>,
    largest: usize,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            context: Context::with_env(Arc::clone(environment())),
            largest: 0,
        }
    }
}

impl Scope {
    /// Binds a variable.
    pub fn set(&mut self, name: &str, value: CelValue) {
        self.largest = self.largest.max(largest(&value));
        self.context.add_variable_from_value(name, value);
    }

    pub(super) fn context(&self) -> &Context<'static, 'static> {
        &self.context
    }

    /// Number of elements of the largest collection or text in scope.
    pub(super) fn largest(&self) -> usize {
        self.largest
    }
}

/// Longer texts count as collections of this many characters per step.
const TEXT_STEP: usize = 64;

/// Number of elements of the largest collection or text within a value.
pub fn largest(value: &CelValue) -> usize {
    match value {
        CelValue::List(items) => items.iter().map(largest).max().unwrap_or(0).max(items.len()),
        CelValue::Map(map) => map.map.values().map(largest).max().unwrap_or(0).max(map.map.len()),
        CelValue::String(text) => text.len() / TEXT_STEP,
        _ => 0,
    }
}

/// JSON as CEL: whole numbers of 64 bits are ints, others doubles.
pub fn from_json(value: &Json) -> CelValue {
    match value {
        Json::Null => CelValue::Null,
        Json::Bool(value) => CelValue::Bool(*value),
        Json::Number(number) if number.is_written_whole() => {
            let decimal = number.decimal();
            decimal.to_i64().map_or_else(|| CelValue::Float(decimal.to_f64()), CelValue::Int)
        }
        Json::Number(number) => CelValue::Float(number.decimal().to_f64()),
        Json::Text(text) => CelValue::from(text.as_str()),
        Json::List(items) => CelValue::List(Arc::new(items.iter().map(from_json).collect())),
        Json::Object(members) => object(members.iter().map(|(name, value)| (name.as_str(), from_json(value)))),
    }
}

/// A value of ours as CEL.
pub fn from_value(value: &serde_json::Value) -> CelValue {
    from_json(&Json::from(value))
}

/// A CEL map from named values.
pub fn object<'n>(members: impl Iterator<Item = (&'n str, CelValue)>) -> CelValue {
    let map: HashMap<Key, CelValue> = members.map(|(name, value)| (Key::from(name), value)).collect();
    CelValue::Map(CelMap { map: Arc::new(map) })
}
