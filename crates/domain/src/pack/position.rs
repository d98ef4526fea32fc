//! Where in a JSON text a value stands, so that lint faults have a line and a column.
//!
//! The text is known to parse: this only finds places and names that occur twice.

use std::collections::HashMap;

use crate::fault::pointer_step;

/// A place in a text, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// All places of a document by JSON pointer.
pub struct Positions<'t> {
    text: &'t str,
    offsets: HashMap<String, usize>,
    /// Pointers of members whose name occurs a second time, with the offset of the second.
    repeated: Vec<(String, usize)>,
}

impl<'t> Positions<'t> {
    /// Scans a text that is valid JSON.
    pub fn of(text: &'t str) -> Self {
        let mut positions = Self {
            text,
            offsets: HashMap::new(),
            repeated: Vec::new(),
        };
        let mut scanner = Scanner {
            bytes: text.as_bytes(),
            at: 0,
        };
        positions.value(&mut scanner, "");
        positions
    }

    /// Place of a pointer, or of its nearest parent that exists.
    pub fn locate(&self, pointer: &str) -> Position {
        let mut pointer = pointer;
        loop {
            if let Some(&offset) = self.offsets.get(pointer) {
                return self.position(offset);
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return Position { line: 1, column: 1 },
            }
        }
    }

    /// Names that occur twice in one object: pointer and place of the second.
    pub fn repeated(&self) -> impl Iterator<Item = (&str, Position)> {
        self.repeated
            .iter()
            .map(|(pointer, offset)| (pointer.as_str(), self.position(*offset)))
    }

    fn position(&self, offset: usize) -> Position {
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    fn value(&mut self, scanner: &mut Scanner<'_>, pointer: &str) {
        scanner.skip_space();
        let inside_repeated = self.repeated.iter().any(|(outer, _)| pointer.starts_with(outer.as_str()));
        if self.offsets.insert(pointer.to_owned(), scanner.at).is_some() && !inside_repeated {
            self.repeated.push((pointer.to_owned(), scanner.at));
        }
        match scanner.peek() {
            Some(b'{') => self.members(scanner, pointer),
            Some(b'[') => self.items(scanner, pointer),
            Some(b'"') => drop(scanner.string()),
            _ => scanner.scalar(),
        }
    }

    fn members(&mut self, scanner: &mut Scanner<'_>, pointer: &str) {
        scanner.at += 1;
        while scanner.next_is_not(b'}') {
            let name = scanner.string();
            scanner.skip_space();
            scanner.at += 1; // ':'
            self.value(scanner, &format!("{pointer}/{}", pointer_step(&name)));
        }
    }

    fn items(&mut self, scanner: &mut Scanner<'_>, pointer: &str) {
        scanner.at += 1;
        let mut index = 0;
        while scanner.next_is_not(b']') {
            self.value(scanner, &format!("{pointer}/{index}"));
            index += 1;
        }
    }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Steps over a comma to the next element, or over the closing bracket.
    fn next_is_not(&mut self, close: u8) -> bool {
        self.skip_space();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_space();
        }
        match self.peek() {
            Some(byte) if byte != close => true,
            _ => {
                self.at += 1;
                false
            }
        }
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        let end = self.at.min(self.bytes.len());
        serde_json::from_slice(&self.bytes[start..end]).unwrap_or_default()
    }

    fn scalar(&mut self) {
        while self
            .peek()
            .is_some_and(|byte| !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace())
        {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"ä\": [1, {\"b/c\": \"x\\\"y\"}],\n  \"d\": true,\n  \"d\": null\n}";

    #[test]
    fn places_have_line_and_column() {
        let positions = Positions::of(TEXT);
        for (pointer, line, column) in [
            ("", 1, 1),
            ("/ä", 2, 8),
            ("/ä/1/b~1c", 2, 20),
            ("/ä/1/nothing", 2, 12),
            ("/none", 1, 1),
        ] {
            assert_eq!(positions.locate(pointer), Position { line, column }, "{pointer}");
        }
    }

    #[test]
    fn a_name_that_occurs_twice_is_found() {
        let positions = Positions::of(TEXT);
        assert_eq!(positions.repeated().collect::<Vec<_>>(), [("/d", Position { line: 4, column: 8 })]);
    }
}
