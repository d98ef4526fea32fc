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
    size: Size,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            context: Context::with_env(Arc::clone(environment())),
            size: Size::default(),
        }
    }
}

impl Scope {
    /// Binds a variable.
    pub fn set(&mut self, name: &str, value: CelValue) {
        self.size.add(&value);
        self.context.add_variable_from_value(name, value);
    }

    pub(super) fn context(&self) -> &Context<'static, 'static> {
        &self.context
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }
}

/// Sizes of values, on which the cost of an expression depends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Elements of the largest collection; a text counts as one of its steps.
    pub elements: usize,
    /// Steps of reading the longest text to its end.
    pub text: usize,
}

impl Size {
    /// Takes a value and all within it into account.
    pub fn add(&mut self, value: &CelValue) {
        match value {
            CelValue::List(items) => {
                self.elements = self.elements.max(items.len());
                items.iter().for_each(|item| self.add(item));
            }
            CelValue::Map(map) => {
                self.elements = self.elements.max(map.map.len());
                map.map.values().for_each(|value| self.add(value));
            }
            CelValue::String(text) => {
                let steps = text_steps(text);
                self.elements = self.elements.max(steps);
                self.text = self.text.max(steps);
            }
            _ => {}
        }
    }
}

/// Steps of reading a text to its end.
pub(super) fn text_steps(text: &str) -> usize {
    text.len() / TEXT_STEP
}

/// Bytes of a text that take a step.
const TEXT_STEP: usize = 64;

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
