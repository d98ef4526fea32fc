//! What is refused is kept once, exactly counted, decided once, and gone when its time is over.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    fault::Fault,
    ids::QuarantineId,
    intake::quarantine::{Form, State, id_of, stable_id},
};
use sqlx::{Connection, PgConnection, Row};
use store::{
    TenantScope,
    quarantine::{By, Keep, QuarantineCursor, QuarantineFilter, QuarantineRow, Refused, SentBy, Which},
};

use super::{
    database::{TestTenant, make_tenant, noon},
    receive::burnt,
};

/// A refused object; its codes are what is wrong with it.
fn refused(name: &str, codes: &[&'static str]) -> Refused {
    let object = format!(r#"{{"exceptionId": "{name}"}}"#);
    let id = id_of(Form::Exception, &object);
    Refused {
        exception_id: stable_id("BAK", &id),
        id,
        form: Form::Exception,
        object,
        exception_type: Some(format!("TYPE_{name}")),
        source_system: Some("Oven".into()),
        faults: codes.iter().map(|code| Fault::at("/x", code, "nul \0 is text too")).collect(),
    }
}

fn by(at: DateTime<Utc>) -> By<'static> {
    By { actor: "key:test", at }
}

fn sent(at: DateTime<Utc>) -> SentBy<'static> {
    SentBy {
        actor: "key:test",
        key_id: Some("snt_test"),
        at,
    }
}

async fn keep(ours: &TestTenant, batch: &[Refused], at: DateTime<Utc>, limit: i64) -> Keep {
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    let kept = tx.keep(batch, sent(at), limit).await.unwrap();
    if kept == Keep::Kept {
        tx.commit().await.unwrap();
    }
    kept
}

fn with(state: State, code: Option<&str>) -> QuarantineFilter {
    QuarantineFilter {
        state,
        code: code.map(Into::into),
        source: None,
        kind: None,
    }
}

async fn list(ours: &TestTenant, scope: &TenantScope, filter: &QuarantineFilter, at: DateTime<Utc>) -> Vec<QuarantineRow> {
    let mut tx = ours.store.begin(scope).await.unwrap();
    tx.quarantine(filter, None, 100, at).await.unwrap().items
}

/// The number that the limit is compared with.
async fn size(ours: &TestTenant) -> i64 {
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let row = sqlx::query("select held from quarantine_count where tenant_id = $1")
        .bind(ours.tenant.as_str())
        .fetch_one(&mut admin)
        .await
        .unwrap();
    row.get(0)
}

#[tokio::test]
async fn the_same_content_is_one_entry_that_counts_and_has_the_reasons_of_now() {
    let ours = TestTenant::new().await;
    let (a, b) = (refused("a", &["missing"]), refused("b", &["unknown-type", "missing"]));
    assert_eq!(keep(&ours, &[a.clone(), b.clone(), a.clone()], noon(), 10).await, Keep::Kept);
    let later = noon() + TimeDelta::hours(1);
    assert_eq!(keep(&ours, &[refused("a", &["wrong-type"])], later, 10).await, Keep::Kept);
    let rows = list(&ours, &ours.scope(), &with(State::Held, None), later).await;
    assert_eq!(
        rows.iter().map(|row| row.quarantine_id.as_str()).collect::<Vec<_>>(),
        [a.id.as_str(), b.id.as_str()]
    );
    assert_eq!(
        (rows[0].times, rows[0].first_at, rows[0].last_at, &rows[0].faults[0].code[..]),
        (3, noon(), later, "wrong-type")
    );
    assert_eq!(size(&ours).await, 2);
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    let counts = tx.quarantine_counts(&with(State::Held, Some("missing")), later).await.unwrap();
    let told: Vec<(Option<&str>, i64)> = counts.iter().map(|count| (count.code.as_deref(), count.count)).collect();
    assert_eq!(
        told,
        [(None, 2), (Some("missing"), 1), (Some("unknown-type"), 1), (Some("wrong-type"), 1)]
    );
    assert_eq!(tx.quarantined(&b.id, later).await.unwrap().unwrap().object, b.object);
}

#[tokio::test]
async fn other_tenants_see_nothing_and_have_their_own_entries() {
    let ours = TestTenant::new().await;
    let theirs = ours.owner.scope(&make_tenant(&ours.owner).await);
    let a = refused("a", &["missing"]);
    keep(&ours, std::slice::from_ref(&a), noon(), 10).await;
    assert!(list(&ours, &theirs, &with(State::Held, None), noon()).await.is_empty());
    let mut tx = ours.store.begin(&theirs).await.unwrap();
    assert!(tx.quarantined(&a.id, noon()).await.unwrap().is_none());
    assert!(tx.held(&Which::All, None, (10, 1000), noon()).await.unwrap().is_empty());
    assert_eq!(tx.discard(&Which::All, "x", by(noon()), 10).await.unwrap().discarded, 0);
    assert_eq!(tx.keep(&[a], sent(noon()), 10).await.unwrap(), Keep::Kept);
    tx.commit().await.unwrap();
    assert_eq!(list(&ours, &ours.scope(), &with(State::Held, None), noon()).await[0].times, 1);
}

#[tokio::test]
async fn beyond_the_limit_nothing_new_is_kept_and_what_is_known_still_counts() {
    let ours = TestTenant::new().await;
    let [a, b, c] = ["a", "b", "c"].map(|name| refused(name, &["missing"]));
    assert_eq!(keep(&ours, &[a.clone(), b.clone()], noon(), 2).await, Keep::Kept);
    assert_eq!(keep(&ours, &[a.clone(), c.clone()], noon(), 2).await, Keep::Full);
    let rows = list(&ours, &ours.scope(), &with(State::Held, None), noon()).await;
    assert!(
        rows.len() == 2 && rows.iter().all(|row| row.times == 1),
        "nothing half kept: {rows:?}"
    );
    assert_eq!(keep(&ours, &[a.clone(), a.clone()], noon(), 2).await, Keep::Kept);
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    tx.discard(&Which::Ids(vec![a.id]), "no", by(noon()), 10).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(keep(&ours, &[c], noon(), 2).await, Keep::Kept);
}

#[tokio::test]
async fn senders_at_the_same_moment_never_pass_the_limit() {
    let ours = TestTenant::new().await;
    let outcomes = futures_util::future::join_all((0..40).map(|index| {
        let ours = &ours;
        async move { keep(ours, &[refused(&index.to_string(), &["missing"])], noon(), 25).await }
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Keep::Kept).count(), 25);
    assert_eq!(
        (
            size(&ours).await,
            list(&ours, &ours.scope(), &with(State::Held, None), noon()).await.len()
        ),
        (25, 25)
    );
}

#[tokio::test]
async fn expired_entries_are_invisible_at_once_and_deleted_when_the_next_is_kept() {
    let ours = TestTenant::new().await;
    assert!(ours.owner.set_quarantine_days(&ours.tenant, 2, noon()).await.unwrap());
    let a = refused("a", &["missing"]);
    keep(&ours, std::slice::from_ref(&a), noon(), 1).await;
    let end = noon() + TimeDelta::days(2);
    assert_eq!(
        list(&ours, &ours.scope(), &with(State::Held, None), end - TimeDelta::seconds(1))
            .await
            .len(),
        1
    );
    assert!(list(&ours, &ours.scope(), &with(State::Held, None), end).await.is_empty());
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    assert!(tx.quarantined(&a.id, end).await.unwrap().is_none());
    assert_eq!(tx.discard(&Which::All, "x", by(end), 10).await.unwrap().discarded, 0);
    drop(tx);
    assert_eq!(keep(&ours, &[refused("b", &["missing"])], end, 1).await, Keep::Kept);
    let rows = list(&ours, &ours.scope(), &with(State::Held, None), noon()).await;
    assert_eq!(rows.len(), 1, "the expired one is deleted: {rows:?}");
    assert_eq!(size(&ours).await, 1);
}

#[tokio::test]
async fn portions_walk_in_order_and_are_bounded_in_number_and_bytes() {
    let ours = TestTenant::new().await;
    let all: Vec<Refused> = (0..9).map(|index| refused(&index.to_string(), &["missing"])).collect();
    keep(&ours, &all, noon(), 100).await;
    let size = i64::try_from(all[0].object.len()).unwrap();
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    for (bounds, expected) in [((4, 10_000), 4), ((100, 1), 1), ((100, size + 1), 2), ((100, 10_000), 9)] {
        assert_eq!(
            tx.held(&Which::All, None, bounds, noon()).await.unwrap().len(),
            expected,
            "{bounds:?}"
        );
    }
    let mut seen: Vec<QuarantineId> = Vec::new();
    while let [.., _] = &*tx.held(&Which::All, seen.last(), (4, 10_000), noon()).await.unwrap() {
        seen.extend(
            tx.held(&Which::All, seen.last(), (4, 10_000), noon())
                .await
                .unwrap()
                .into_iter()
                .map(|held| held.id),
        );
    }
    let mut expected: Vec<QuarantineId> = all.into_iter().map(|refused| refused.id).collect();
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(tx.count_held(&Which::All, Some(&expected[6]), noon()).await.unwrap(), 2);
}

#[tokio::test]
async fn pages_go_newest_first_without_gaps_or_repetitions() {
    let ours = TestTenant::new().await;
    for minute in 0..3 {
        let batch: Vec<Refused> = (0..3).map(|index| refused(&format!("{minute}{index}"), &["missing"])).collect();
        keep(&ours, &batch, noon() + TimeDelta::minutes(minute), 100).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
        let page = tx.quarantine(&with(State::Held, None), after.as_ref(), 2, noon()).await.unwrap();
        seen.extend(page.items.into_iter().map(|row| (row.last_at, row.quarantine_id)));
        let Some(next) = page.next else { break };
        after = Some(QuarantineCursor::decode(&next.encode()).unwrap());
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.reverse();
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (9, &sorted));
}

#[tokio::test]
async fn decisions_are_events_and_are_made_once() {
    let ours = TestTenant::new().await;
    let [a, b] = ["a", "b"].map(|name| refused(name, &["missing"]));
    keep(&ours, &[a.clone(), b.clone()], noon(), 10).await;
    let stored = BTreeMap::from([(a.id.clone(), "E-1".parse().unwrap())]);
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    tx.mark_replayed(&stored, by(noon())).await.unwrap();
    tx.mark_replayed(&stored, by(noon())).await.unwrap();
    let events = tx.events_of("E-1", 0, 100).await.unwrap().items;
    assert_eq!((events.len(), &events[0].kind[..]), (1, "quarantine_replayed"));
    for expected in [1, 0] {
        assert_eq!(
            tx.discard(&Which::All, "a typing error", by(noon()), 10).await.unwrap().discarded,
            expected
        );
    }
    let mut events = tx.events_of("", 0, 100).await.unwrap().items;
    events.retain(|event| event.kind.starts_with("quarantine"));
    assert_eq!((events.len(), &events[0].kind[..]), (1, "quarantine_discarded"));
    assert!(
        events[0].data.contains("a typing error") && events[0].data.contains(b.id.as_str()),
        "{}",
        events[0].data
    );
    // Whoever stores an object at the moment another discards it has stored it.
    tx.mark_replayed(&BTreeMap::from([(b.id.clone(), "E-2".parse().unwrap())]), by(noon()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(size(&ours).await, 0);
    let rows = list(&ours, &ours.scope(), &with(State::Replayed, None), noon()).await;
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter()
            .all(|row| row.stored_as.is_some() && row.reason.is_none() && row.decided_by.as_deref() == Some("key:test"))
    );
    keep(&ours, &[a], noon(), 10).await;
    let again = list(&ours, &ours.scope(), &with(State::Held, None), noon()).await;
    assert_eq!(
        (again.len(), again[0].times, &again[0].stored_as),
        (1, 2, &None),
        "what comes again is held again"
    );
}

#[tokio::test]
async fn listeners_hear_of_exceptions_and_not_of_decisions() {
    let ours = TestTenant::new().await;
    keep(&ours, &[refused("a", &["missing"]), refused("b", &["missing"])], noon(), 10).await;
    let mut listener = ours.store.listen().await.unwrap();
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    assert_eq!(tx.discard(&Which::All, "x", by(noon()), 10).await.unwrap().discarded, 2);
    tx.commit().await.unwrap();
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    tx.receive(&[burnt("E-1", 1.0)]).await.unwrap();
    tx.commit().await.unwrap();
    let heard = loop {
        match listener.next().await.unwrap() {
            Some(change) if change.tenant == ours.tenant.as_str() => break change.events,
            _ => {}
        }
    };
    assert_eq!(heard, 1);
}
