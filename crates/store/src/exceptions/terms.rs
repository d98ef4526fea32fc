//! Terms as PostgreSQL keeps and seeks them. Each is led by a tag of its tenant, so that one index serves all and none reads another's.

use std::{collections::BTreeSet, fmt::Write};

use domain::{
    filter::Filter,
    terms::{entity_terms, field_terms, words},
};
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

/// What a filter seeks among terms, as the text of a `tsquery`: words by their beginning, values whole.
pub fn sought(tenant: &str, filter: &Filter) -> Option<String> {
    let tag = tag(tenant);
    let quoted = |term: &str| {
        let mut text = String::new();
        quote(&mut text, &tag, term);
        text
    };
    let begins = filter.text.iter().flat_map(|text| words(text)).map(|word| quoted(&word) + ":*");
    let any = |terms: Vec<String>| format!("({})", terms.iter().map(|term| quoted(term)).collect::<Vec<_>>().join(" | "));
    let entity = filter.entity.iter().map(|value| any(entity_terms(value)));
    let fields = filter.fields.iter().filter(|(_, values)| !values.is_empty());
    let fields = fields.map(|(name, values)| any(values.iter().flat_map(|value| field_terms(name, value)).collect()));
    let all: Vec<String> = begins.chain(entity).chain(fields).collect();
    (!all.is_empty()).then(|| all.join(" & "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sought_by_their_beginning_and_values_whole() {
        let filter = Filter {
            text: Some("O'Neil's  \\cash ...".into()),
            entity: Some("ACC-7".into()),
            fields: [("book".to_owned(), vec!["A".to_owned(), "B".to_owned()])].into(),
            ..Filter::default()
        };
        let tag = tag("T");
        assert_eq!(
            sought("T", &filter).expect("something"),
            format!(
                "'{tag}:o''neil''s':* & '{tag}:cash':* & ('{tag}:\u{1f}e\u{1f}t\u{1f}ACC-7') & ('{tag}:\u{1f}fbook\u{1f}t\u{1f}A' | '{tag}:\u{1f}fbook\u{1f}t\u{1f}B')"
            )
        );
        assert_eq!(sought("T", &Filter::default()), None);
    }
}
