//! The values a rule sees.

use std::{collections::HashMap, sync::Arc};

use cel::{
    Context, Value as CelValue,
    objects::{Key, Map as CelMap},
};
use serde_json::Value;

use super::environment;

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

/// JSON as CEL: whole numbers are ints, others doubles.
pub fn from_json(value: &Value) -> CelValue {
    match value {
        Value::Null => CelValue::Null,
        Value::Bool(value) => CelValue::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => CelValue::Int(whole),
            (None, Some(real)) => CelValue::Float(real),
            (None, None) => CelValue::Null,
        },
        Value::String(text) => CelValue::from(text.as_str()),
        Value::Array(items) => CelValue::List(Arc::new(items.iter().map(from_json).collect())),
        Value::Object(members) => object(members.iter().map(|(name, value)| (name.as_str(), from_json(value)))),
    }
}

/// A CEL map from named values.
pub fn object<'n>(members: impl Iterator<Item = (&'n str, CelValue)>) -> CelValue {
    let map: HashMap<Key, CelValue> = members.map(|(name, value)| (Key::from(name), value)).collect();
    CelValue::Map(CelMap { map: Arc::new(map) })
}
