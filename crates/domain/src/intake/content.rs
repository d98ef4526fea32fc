//! What was sent, for keeping it as it was and for telling a repetition from a change.

use indexmap::IndexMap;
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest, Sha256};

use crate::{chain::Hash, fault::pointer_step};

/// The sent object: texts as they were, and a hash that does not depend on white space or the order of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// `rawPayload`, verbatim.
    pub payload: String,
    /// `normalizedContext`, verbatim; `{}` where there was none.
    pub context: String,
    /// All other members, as one JSON object.
    pub header: String,
    /// SHA-256 of the whole object in canonical form.
    pub hash: Hash,
}

impl Content {
    /// Takes the members of an exception object.
    pub fn of(members: &IndexMap<String, &RawValue>) -> Self {
        let text = |name: &str| members.get(name).map_or_else(|| "{}".to_owned(), |raw| raw.get().to_owned());
        let header: IndexMap<&str, &RawValue> = members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "rawPayload" | "normalizedContext"))
            .map(|(name, raw)| (name.as_str(), *raw))
            .collect();
        let mut content = Self {
            payload: text("rawPayload"),
            context: text("normalizedContext"),
            header: serde_json::to_string(&header).unwrap_or_default(),
            hash: [0; 32],
        };
        let mut hasher = Sha256::new();
        canonical(&content.whole(), &mut |text| hasher.update(text.as_bytes()));
        content.hash = hasher.finalize().into();
        content
    }

    fn whole(&self) -> Value {
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let Value::Object(mut whole) = parse(&self.header) else {
            return Value::Null;
        };
        whole.insert("rawPayload".into(), parse(&self.payload));
        let context = parse(&self.context);
        if context.as_object().is_some_and(|members| !members.is_empty()) {
            whole.insert("normalizedContext".into(), context);
        }
        Value::Object(whole)
    }
}

/// Pointers of the members that differ between two contents, one level into payload and context.
pub fn differences(before: &Content, after: &Content) -> Vec<String> {
    let (Value::Object(before), Value::Object(after)) = (before.whole(), after.whole()) else {
        return vec![String::new()];
    };
    let mut pointers = Vec::new();
    compare(&before, &after, "", &mut |pointer, old, new| match (old, new) {
        (Value::Object(old), Value::Object(new)) => compare(old, new, pointer, &mut |inner, _, _| pointers.push(inner.to_owned())),
        _ => pointers.push(pointer.to_owned()),
    });
    pointers.sort();
    pointers
}

fn compare(before: &Map<String, Value>, after: &Map<String, Value>, at: &str, differs: &mut dyn FnMut(&str, &Value, &Value)) {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name).unwrap_or(&Value::Null), after.get(name).unwrap_or(&Value::Null));
        if canonical_text(old) != canonical_text(new) {
            differs(&format!("{at}/{}", pointer_step(name)), old, new);
        }
    }
}

fn canonical_text(value: &Value) -> String {
    let mut out = String::new();
    canonical(value, &mut |text| out.push_str(text));
    out
}

/// JSON with sorted members and no white space.
pub(super) fn canonical(value: &Value, out: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            for (index, name) in names.into_iter().enumerate() {
                out(if index == 0 { "{" } else { "," });
                out(&Value::String(name.clone()).to_string());
                out(":");
                canonical(&members[name], out);
            }
            out(if members.is_empty() { "{}" } else { "}" });
        }
        Value::Array(items) => {
            out("[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out(",");
                }
                canonical(item, out);
            }
            out("]");
        }
        scalar => out(&scalar.to_string()),
    }
}
