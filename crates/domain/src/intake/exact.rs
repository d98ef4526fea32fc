//! JSON with its numbers as they were written. A float forgets digits, so that two contents would look like one.
//!
//! Reads texts that are known to be JSON, as those of [`serde_json::value::RawValue`] are, and refuses what a JSON value of
//! ours cannot hold. Whatever is read here can be read by `serde_json`.

use std::{borrow::Cow, collections::BTreeMap};

/// Deepest nesting, as `serde_json` has it.
const MAX_DEPTH: usize = 127;

/// A JSON value. The members of objects are sorted; of equal names the last counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exact<'t> {
    /// `null`, `true`, `false`.
    Word(&'t str),
    /// As it was written.
    Number(&'t str),
    /// Decoded.
    Text(Cow<'t, str>),
    List(Vec<Exact<'t>>),
    Object(BTreeMap<Cow<'t, str>, Exact<'t>>),
}

/// Well-formed JSON that cannot be a value of ours; the message says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the number {0} is out of range: a 64-bit float cannot hold it")]
    OutOfRange(String),
    #[error(r"a text in it has half a surrogate pair (\ud800 to \udfff must come in twos)")]
    LoneSurrogate,
    #[error("it is not JSON")]
    NotJson,
}

impl<'t> Exact<'t> {
    /// Reads a JSON text.
    pub fn read(text: &'t str) -> Result<Self, Unusable> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        if reader.at == text.len() {
            Ok(value)
        } else {
            Err(Unusable::NotJson)
        }
    }

    /// JSON with sorted members, no white space, and one form for equal numbers.
    pub fn canonical(&self, out: &mut dyn FnMut(&str)) {
        match self {
            Exact::Word(word) => out(word),
            Exact::Number(number) => out(&canonical_number(number)),
            Exact::Text(text) => out(&quoted(text)),
            Exact::List(items) => {
                out("[");
                for (index, item) in items.iter().enumerate() {
                    out(if index > 0 { "," } else { "" });
                    item.canonical(out);
                }
                out("]");
            }
            Exact::Object(members) => {
                out("{");
                for (index, (name, value)) in members.iter().enumerate() {
                    out(if index > 0 { "," } else { "" });
                    out(&quoted(name));
                    out(":");
                    value.canonical(out);
                }
                out("}");
            }
        }
    }
}

fn quoted(text: &str) -> String {
    // Unwrap safety: every text has a form in JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// As `serde_json` prints it where that loses nothing, else all its digits and an exponent.
fn canonical_number(text: &str) -> String {
    let short = serde_json::from_str::<serde_json::Number>(text).map_or_else(|_| text.to_owned(), |number| number.to_string());
    match (decimal(text), decimal(&short)) {
        (Some(written), Some(printed)) if written != printed => {
            let (negative, digits, exponent) = written;
            format!("{}{digits}e{exponent}", if negative { "-" } else { "" })
        }
        (None, _) => text.to_owned(),
        _ => short,
    }
}

/// Sign, digits without zeros at the ends, and the power of ten of the last one. None where the exponent is absurd.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let negative = whole.starts_with('-');
    let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
    let digits = digits.trim_start_matches('0');
    let kept = digits.trim_end_matches('0');
    if kept.is_empty() {
        return Some((negative, String::new(), 0));
    }
    let moved = i64::try_from(digits.len() - kept.len()).ok()? - i64::try_from(fraction.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()?.checked_add(moved)?;
    Some((negative, kept.to_owned(), exponent))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Result<Exact<'t>, Unusable> {
        self.skip_space();
        if depth > MAX_DEPTH || (depth == MAX_DEPTH && matches!(self.peek(), Some(b'{' | b'['))) {
            return Err(Unusable::TooDeep);
        }
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => self.string().map(Exact::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'a'..=b'z') => Ok(Exact::Word(self.take(|byte| byte.is_ascii_lowercase()))),
            _ => Err(Unusable::NotJson),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Exact<'t>, Unusable> {
        let mut members = BTreeMap::new();
        while self.goes_on(b'{', b'}', members.is_empty())? {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(b':')?;
            let value = self.value(depth)?;
            members.insert(name, value);
        }
        Ok(Exact::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Exact<'t>, Unusable> {
        let mut items = Vec::new();
        while self.goes_on(b'[', b']', items.is_empty())? {
            items.push(self.value(depth)?);
        }
        Ok(Exact::List(items))
    }

    /// Takes the opening, a comma or the end; whether an element follows.
    fn goes_on(&mut self, open: u8, close: u8, first: bool) -> Result<bool, Unusable> {
        self.skip_space();
        if first {
            self.expect(open)?;
            self.skip_space();
        }
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        if first { Ok(true) } else { self.expect(b',').map(|()| true) }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Unusable> {
        let from = self.at;
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            match self.peek().ok_or(Unusable::NotJson)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let token = self.text.get(from..self.at).ok_or(Unusable::NotJson)?;
        if !escaped {
            return Ok(Cow::Borrowed(&token[1..token.len() - 1]));
        }
        serde_json::from_str(token).map(Cow::Owned).map_err(|_| Unusable::LoneSurrogate)
    }

    fn number(&mut self) -> Result<Exact<'t>, Unusable> {
        let text = self.take(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        match serde_json::from_str::<serde_json::Number>(text) {
            Ok(_) => Ok(Exact::Number(text)),
            Err(_) => Err(Unusable::OutOfRange(text.chars().take(40).collect())),
        }
    }

    fn take(&mut self, belongs: impl Fn(u8) -> bool) -> &'t str {
        let from = self.at;
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
        &self.text[from..self.at]
    }

    fn skip_space(&mut self) {
        self.take(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Unusable> {
        if self.peek() != Some(byte) {
            return Err(Unusable::NotJson);
        }
        self.at += 1;
        Ok(())
    }
}
