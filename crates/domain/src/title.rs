//! One line that says what is wrong: text with placeholders for payload fields.

use indexmap::IndexMap;

use crate::{
    display,
    json::{Json, Object},
    pack::document::FieldDocument,
    text,
};

/// Longest title, in characters.
pub const MAX_CHARS: usize = 200;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field { name: String, sign: Sign },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Kept,
    Dropped,
}

/// Why a template was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TitleFault {
    #[error("a '{{' without its '}}' in the title")]
    Unclosed,
    #[error("the title names '{0}', which is no field of this type")]
    UnknownField(String),
    #[error("the title says '|{0}'; only '|abs' is known")]
    UnknownFilter(String),
}

impl Title {
    /// Parses a template over the fields of a type.
    pub fn parse(template: &str, fields: &IndexMap<String, FieldDocument>) -> Result<Self, TitleFault> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            parts.push(Part::Text(rest[..open].to_owned()));
            let close = rest[open..].find('}').ok_or(TitleFault::Unclosed)? + open;
            let inside = rest[open + 1..close].trim();
            let (name, sign) = match inside.split_once('|') {
                None => (inside, Sign::Kept),
                Some((name, "abs")) => (name, Sign::Dropped),
                Some((_, filter)) => return Err(TitleFault::UnknownFilter(filter.to_owned())),
            };
            if !fields.contains_key(name) {
                return Err(TitleFault::UnknownField(name.to_owned()));
            }
            parts.push(Part::Field {
                name: name.to_owned(),
                sign,
            });
            rest = &rest[close + 1..];
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The fields it names.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Field { name, .. } => Some(name.as_str()),
        })
    }

    /// Fills the template; a missing value is `–`. One line without control characters.
    pub fn render(&self, payload: &Object, fields: &IndexMap<String, FieldDocument>) -> String {
        let mut title = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => title.push_str(text),
                Part::Field { name, sign } => {
                    let value = fields
                        .get(name)
                        .map(|field| display::field_text(field, payload.get(name).unwrap_or(&Json::Null), payload));
                    let value = value.unwrap_or_default();
                    title.push_str(if *sign == Sign::Dropped {
                        value.trim_start_matches('-')
                    } else {
                        &value
                    });
                }
            }
        }
        text::printable(&title).chars().take(MAX_CHARS).collect()
    }
}
