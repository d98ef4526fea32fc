//! Envelopes and exception objects, good and bad.

use serde_json::{json, value::to_raw_value};

use super::{
    Content, RawException, differences,
    envelope::{Envelope, Malformed, split},
};
use crate::fault::Fault;

fn parse(object: &serde_json::Value) -> Result<RawException, Vec<Fault>> {
    RawException::parse(&to_raw_value(object).expect("json"))
}

fn pointers(faults: &[Fault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.pointer.as_str()).collect()
}

#[test]
fn one_and_several_are_found() {
    assert!(matches!(split(br#"{"exception": {"a": 1}}"#), Ok(Envelope::Single(raw)) if raw.get() == r#"{"a": 1}"#));
    assert!(matches!(split(br#"{"exceptions": [{}, 3]}"#), Ok(Envelope::Batch(items)) if items.len() == 2));
}

#[test]
fn malformed_bodies_say_what_is_wrong() {
    for (body, says) in [
        (&b""[..], "it is empty"),
        (b"[]", "must be an object with"),
        (b"{}", "it has neither"),
        (br#"{"exception": {}, "exceptions": []}"#, "it has both"),
        (b"{\"exception\": {", "not JSON"),
        (b"{\"exception\": \"\xff\"}", "offset 15"),
    ] {
        let error = split(body).expect_err("refused").to_string();
        assert!(error.contains(says), "{error}");
    }
    let deep = format!("{{\"exception\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    assert!(matches!(
        split(deep.as_bytes()),
        Err(Malformed::NotJson(_)) | Ok(Envelope::Single(_))
    ));
}

#[test]
fn type_id_and_time_are_looked_for_in_their_places() {
    let raw = parse(&json!({
        "sourceSystem": "S",
        "rawPayload": {"exceptionId": 42, "type": "LOW_PRIORITY", "timestamp": "2026-11-20T10:00:00"},
        "normalizedContext": {"exceptionType": "FROM_CONTEXT"},
    }))
    .expect("well-formed");
    assert_eq!(raw.exception_id.expect("an id").as_str(), "42");
    assert_eq!(raw.claimed_type.expect("a type").name, "FROM_CONTEXT");
    assert_eq!(raw.created_at.expect("a time").to_rfc3339(), "2026-11-20T10:00:00+00:00");
}

#[test]
fn all_faults_are_told_at_once() {
    let faults = parse(&json!({"exceptionId": "", "rawPayload": [], "timestamp": "yesterday", "severity": 3})).expect_err("refused");
    assert_eq!(
        pointers(&faults),
        ["/rawPayload", "/exceptionId", "/sourceSystem", "/severity", "/timestamp"]
    );
    assert_eq!(pointers(&parse(&json!("x")).expect_err("refused")), [""]);
}

#[test]
fn the_payload_is_kept_as_sent_and_its_hash_ignores_layout() {
    let content = |text: &str| {
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(text).expect("json");
        RawException::parse(&raw).expect("well-formed").content
    };
    let one: Content = content(r#"{"sourceSystem":"S","rawPayload":{"b": 1.50,  "a":[1,2]}}"#);
    let same = content(r#"{"rawPayload": {"a":[1, 2], "b":1.50}, "normalizedContext": {}, "sourceSystem":"S"}"#);
    let other = content(r#"{"sourceSystem":"S","rawPayload":{"b":1.51,"a":[1,2],"c":null}}"#);
    assert_eq!(one.payload, r#"{"b": 1.50,  "a":[1,2]}"#);
    assert_eq!(one.hash, same.hash);
    assert_ne!(one.hash, other.hash);
    assert_eq!(differences(&one, &other), ["/rawPayload/b", "/rawPayload/c"]);
}

#[test]
fn what_cannot_be_read_is_refused_where_it_stands() {
    let parse = |member: &str| {
        let text = format!(r#"{{"sourceSystem":"S","rawPayload":{{}},{member}}}"#);
        RawException::parse(&serde_json::from_str::<Box<serde_json::value::RawValue>>(&text).expect("json"))
    };
    let nested = |depth: usize| format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(126)).is_ok());
    for (member, pointer, says) in [
        (nested(127), "/x", "deeper than 127"),
        (r#""x":[1e1001]"#.into(), "/x", "an exponent beyond ±1,000"),
        (
            format!(r#""rawPayload":{{"n":{}}}"#, "9".repeat(1_001)),
            "/rawPayload",
            "more than 1,000 digits",
        ),
        (r#""rawPayload":{"a":"\ud800"}"#.into(), "/rawPayload", "half a surrogate pair"),
        (r#""\udc00":1"#.into(), "", "name of a member"),
    ] {
        let faults = parse(&member).expect_err(&member);
        assert_eq!(pointers(&faults), [pointer], "{member}");
        assert_eq!(faults[0].code, "unreadable");
        assert!(faults[0].message.contains(says), "{}", faults[0].message);
    }
}

#[test]
fn numbers_differ_in_any_digit_and_not_in_how_they_are_written() {
    let hash = |number: &str| {
        let text = format!(r#"{{"sourceSystem":"S","rawPayload":{{"n":{number}}}}}"#);
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&text).expect("json");
        RawException::parse(&raw).expect("well-formed").content
    };
    let long = "123456789012345678901234567890";
    for (one, other) in [
        (long, "123456789012345678901234567891"),
        ("0.1", "0.10000000000000001"),
        ("1e-400", "2e-400"),
        ("0", "1e-400"),
    ] {
        assert_ne!(hash(one).hash, hash(other).hash, "{one} {other}");
        assert_eq!(differences(&hash(one), &hash(other)), ["/rawPayload/n"]);
    }
    for (one, other) in [
        ("1.50", "1.5"),
        ("100.0", "1e2"),
        (long, "12345678901234567890123456789.0e1"),
        ("0.00", "0e9"),
    ] {
        assert_eq!(hash(one).hash, hash(other).hash, "{one} {other}");
    }
}

#[test]
fn ids_that_are_numbers_keep_their_digits() {
    let id = |number: &str| {
        let text = format!(r#"{{"sourceSystem":"S","exceptionId":{number},"rawPayload":{{}}}}"#);
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&text).expect("json");
        RawException::parse(&raw).map(|raw| raw.exception_id.expect("an id").to_string())
    };
    assert_eq!(id("77014103211118510720").as_deref(), Ok("77014103211118510720"));
    assert_eq!(id("77014103211118510721").as_deref(), Ok("77014103211118510721"));
    for same in ["1", "1.0", "1e0", "10e-1"] {
        assert_eq!(id(same).as_deref(), Ok("1"), "{same}");
    }
    assert_eq!(pointers(&id(&"9".repeat(201)).expect_err("too long")), ["/exceptionId"]);
}

#[test]
fn members_that_look_like_those_of_a_library_are_data() {
    for name in ["$serde_json::private::Number", "$serde_json::private::RawValue"] {
        let text = format!(r#"{{"sourceSystem":"S","rawPayload":{{"a":{{"{name}":"7"}}}}}}"#);
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&text).expect("json");
        let payload = RawException::parse(&raw).expect("well-formed").payload;
        assert!(
            matches!(&payload["a"], crate::json::Json::Object(members) if members.contains_key(name)),
            "{payload:?}"
        );
    }
}
