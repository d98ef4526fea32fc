//! What was sent, for keeping it as it was and for telling a repetition from a change.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::exact::{Exact, Unusable};
use crate::{
    chain::Hash,
    fault::{Fault, pointer_step},
};

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
    /// Takes the members of an exception object. Refuses those that no value of ours can hold: unread, they would all look the same.
    pub fn of(members: &IndexMap<String, &RawValue>) -> Result<Self, Vec<Fault>> {
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
        content.hash = content.recomputed().ok_or_else(|| unusable(members))?;
        Ok(content)
    }

    /// The hash that follows from the texts; `None` where they cannot be read.
    pub fn recomputed(&self) -> Option<Hash> {
        let mut hasher = Sha256::new();
        self.whole().ok()?.canonical(&mut |text| hasher.update(text.as_bytes()));
        Some(hasher.finalize().into())
    }

    fn whole(&self) -> Result<Exact<'_>, Unusable> {
        let Exact::Object(mut whole) = Exact::read(&self.header)? else {
            return Err(Unusable::NotJson);
        };
        whole.insert("rawPayload".into(), Exact::read(&self.payload)?);
        let context = Exact::read(&self.context)?;
        if matches!(&context, Exact::Object(members) if !members.is_empty()) {
            whole.insert("normalizedContext".into(), context);
        }
        Ok(Exact::Object(whole))
    }
}

/// The members that cannot be read, and why.
fn unusable(members: &IndexMap<String, &RawValue>) -> Vec<Fault> {
    let fault = |(name, raw): (&String, &&RawValue)| {
        // As deep as it stands in the object.
        let why = Exact::read(&format!("[{}]", raw.get())).err()?;
        let message = format!("{name} cannot be kept: {why}");
        Some(Fault::at(format!("/{}", pointer_step(name)), "unreadable", message))
    };
    members.iter().filter_map(fault).collect()
}

/// Pointers of the members that differ between two contents, one level into payload and context.
pub fn differences(before: &Content, after: &Content) -> Vec<String> {
    let (Ok(Exact::Object(before)), Ok(Exact::Object(after))) = (before.whole(), after.whole()) else {
        return vec![String::new()];
    };
    let mut pointers = Vec::new();
    compare(&before, &after, "", &mut |pointer, old, new| match (old, new) {
        (Some(Exact::Object(old)), Some(Exact::Object(new))) => {
            compare(old, new, pointer, &mut |inner, _, _| pointers.push(inner.to_owned()));
        }
        _ => pointers.push(pointer.to_owned()),
    });
    pointers.sort();
    pointers
}

type Members<'t> = BTreeMap<std::borrow::Cow<'t, str>, Exact<'t>>;
/// Takes a pointer and what is there before and after.
type Differs<'d> = dyn FnMut(&str, Option<&Exact<'_>>, Option<&Exact<'_>>) + 'd;

fn compare(before: &Members<'_>, after: &Members<'_>, at: &str, differs: &mut Differs<'_>) {
    let names: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).map(|name| &**name).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old.map(canonical_text) != new.map(canonical_text) {
            differs(&format!("{at}/{}", pointer_step(name)), old, new);
        }
    }
}

fn canonical_text(value: &Exact<'_>) -> String {
    let mut out = String::new();
    value.canonical(&mut |text| out.push_str(text));
    out
}
