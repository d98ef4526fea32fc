//! Events, good and bad, as exception objects.

use proptest::prelude::*;
use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::intake::RawException;

fn event(change: &[(&str, Value)]) -> Value {
    let mut event = json!({
        "specversion": "1.0", "id": "7", "source": "/shop/Oven", "type": "com.bakery.BURNT_BREAD", "time": "2026-11-20T14:00:00Z",
        "subject": "loaf", "data": {"oven": "O-1", "loss": 1.50},
    });
    for (name, value) in change {
        event[*name] = value.clone();
    }
    event
}

fn read(event: &Value) -> Result<CloudEvent, Vec<Fault>> {
    CloudEvent::structured(&to_raw_value(event).expect("json"))
}

fn mapped(event: &Value) -> (Mapped, Value) {
    let mapped = read(event).expect("an event").into_exception(|name| name == "BURNT_BREAD");
    let object = serde_json::from_str(mapped.object.get()).expect("json");
    (mapped, object)
}

#[test]
fn plain_data_becomes_the_payload_and_attributes_the_rest() {
    let (mapped, object) = mapped(&event(&[]));
    assert_eq!(
        object,
        json!({
            "rawPayload": {"oven": "O-1", "loss": 1.50}, "exceptionId": "/shop/Oven#7", "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD",
            "timestamp": "2026-11-20T14:00:00Z", "normalizedContext": {"subject": "loaf"},
        })
    );
    assert!(RawException::parse(&mapped.object).is_ok());
    for (ours, theirs) in [
        ("", "/data"),
        ("/rawPayload/oven", "/data/oven"),
        ("/exceptionType", "/type"),
        ("/exceptionId", "/id"),
        ("/timestamp", "/time"),
        ("/sourceSystem", "/source"),
        ("/normalizedContext/subject", "/subject"),
    ] {
        assert_eq!(mapped.pointer(ours), theirs);
    }
}

#[test]
fn an_exception_object_goes_before_the_attributes() {
    let data = json!({
        "exceptionId": "E", "sourceSystem": "Till", "rawPayload": {"type": "SOUR_MILK", "timestamp": "2026-11-19T14:00:00Z"},
        "normalizedContext": {"subject": "milk"},
    });
    let (mapped, object) = mapped(&event(&[("data", data.clone())]));
    assert_eq!(object, data);
    assert_eq!(mapped.pointer("/rawPayload/type"), "/data/rawPayload/type");
    assert_eq!(mapped.pointer("/normalizedContext/subject"), "/data/normalizedContext/subject");
}

#[test]
fn a_member_named_type_is_the_type_only_where_the_attribute_names_none() {
    let named = |kind: &str| {
        let event = event(&[("type", json!(kind)), ("data", json!({"type": "LIMIT"}))]);
        mapped(&event).1["exceptionType"].clone()
    };
    assert_eq!(named("shop.BURNT_BREAD"), "BURNT_BREAD");
    assert_eq!(named("BURNT_BREAD"), "BURNT_BREAD");
    assert_eq!(named("shop.order"), Value::Null);
    let whole = read(&event(&[("type", json!("a.b"))]))
        .expect("an event")
        .into_exception(|name| name == "a.b");
    assert!(whole.object.get().contains(r#""exceptionType":"a.b""#), "{}", whole.object);
}

#[test]
fn the_system_is_the_last_segment_of_the_source() {
    for (source, system) in [
        ("/shop/Oven", "Oven"),
        ("https://shop.example/ovens/O-1/?x=/y#z", "O-1"),
        ("https://shop.example", "https://shop.example"),
        ("//shop.example/till", "till"),
        ("urn:event:from:oven/1", "1"),
        ("mailto:baker@shop.example", "mailto:baker@shop.example"),
        ("Oven", "Oven"),
    ] {
        assert_eq!(system_of(source), system);
    }
}

#[test]
fn data_in_base64_is_read_where_it_holds_json() {
    let mut sent = event(&[("data_base64", json!("eyJvdmVuIjoiTy0xIn0="))]);
    assert_eq!(read(&sent).expect_err("both")[0].code, "both");
    sent.as_object_mut().expect("an object").remove("data");
    let (mapped, object) = mapped(&sent);
    assert_eq!(object["rawPayload"], json!({"oven": "O-1"}));
    assert_eq!(mapped.pointer("/rawPayload/oven"), "/data_base64/oven");
    for (text, code) in [
        (json!("%"), "not-base64"),
        (json!("AAAA"), "not-json"),
        (json!("MQ=="), "not-an-object"),
        (json!(1), "not-a-text"),
    ] {
        sent["data_base64"] = text;
        let faults = read(&sent).expect_err("refused");
        assert_eq!((faults[0].pointer.as_str(), &*faults[0].code), ("/data_base64", code));
    }
}

#[test]
fn every_fault_is_told_with_its_place() {
    let places = |event: &Value| {
        let faults = read(event).expect_err("refused");
        faults
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        places(&json!({})),
        [
            "/specversion missing",
            "/id missing",
            "/source missing",
            "/type missing",
            "/data missing"
        ]
    );
    let wrong = event(&[
        ("specversion", json!("0.3")),
        ("id", json!(7)),
        ("source", json!(" ")),
        ("time", json!("noon")),
        ("datacontenttype", json!("text/xml")),
        ("data", json!("<x/>")),
    ]);
    assert_eq!(
        places(&wrong),
        [
            "/specversion unknown-version",
            "/id not-a-text",
            "/source empty",
            "/time not-a-time",
            "/datacontenttype not-json",
            "/data not-an-object"
        ]
    );
    assert_eq!(places(&json!("x")), [" not-an-object"]);
    for media in ["application/json; charset=utf-8", "text/JSON", "application/vnd.shop+json"] {
        assert!(read(&event(&[("datacontenttype", json!(media))])).is_ok(), "{media}");
    }
}

#[test]
fn ids_too_long_are_hashed() {
    let id = id_of(&"x".repeat(300), "1");
    assert!(id.starts_with("ce-") && id.len() == 67, "{id}");
    assert_eq!(id_of("a#b", "c#%"), "a#b#c%23%25");
}

proptest! {
    #[test]
    fn other_pairs_have_other_ids(a in "[ab#%]{1,4}", b in "[ab#%]{1,4}", c in "[ab#%]{1,4}", d in "[ab#%]{1,4}") {
        prop_assert_eq!(id_of(&a, &b) == id_of(&c, &d), (a, b) == (c, d));
    }
}
