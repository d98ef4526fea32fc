//! Members of a tenant: the people who work its exceptions, each with an id that is readable in events.

use crate::ids::MemberId;

/// Characters of an id that come from the name.
const MOST: usize = 60;

impl MemberId {
    /// The id of a name: its letters and digits in lower case, hyphens between words; numbered from the second one on.
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

/// A name without regard to letter case: two members of a tenant never share one.
pub fn folded(display_name: &str) -> String {
    display_name.to_lowercase()
}

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
}
