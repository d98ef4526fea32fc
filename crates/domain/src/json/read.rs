//! Reads JSON texts that are known to be JSON, as those of [`serde_json::value::RawValue`] are, and refuses what a value cannot hold.

use super::{Json, Number, Object};
use crate::decimal::NotADecimal;

/// Deepest nesting, as `serde_json` has it.
const MAX_DEPTH: usize = 127;

/// Well-formed JSON that cannot be a value of ours; the message says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unusable {
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("{0}")]
    Number(NotADecimal),
    #[error(r"a text in it has half a surrogate pair (\ud800 to \udfff must come in twos)")]
    LoneSurrogate,
    #[error("it is not JSON")]
    NotJson,
}

impl Json {
    /// Reads a JSON text.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        Self::read_within(text, 0)
    }

    /// Reads a JSON text at a depth of nesting.
    pub fn read_within(text: &str, depth: usize) -> Result<Self, Unusable> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(depth)?;
        reader.skip_space();
        if reader.at == text.len() {
            Ok(value)
        } else {
            Err(Unusable::NotJson)
        }
    }

    /// Reads the text of an object; `None` where it is anything else.
    pub fn read_object(text: &str) -> Option<Object> {
        match Self::read(text) {
            Ok(Json::Object(members)) => Some(members),
            _ => None,
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Result<Json, Unusable> {
        self.skip_space();
        if depth > MAX_DEPTH || (depth == MAX_DEPTH && matches!(self.peek(), Some(b'{' | b'['))) {
            return Err(Unusable::TooDeep);
        }
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'a'..=b'z') => self.word(),
            _ => Err(Unusable::NotJson),
        }
    }

    fn word(&mut self) -> Result<Json, Unusable> {
        match self.take(|byte| byte.is_ascii_lowercase()) {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            _ => Err(Unusable::NotJson),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Unusable> {
        let mut members = Object::new();
        while self.goes_on(b'{', b'}', members.is_empty())? {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(b':')?;
            let value = self.value(depth)?;
            members.insert(name, value);
        }
        Ok(Json::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Json, Unusable> {
        let mut items = Vec::new();
        while self.goes_on(b'[', b']', items.is_empty())? {
            items.push(self.value(depth)?);
        }
        Ok(Json::List(items))
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

    fn string(&mut self) -> Result<String, Unusable> {
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
            return Ok(token[1..token.len() - 1].to_owned());
        }
        serde_json::from_str(token).map_err(|_| Unusable::LoneSurrogate)
    }

    fn number(&mut self) -> Result<Json, Unusable> {
        let text = self.take(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        Number::read(text).map(Json::Number).map_err(Unusable::Number)
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
