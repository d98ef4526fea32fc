//! Texts as they are compared and as people read them: Unicode normalization form C, no white space at the ends, no control characters.
//!
//! What was sent is stored as it was; only what is derived from it goes through here.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text in form C (UAX #15): what looks the same is the same. Letter case and white space count.
pub fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// A text as it is compared: in form C, without white space at its ends. Letter case counts.
pub fn normalized(text: &str) -> Cow<'_, str> {
    composed(text.trim())
}

/// A text without regard to letter case, in form C, for searches that ignore case.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    // Lower case may take a text out of form C.
    normalized(text).chars().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a text shows nothing: only white space of any kind, control characters and characters without a shape.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// A text for people, on one line: normalized, each run of control characters and line separators is a space.
pub fn printable(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(breaks) {
        return normalized(text);
    }
    let parts: Vec<&str> = text.split(breaks).filter(|part| !part.is_empty()).collect();
    Cow::Owned(normalized(&parts.join(" ")).into_owned())
}

/// The beginning of a text, to be quoted in a message.
pub fn shown(text: &str) -> String {
    printable(text).chars().take(40).collect()
}

/// Characters that have no shape of their own: default ignorable code points (Unicode, `DerivedCoreProperties.txt`), and the blank pattern
/// of braille.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn composed_and_decomposed_letters_are_one_text() {
        assert_eq!(normalized("Zu\u{308}rich"), "Z\u{fc}rich");
        assert_eq!(normalized("\u{a0} caf\u{e9}\u{3000}"), "caf\u{e9}");
        assert_ne!(normalized("A1"), normalized("a1"));
        assert_eq!(folded("ZU\u{308}RICH"), folded("z\u{fc}rich"));
        assert_eq!(folded(" ACC-7\t"), "acc-7");
    }

    #[test]
    fn texts_that_show_nothing_are_blank() {
        for blank in [
            "",
            " ",
            "\t\r\n",
            "\u{a0}",
            "\u{2003}\u{3000}",
            "\u{200b}\u{feff}",
            "\0",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for text in ["0", "-", " a ", "\u{a0}.", "ä"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn text_for_people_is_one_line_without_control_characters() {
        assert_eq!(printable("A\0B"), "A B");
        assert_eq!(printable("\u{1b}[31mred\r\n\r\nline\u{2028}"), "[31mred line");
        assert_eq!(printable("plain"), "plain");
    }

    proptest! {
        #[test]
        fn every_form_is_reached_in_one_step(text in any::<String>()) {
            for form in [|text: &str| normalized(text).into_owned(), |text: &str| printable(text).into_owned(), folded as fn(&str) -> String] {
                let once = form(&text);
                prop_assert_eq!(form(&once), once);
            }
            prop_assert!(!printable(&text).contains(char::is_control));
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(normalized(&text), normalized(&decomposed));
            prop_assert_eq!(printable(&text), printable(&decomposed));
        }
    }
}
