//! Members of a tenant: the people who work its exceptions, each with an id that is readable in events.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::ids::MemberId;

/// Characters of an id that come from the name.
const MOST: usize = 60;

impl MemberId {
    /// The id of a name: its letters and digits in lower case, hyphens between words; numbered from the second one on.
    #[expect(clippy::missing_panics_doc, reason = "letters, digits and hyphens are an id")]
    pub fn of_name(display_name: &str, number: usize) -> Self {
        let mut slug = String::new();
        for c in display_name.chars().flat_map(char::to_lowercase).take(MOST) {
            if c.is_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug = slug.trim_end_matches('-');
        let slug = if slug.is_empty() { "member" } else { slug };
        let id = if number > 1 { format!("{slug}-{number}") } else { slug.to_owned() };
        id.parse().expect("letters, digits and hyphens are an id")
    }
}

/// Longest display name, in characters.
const LONGEST_NAME: usize = 80;
/// Prefixes of actors in events: no name may look like one.
const PREFIXES: [&str; 5] = ["member:", "source:", "system:", "cli:", "key:"];
/// Words that mean something else where a name is expected.
const RESERVED: [&str; 3] = ["me", "none", "system"];

/// Name of a member for people: trimmed, in Unicode form C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Returns the name, trimmed and in NFC.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without regard to letter case: two members of a tenant never share one.
    pub fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl FromStr for DisplayName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let name: String = text.trim().nfc().collect();
        let length = name.chars().count();
        if length == 0 || length > LONGEST_NAME {
            return Err(InvalidName::Length(length));
        }
        if let Some(c) = name.chars().find(|c| is_invisible(*c)) {
            return Err(InvalidName::Invisible(c));
        }
        let lower = folded(&name);
        if RESERVED.contains(&lower.as_str()) || PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
            return Err(InvalidName::Reserved(name));
        }
        Ok(Self(name))
    }
}

/// The text is no display name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// It is empty or too long.
    #[error("a name has 1 to {LONGEST_NAME} characters, this has {0}")]
    Length(usize),
    /// It has a character that cannot be seen.
    #[error("a name has visible characters only; leave out U+{:04X}", u32::from(*.0))]
    Invisible(char),
    /// It means something else.
    #[error(
        "'{0}' means something else: me, none and system are reserved, and so are names that begin like actors (member:, source:, key:, cli:, system:)"
    )]
    Reserved(String),
}

/// Control and format characters, separators other than a space, and others that show nothing (Unicode 16: Cc, Cf, Zl, Zp, Zs, fillers,
/// variation selectors, private use, noncharacters).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2 | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFEFF
            | 0xFFA0 | 0xFFF0..=0xFFFB | 0xFFFE..=0xFFFF | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF | 0xF0000..=0x10_FFFF)
}

/// A name without regard to letter case.
pub fn folded(display_name: &str) -> String {
    // Upper case first: it makes `ß` and `ss` the same, and `ς` and `σ`.
    display_name.to_uppercase().to_lowercase()
}

/// A member as events name them.
pub fn actor(member_id: &str) -> String {
    format!("{MEMBER}{member_id}")
}

/// Whoever acts by the command line, as events name them.
pub fn cli_actor(name: &DisplayName) -> String {
    format!("cli:{}", name.as_str())
}

/// The member that an actor is.
pub fn of_actor(actor: &str) -> Option<&str> {
    actor.strip_prefix(MEMBER)
}

const MEMBER: &str = "member:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_readable_slugs_of_names() {
        let cases = [
            ("Maria Rossi", 1, "maria-rossi"),
            ("Maria Rossi", 2, "maria-rossi-2"),
            ("  Zoë O'Neil (Ops) ", 1, "zoë-o-neil-ops"),
            ("...", 1, "member"),
        ];
        for (name, number, id) in cases {
            assert_eq!(MemberId::of_name(name, number).as_str(), id);
        }
    }

    #[test]
    fn names_are_visible_short_and_mean_nothing_else() {
        for name in [
            " Maria Rossi ",
            "zoë",
            "李小龙",
            "x",
            "O'Neil (Ops)",
            "meg",
            "systems",
            &"ä".repeat(80),
        ] {
            assert!(name.parse::<DisplayName>().is_ok(), "{name:?}");
        }
        let refused = [
            "",
            "  ",
            "me",
            "ME",
            "None",
            "system",
            "key:x",
            "Member:maria",
            "source:Oven",
            "cli:x",
            "a\nb",
            "a\u{200b}b",
            "\u{202e}ana",
            "a\u{a0}b",
            "\u{feff}",
            "\u{2800}",
            "\u{3164}",
            "a\0",
            &"ä".repeat(81),
            &"x".repeat(5000),
        ];
        for name in refused {
            assert!(name.parse::<DisplayName>().is_err(), "{name:?}");
        }
        let (one, other): (DisplayName, DisplayName) = ("Zoe\u{308}".parse().expect("valid"), "ZOË ".parse().expect("valid"));
        assert_eq!(one.folded(), other.folded());
    }
}
