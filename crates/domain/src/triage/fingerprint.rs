//! What makes two exceptions the same problem.

use sha2::{Digest, Sha256};

use crate::{
    fault::{Fault, pointer_step},
    identity::{shows_nothing, whole},
    json::{Json, Object},
    pack::ExceptionType,
};

/// Hash of type and fingerprint fields, 32 hex digits. A field that is missing, blank or of the wrong type is a finding and gives no
/// fingerprint: nothing in common is not the same problem.
pub fn of(name: &str, kind: &ExceptionType, payload: &Object, findings: &mut Vec<Fault>) -> Option<String> {
    let mut hasher = Sha256::new();
    let before = findings.len();
    hasher.update(name.as_bytes());
    for field in &kind.document.fingerprint {
        let value = payload.get(field).unwrap_or(&Json::Null);
        match kind.document.fields.get(field).and_then(|document| whole(document, value)) {
            Some(text) => {
                hasher.update((text.len() as u64).to_be_bytes());
                hasher.update(text.as_bytes());
            }
            None => {
                let why = match value {
                    Json::Null => "missing",
                    value if shows_nothing(value) => "blank",
                    _ => "of another type than declared",
                };
                let message = format!("{field} is {why}, so a repetition of this problem cannot be recognised");
                let pointer = format!("/rawPayload/{}", pointer_step(field));
                findings.push(Fault::at(pointer, "fingerprint-incomplete", message));
            }
        }
    }
    (findings.len() == before).then(|| hex::encode(&hasher.finalize()[..16]))
}
