//! Time in events never runs backwards, also where what arrives was received by a server whose clock is behind.

use super::*;

#[test]
fn what_arrives_at_a_server_that_is_behind_happens_after_what_happened() {
    let pack = pack(&Value::Null);
    let behind = monday() - TimeDelta::seconds(120);
    let batch = [
        arrives(&pack, monday(), OnConflict::Refuse, &milk("a", "F1")),
        arrives(&pack, behind, OnConflict::Revise, &milk("a", "F2")),
        arrives(&pack, behind, OnConflict::Refuse, &milk("b", "F2")),
        arrives(&pack, behind, OnConflict::Refuse, &cleared("F2")),
        arrives(&pack, behind - TimeDelta::seconds(1), OnConflict::Refuse, &milk("c", "F2")),
    ];
    let mut reception = Reception::new([]);
    for arriving in &batch {
        reception.take(arriving).expect("taken");
    }
    let of = |id: &str| -> Vec<_> {
        let events = reception.events.iter().filter(|event| event.exception_id == id);
        events.map(|event| (event.kind.as_str(), event.at)).collect()
    };
    assert!(of("a").len() > 3, "{:?}", of("a"));
    for (id, first) in [("a", monday()), ("b", behind), ("c", behind - TimeDelta::seconds(1))] {
        assert_eq!(of(id)[0].1, first, "what is new has the time of its receipt");
        assert!(of(id).is_sorted_by_key(|(_, at)| *at), "{:?}", of(id));
    }
    let a = reception.outcome().find(|entry| entry.now.exception_id == "a").expect("a");
    assert!(a.now.resolved_at.is_none_or(|resolved| resolved >= monday()));
}
