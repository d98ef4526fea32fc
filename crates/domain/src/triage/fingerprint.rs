//! What makes two exceptions the same problem.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    fault::{Fault, pointer_step},
    pack::ExceptionType,
};

/// Hash of type and fingerprint fields, 32 hex digits. A missing field is a finding and gives no fingerprint, never an empty hash.
pub fn of(name: &str, kind: &ExceptionType, payload: &Map<String, Value>, findings: &mut Vec<Fault>) -> Option<String> {
    let mut hasher = Sha256::new();
    let mut missing = Vec::new();
    hasher.update(name.as_bytes());
    for field in &kind.document.fingerprint {
        match payload.get(field).filter(|value| !value.is_null()) {
            Some(value) => {
                // A text and a number that read the same are the same account.
                let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
                hasher.update((text.len() as u64).to_be_bytes());
                hasher.update(text.as_bytes());
            }
            None => missing.push(field),
        }
    }
    for field in &missing {
        let message = format!("{field} is missing, so a repetition of this problem cannot be recognised");
        findings.push(Fault::at(
            format!("/rawPayload/{}", pointer_step(field)),
            "fingerprint-incomplete",
            message,
        ));
    }
    missing.is_empty().then(|| hex::encode(&hasher.finalize()[..16]))
}
