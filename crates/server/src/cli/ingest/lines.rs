//! Lines of NDJSON: read one by one, completed where an id, a source or a type is missing.

use std::io::{BufRead, Read};

use bytes::Bytes;
use domain::fault::Fault;
use indexmap::IndexMap;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    record::{Content, Defaults, Record, derived_id},
    rejected::{Rejected, corrected, still_unconverted},
    table::TableOptions,
};

/// Longest line that the server takes.
const LONGEST: usize = 1 << 20;

/// Reads the lines of an input.
pub struct LineReader {
    reader: Box<dyn BufRead + Send>,
    options: TableOptions,
    line: u64,
}

impl LineReader {
    /// Reads from the beginning. Rejected rows of a table, which such a file may hold, are read by the options.
    pub fn new(reader: Box<dyn BufRead + Send>, options: TableOptions) -> Self {
        LineReader { reader, options, line: 0 }
    }

    /// The next line, blank or not, that comes after `skip`.
    pub fn next(&mut self, skip: u64) -> anyhow::Result<Option<Record>> {
        loop {
            let mut bytes = Vec::new();
            let limit = LONGEST as u64 + 2;
            if self.reader.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let is_whole = bytes.last() == Some(&b'\n');
            if !is_whole && bytes.len() > LONGEST {
                self.reader.skip_until(b'\n')?;
            }
            if self.line == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
            }
            if self.line > skip {
                return self.record(bytes.trim_ascii()).map(Some);
            }
        }
    }

    fn record(&self, bytes: &[u8]) -> anyhow::Result<Record> {
        let record = |content: Content, faults: Vec<Fault>| Record {
            line: self.line,
            content,
            faults,
        };
        let unreadable = |message: String| vec![Fault::at("", "unreadable", message)];
        if bytes.len() > LONGEST {
            let message = format!("the line has more than {LONGEST} bytes: shorten it in the file");
            return Ok(record(Content::Unreadable, unreadable(message)));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok("") => return Ok(record(Content::Blank, Vec::new())),
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
                let message = format!("the line is not UTF-8: its byte at offset {at} does not belong to it");
                let kept = String::from_utf8_lossy(bytes).into_owned();
                return Ok(record(Content::Line(kept.into()), unreadable(message)));
            }
        };
        let Some(rejected) = Rejected::read(text) else {
            let unconverted = still_unconverted(self.line, text);
            return Ok(unconverted.unwrap_or_else(|| record(self.completed(text, self.line), Vec::new())));
        };
        match (&rejected.columns, &rejected.text) {
            (Some(_), Some(_)) => corrected(self.line, rejected, &self.options),
            (_, Some(text)) if text.trim().is_empty() => Ok(record(Content::Blank, Vec::new())),
            (_, Some(text)) => Ok(record(self.completed(text.trim(), rejected.line), Vec::new())),
            (_, None) => {
                let message = "nothing was kept of this rejected line: correct it in the file that it came from and send that again";
                Ok(record(Content::Unreadable, unreadable(message.to_owned())))
            }
        }
    }

    /// A line as it is sent. What is no object the server refuses in its own words.
    fn completed(&self, text: &str, line: u64) -> Content {
        let text = complete(text, line, &self.options.defaults).unwrap_or_else(|| text.replace('\n', " "));
        Content::Line(Bytes::from(text + "\n"))
    }
}

/// The exception object of a line with what it lacks; none where the line is no object.
fn complete(text: &str, line: u64, defaults: &Defaults) -> Option<String> {
    let object = unwrapped(text);
    let mut members: IndexMap<String, &RawValue> = serde_json::from_str(object).ok()?;
    members.retain(|name, value| value.get() != "null" || !["exceptionId", "sourceSystem", "exceptionType"].contains(&name.as_str()));
    let inner = |name: &str| -> Inner {
        members
            .get(name)
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default()
    };
    let (mut id, mut source, mut kind) = (None, None, None);
    if !members.contains_key("exceptionId") && inner("rawPayload").id.is_none() {
        id = Some(derived_id(line, [text.as_bytes()]));
    }
    if !members.contains_key("sourceSystem") {
        source = defaults.source.as_ref();
    }
    let has_type = |members: &IndexMap<String, &RawValue>| members.contains_key("exceptionType");
    if defaults.kind.is_some() && !has_type(&members) && inner("rawPayload").kind.is_none() && inner("normalizedContext").named.is_none() {
        kind = defaults.kind.as_ref();
    }
    let raw = |text: Option<&String>| text.and_then(|text| to_raw_value(text).ok());
    let added = [
        ("exceptionId", raw(id.as_ref())),
        ("sourceSystem", raw(source)),
        ("exceptionType", raw(kind)),
    ];
    if added.iter().all(|(_, value)| value.is_none()) {
        return Some(object.to_owned());
    }
    let added = added
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_owned(), value.as_deref()?)));
    let whole: IndexMap<String, &RawValue> = added.chain(members).collect();
    serde_json::to_string(&whole).ok()
}

/// Where the server looks too.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(rename = "exceptionId")]
    id: Option<IgnoredAny>,
    #[serde(rename = "type")]
    kind: Option<IgnoredAny>,
    #[serde(rename = "exceptionType")]
    named: Option<IgnoredAny>,
}

/// The object in `{"exception": {…}}`, as it stands in a file of refused lines, or the line itself.
fn unwrapped(text: &str) -> &str {
    #[derive(Deserialize)]
    struct Wrapped<'l> {
        #[serde(borrow)]
        exception: &'l RawValue,
        #[serde(rename = "rawPayload")]
        payload: Option<IgnoredAny>,
    }
    if text.contains("\"exception\"")
        && let Ok(Wrapped { exception, payload: None }) = serde_json::from_str(text)
    {
        return exception.get();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::rows::Quotes, *};

    fn read(text: &[u8], defaults: &Defaults) -> Vec<Record> {
        let options = TableOptions {
            delimiter: None,
            default_delimiter: b';',
            quotes: Quotes::Rfc4180,
            map: None,
            defaults: defaults.clone(),
        };
        let mut reader = LineReader::new(Box::new(std::io::Cursor::new(text.to_vec())), options);
        std::iter::from_fn(|| reader.next(0).expect("memory can be read")).collect()
    }

    fn texts(sent: &str, defaults: &Defaults) -> Vec<String> {
        let text = |record: Record| match record.content {
            Content::Line(text) | Content::Converted(text, _) => Some(String::from_utf8(text.to_vec()).expect("text")),
            _ => None,
        };
        read(sent.as_bytes(), defaults).into_iter().filter_map(text).collect()
    }

    #[test]
    fn what_is_whole_is_sent_as_it_is() {
        let whole = r#"{"exceptionId":"A","rawPayload": {"n": 1.0000000000000000001}}"#;
        let wrapped = r#"{"line": 3, "exception": {"rawPayload":{"exceptionId":7}}}"#;
        let sent = texts(&format!("\u{feff}{whole}\r\n\n{wrapped}\nno JSON\n[1]"), &Defaults::default());
        assert_eq!(sent[0], format!("{whole}\n"));
        assert_eq!(sent[1], "{\"rawPayload\":{\"exceptionId\":7}}\n");
        assert_eq!(&sent[2..], ["no JSON\n", "[1]\n"]);
    }

    #[test]
    fn what_is_missing_is_added_and_nothing_else_touched() {
        let defaults = Defaults {
            source: Some("Ledger".into()),
            kind: Some("BREAK".into()),
        };
        let sent = texts(
            "{\"exceptionId\":null,\"rawPayload\":{\"n\": 1.50}}\n{\"exceptionId\":\"A\",\"sourceSystem\":\"S\",\"rawPayload\":{\"type\":\"T\"}}",
            &defaults,
        );
        let id = derived_id(1, [&br#"{"exceptionId":null,"rawPayload":{"n": 1.50}}"#[..]]);
        let first = format!(
            "{{\"exceptionId\":\"{id}\",\"sourceSystem\":\"Ledger\",\"exceptionType\":\"BREAK\",\"rawPayload\":{{\"n\": 1.50}}}}\n"
        );
        assert_eq!(sent[0], first);
        assert_eq!(
            sent[1],
            "{\"exceptionId\":\"A\",\"sourceSystem\":\"S\",\"rawPayload\":{\"type\":\"T\"}}\n"
        );
    }

    #[test]
    fn lines_that_cannot_be_read_are_refused_and_reading_goes_on() {
        let mut text = b"\xff\n".to_vec();
        text.extend(vec![b'x'; 3 * LONGEST]);
        text.extend(b"\n{}");
        let read = read(&text, &Defaults::default());
        let told: Vec<(u64, usize)> = read.iter().map(|record| (record.line, record.faults.len())).collect();
        assert_eq!(told, [(1, 1), (2, 1), (3, 0)]);
    }

    #[test]
    fn rejected_lines_are_read_as_what_they_were() {
        let defaults = Defaults {
            source: Some("S".into()),
            kind: None,
        };
        let row = |text: &str| {
            format!(
                r#"{{"line":9,"errors":[],"columns":["exceptionId","n"],"text":{}}}"#,
                serde_json::json!(text)
            )
        };
        let sent = [row("A;1"), row("A"), row("A;1\nB;2"), row(" ")].join("\n")
            + "\n"
            + r#"{"line":7,"errors":[],"text":"{\"exceptionId\":\"B\",\n\"rawPayload\":{}}"}"#
            + "\n"
            + r#"{"line":8,"errors":[]}"#;
        let told: Vec<String> = read(sent.as_bytes(), &defaults)
            .into_iter()
            .map(|record| match (record.faults.first(), record.content) {
                (Some(fault), _) => fault.code.to_string(),
                (None, Content::Line(text) | Content::Converted(text, _)) => String::from_utf8(text.to_vec()).expect("text"),
                (None, _) => "blank".to_owned(),
            })
            .collect();
        assert_eq!(
            told,
            [
                "{\"sourceSystem\":\"S\",\"exceptionId\":\"A\",\"rawPayload\":{\"n\":\"1\"}}\n",
                "wrong-number-of-cells",
                "wrong-number-of-cells",
                "blank",
                "{\"sourceSystem\":\"S\",\"exceptionId\":\"B\",\"rawPayload\":{}}\n",
                "unreadable"
            ]
        );
    }
}
