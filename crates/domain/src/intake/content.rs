//! What was sent, for keeping it as it was and for telling a repetition from a change.

use indexmap::IndexMap;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{
    chain::Hash,
    fault::{Fault, pointer_step},
    json::{self, Json, Object, Unusable},
};

const PAYLOAD: &str = "rawPayload";
const CONTEXT: &str = "normalizedContext";

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
    /// Takes the members of an exception object, with their values. Refuses those that no value of ours can hold: unread, they would all
    /// look the same.
    pub fn of(members: &IndexMap<String, &RawValue>) -> Result<(Self, Object), Vec<Fault>> {
        let text = |name: &str| members.get(name).map_or_else(|| "{}".to_owned(), |raw| raw.get().to_owned());
        let header: IndexMap<&str, &RawValue> = members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), PAYLOAD | CONTEXT))
            .map(|(name, raw)| (name.as_str(), *raw))
            .collect();
        let values = values(members)?;
        let content = Self {
            payload: text(PAYLOAD),
            context: text(CONTEXT),
            header: serde_json::to_string(&header).unwrap_or_default(),
            hash: hash(&values),
        };
        Ok((content, values))
    }

    /// The object as it was sent, but for the order of its members, from the texts that are kept of it.
    pub fn object(header: &str, payload: &str, context: &str) -> String {
        let members = header.trim();
        let members = members
            .strip_prefix('{')
            .and_then(|inside| inside.strip_suffix('}'))
            .unwrap_or("")
            .trim();
        let separator = if members.is_empty() { "" } else { "," };
        format!("{{{members}{separator}\"{PAYLOAD}\":{payload},\"{CONTEXT}\":{context}}}")
    }

    /// The hash that follows from the texts; `None` where they cannot be read.
    pub fn recomputed(&self) -> Option<Hash> {
        self.whole().ok().map(|whole| hash(&whole))
    }

    fn whole(&self) -> Result<Object, Unusable> {
        let Json::Object(mut whole) = Json::read(&self.header)? else {
            return Err(Unusable::NotJson);
        };
        whole.insert(PAYLOAD.into(), Json::read(&self.payload)?);
        let context = Json::read(&self.context)?;
        if matches!(&context, Json::Object(members) if !members.is_empty()) {
            whole.insert(CONTEXT.into(), context);
        }
        Ok(whole)
    }
}

/// SHA-256 of the whole in canonical form. An empty payload or context is as good as none.
fn hash(values: &Object) -> Hash {
    let (name, empty) = (PAYLOAD.to_owned(), Json::Object(Object::new()));
    let none = (!values.contains_key(PAYLOAD)).then_some((&name, &empty));
    let counts = |(name, value): &(&String, &Json)| *name != CONTEXT || matches!(value, Json::Object(members) if !members.is_empty());
    let mut hasher = Sha256::new();
    json::canonical(values.iter().filter(counts).chain(none), &mut |text| hasher.update(text.as_bytes()));
    hasher.finalize().into()
}

fn values(members: &IndexMap<String, &RawValue>) -> Result<Object, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut values = Object::new();
    for (name, raw) in members {
        // As deep as it stands in the object; payload and context are texts of their own.
        match Json::read_within(raw.get(), usize::from(!matches!(name.as_str(), PAYLOAD | CONTEXT))) {
            Ok(value) => drop(values.insert(name.clone(), value)),
            Err(why) => {
                let message = format!("{name} cannot be kept: {why}");
                faults.push(Fault::at(format!("/{}", pointer_step(name)), "unreadable", message));
            }
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

/// Pointers of the members that differ between two contents, one level into payload and context.
pub fn differences(before: &Content, after: &Content) -> Vec<String> {
    let (Ok(before), Ok(after)) = (before.whole(), after.whole()) else {
        return vec![String::new()];
    };
    let mut pointers = Vec::new();
    compare(&before, &after, "", &mut |pointer, old, new| match (old, new) {
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            compare(old, new, pointer, &mut |inner, _, _| pointers.push(inner.to_owned()));
        }
        _ => pointers.push(pointer.to_owned()),
    });
    pointers.sort();
    pointers
}

/// Takes a pointer and what is there before and after.
type Differs<'d> = dyn FnMut(&str, Option<&Json>, Option<&Json>) + 'd;

fn compare(before: &Object, after: &Object, at: &str, differs: &mut Differs<'_>) {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old != new {
            differs(&format!("{at}/{}", pointer_step(name)), old, new);
        }
    }
}
