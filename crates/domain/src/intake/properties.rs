//! Laws of what is read: nothing panics, nothing is lost, and one object is one content however it is written or framed.

use indexmap::IndexMap;
use proptest::{prelude::*, sample::Index};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};

use super::{
    Content, RawException,
    cloud_event::CloudEvent,
    differences,
    envelope::{Envelope, line, list, split, value},
    lines::{Line, Lines, Unreadable},
};

/// Texts and names, among them those that mean something here.
fn word() -> impl Strategy<Value = String> {
    let known = [
        "exception",
        "exceptions",
        "rawPayload",
        "normalizedContext",
        "exceptionId",
        "exceptionType",
        "sourceSystem",
        "timestamp",
        "severity",
        "domain",
        "type",
        "id",
        "source",
        "specversion",
        "time",
        "subject",
        "data",
        "data_base64",
        "datacontenttype",
        "1.0",
        "a.b/c#d",
        "",
        "2026-11-23T09:30:00Z",
        "eyJhIjoxfQ==",
        "application/json",
        "a/b~c",
    ];
    prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>(), 1 => "[a-c]{0,2}"]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object_of(inner).prop_map(Value::from)
        ]
    })
}

fn object_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((word(), value), 0..6).prop_map(|members| members.into_iter().collect())
}

/// An object that [`RawException`] takes.
fn exception() -> impl Strategy<Value = Value> {
    (object_of(json()), object_of(json()), object_of(json())).prop_map(|(mut members, mut payload, context)| {
        for claimed in ["exceptionId", "exceptionType", "timestamp", "severity", "domain"] {
            members.remove(claimed);
        }
        for claimed in ["exceptionId", "type", "timestamp"] {
            payload.remove(claimed);
        }
        members.insert("rawPayload".into(), payload.into());
        members.insert("normalizedContext".into(), context.into());
        members.insert("sourceSystem".into(), "S".into());
        members.insert("exceptionType".into(), "T".into());
        members.into()
    })
}

/// JSON of the same value: other white space, other order of members.
fn rewritten(value: &Value, space: &str) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev().map(|(name, value)| {
                let name = Value::from(name.as_str());
                format!("{space}{name}{space}:{space}{}{space}", rewritten(value, space))
            });
            format!("{{{space}{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| rewritten(item, space)).collect();
            format!("[{}{space}]", items.join(&format!("{space},{space}")))
        }
        scalar => scalar.to_string(),
    }
}

fn leaves<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Value>) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| leaves(value, found)),
        Value::Array(items) => items.iter_mut().for_each(|value| leaves(value, found)),
        scalar => found.push(scalar),
    }
}

fn content(text: &str) -> Content {
    let raw: Box<RawValue> = serde_json::from_str(text).expect("json");
    RawException::parse(&raw)
        .unwrap_or_else(|faults| panic!("{faults:?} {text}"))
        .content
}

/// Everything that reads bytes from outside.
fn read_all(bytes: &[u8]) {
    let parse = |raw: &RawValue| drop(RawException::parse(raw));
    match split(bytes) {
        Ok(Envelope::Single(object)) => parse(object),
        Ok(Envelope::Batch(objects)) => objects.into_iter().for_each(parse),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    for event in value(bytes).into_iter().chain(list(bytes).unwrap_or_default()) {
        parse(event);
        if let Ok(event) = CloudEvent::structured(event) {
            drop(RawException::parse(&event.into_exception(|_| true).object));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok((object, _)) = line(text)
    {
        parse(object);
    }
}

/// Whether a pointer leads somewhere in a value, or to a member that an object could have.
fn points_into(event: &Value, pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    // What is encoded there is JSON of its own.
    pointer.starts_with("/data_base64") || event.pointer(pointer).is_some() || event.pointer(parent).is_some_and(Value::is_object)
}

fn lines_of(pieces: &[&[u8]], limit: usize) -> Vec<Line> {
    let (mut lines, mut found) = (Lines::new(limit), Vec::new());
    for piece in pieces {
        lines.feed(piece, &mut |line| found.push(line));
    }
    lines.end(&mut |line| found.push(line));
    found
}

/// Lines as the documentation says, with all bytes at hand.
fn lines_as_documented(bytes: &[u8], limit: usize) -> Vec<Line> {
    let numbered = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let found = numbered.filter_map(|(number, bytes)| {
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let bare = if number == 1 {
            bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
        } else {
            bytes
        };
        let text = if bare.len() > limit {
            Err(Unreadable::TooLong(limit))
        } else {
            String::from_utf8(bare.to_vec()).map_err(|error| Unreadable::NotUtf8(error.utf8_error().valid_up_to()))
        };
        let blank = bare.len() <= limit && bare.iter().all(u8::is_ascii_whitespace);
        (!blank).then_some(Line { number, text })
    });
    found.collect()
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), json in json(), at in any::<Index>(), byte in any::<u8>()) {
        read_all(&bytes);
        let mut text = json.to_string().into_bytes();
        read_all(&text);
        // Nearly JSON reaches further than noise.
        let at = at.index(text.len());
        text[at] = byte;
        read_all(&text);
    }

    #[test]
    fn payload_and_context_are_kept_to_the_byte(object in exception(), space in "[ \t\n\r]{0,2}") {
        let payload = rewritten(&object["rawPayload"], &space);
        let context = rewritten(&object["normalizedContext"], &space);
        let kept = content(&format!(r#"{{"sourceSystem":"S","rawPayload":{space}{payload}{space},"normalizedContext":{context}}}"#));
        prop_assert_eq!((kept.payload, kept.context), (payload, context));
    }

    #[test]
    fn one_object_is_one_content_however_it_is_written(object in exception(), space in "[ \t\n\r]{0,2}") {
        let (plain, other) = (content(&object.to_string()), content(&rewritten(&object, &space)));
        prop_assert_eq!(plain.hash, other.hash);
        prop_assert_eq!(differences(&plain, &other), Vec::<String>::new());
    }

    #[test]
    fn every_value_counts(object in exception(), place in any::<Index>(), other in scalar()) {
        let mut changed = object.clone();
        let mut places = Vec::new();
        leaves(&mut changed["rawPayload"], &mut places);
        prop_assume!(!places.is_empty());
        let at = place.index(places.len());
        prop_assume!(*places[at] != other);
        *places[at] = other;
        let (before, after) = (content(&object.to_string()), content(&changed.to_string()));
        prop_assert_ne!(before.hash, after.hash);
        prop_assert!(!differences(&before, &after).is_empty());
    }

    #[test]
    fn contents_differ_exactly_where_differences_are_told(one in exception(), other in exception()) {
        let (one, other) = (content(&one.to_string()), content(&other.to_string()));
        prop_assert_eq!(one.hash == other.hash, differences(&one, &other).is_empty());
    }

    #[test]
    fn every_framing_finds_the_same_object(object in exception()) {
        let text = object.to_string();
        let wrapped = format!(r#"{{"exception":{text}}}"#);
        let escaped = format!(r#"{{"\u0065xception":{text}}}"#);
        let several = format!(r#"{{"exceptions":[{text},{text}]}}"#);
        for single in [&wrapped, &escaped] {
            let found = split(single.as_bytes());
            prop_assert!(matches!(found, Ok(Envelope::Single(raw)) if raw.get() == text), "{single}");
            let (raw, at) = line(single).expect("a line");
            prop_assert_eq!((raw.get(), at), (text.as_str(), "/exception"));
        }
        let found = split(several.as_bytes());
        prop_assert!(matches!(found, Ok(Envelope::Batch(items)) if items.iter().all(|raw| raw.get() == text)));
        let listed = format!("[{text}]");
        prop_assert_eq!(list(listed.as_bytes()).expect("a list")[0].get(), text.as_str());
        // A bare object is itself, also when it has a member of that name.
        let (raw, at) = line(&text).expect("a line");
        prop_assert_eq!((raw.get(), at), (text.as_str(), ""));
    }

    #[test]
    fn lines_are_what_the_documentation_says(bytes in prop::collection::vec(prop::sample::select(b"ab \r\n\n\t\xc3\xa4\xff\xef\xbb\xbf".to_vec()), 0..60), bom in any::<bool>(), cuts in prop::collection::vec(0usize..60, 0..8), limit in 0usize..8) {
        let bytes = [if bom { b"\xef\xbb\xbf" } else { &b""[..] }, &bytes].concat();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(bytes.len())).collect();
        cuts.sort_unstable();
        let ends = cuts.iter().copied().chain([bytes.len()]);
        let pieces: Vec<&[u8]> = std::iter::once(0).chain(cuts.iter().copied()).zip(ends).map(|(from, to)| &bytes[from..to]).collect();
        prop_assert_eq!(lines_of(&pieces, limit), lines_as_documented(&bytes, limit));
    }

    #[test]
    fn faults_of_events_point_into_the_event(mut event in object_of(json()), data in exception(), keep in any::<u8>()) {
        for (bit, name, value) in [(0, "specversion", "1.0".into()), (1, "id", "7".into()), (2, "source", "/s".into()), (3, "type", "t".into()), (4, "data", data)] {
            if keep & (1 << bit) != 0 {
                event.insert(name.to_owned(), value);
            }
        }
        if keep & 32 != 0 {
            event.shift_remove("data_base64");
        }
        let event = Value::from(event);
        let faults = match CloudEvent::structured(&to_raw_value(&event).expect("json")) {
            Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
            Ok(read) => {
                let mapped = read.into_exception(|_| false);
                let faults = RawException::parse(&mapped.object).err().unwrap_or_default();
                faults.iter().map(|fault| mapped.pointer(&fault.pointer)).collect::<Vec<_>>()
            }
        };
        for pointer in faults {
            prop_assert!(points_into(&event, &pointer), "{pointer} in {event}");
        }
    }

    #[test]
    fn other_events_have_other_ids(pairs in prop::collection::vec(("[a#%/ é]{1,3}|[x]{190,210}", "[a#%/ é]{1,3}|[y]{5,15}"), 2..20)) {
        let mut ids = IndexMap::new();
        for pair in pairs {
            let id = super::cloud_event::id_of(&pair.0, &pair.1);
            prop_assert!(id.parse::<crate::ids::ExceptionId>().is_ok(), "{id}");
            let first = ids.entry(id).or_insert_with(|| pair.clone());
            prop_assert_eq!(&*first, &pair);
        }
    }
}
