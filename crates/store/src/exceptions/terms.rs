//! Terms as PostgreSQL keeps and seeks them. Each is led by a tag of its tenant, so that one index serves all and none reads another's.

use std::{collections::BTreeSet, fmt::Write};

use sha2::{Digest, Sha256};

/// The terms as the text of a `tsvector`.
pub fn stored(tenant: &str, terms: &BTreeSet<String>) -> String {
    let tag = tag(tenant);
    let mut text = String::new();
    for term in terms {
        quote(&mut text, &tag, term);
        text.push(' ');
    }
    text
}

fn quote(text: &mut String, tag: &str, term: &str) {
    let term = term.replace('\\', "\\\\").replace('\'', "''");
    // Writing to a string does not fail.
    write!(text, "'{tag}:{term}'").unwrap_or_default();
}

/// Four hex digits: enough that tenants seldom meet, and where they do, the other walls stand.
fn tag(tenant: &str) -> String {
    crate::url::hex_of(&Sha256::digest(tenant)[..2])
}
