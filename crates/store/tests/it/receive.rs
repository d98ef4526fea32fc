//! Receiving: each exception exactly once, whatever is sent how often.

use std::sync::Arc;

use domain::{
    exception::{Arrival, OnConflict, Received},
    filter::{Direction, Filter, Sort, SortKey},
    intake::RawException,
    pack::Pack,
    reception::{Arriving, Outcome, Refusal},
    triage::triage,
};
use serde_json::{json, value::to_raw_value};
use store::exceptions::{Cursor, Listing};

use super::{
    counters,
    database::{BAKERY, TestTenant, noon},
};

/// A received exception, a problem of its own.
pub fn burnt(id: &str, loss: f64) -> Arriving {
    burnt_in(id, &format!("O-{id}"), loss)
}

/// A received exception; the oven tells which problem it is.
pub fn burnt_in(id: &str, oven: &str, loss: f64) -> Arriving {
    let pack = Pack::parse(BAKERY).expect("a whole pack");
    let object = json!({"exceptionId": id, "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {"oven": oven, "loss": loss, "kind": "RYE"}});
    let raw = RawException::parse(&to_raw_value(&object).unwrap()).expect("well-formed");
    let triaged = triage(&raw, &pack, noon()).expect("accepted");
    let arrival = Arrival {
        at: noon(),
        sender: domain::exception::Sender::Source(["Oven".into()].into()),
        on_conflict: OnConflict::Refuse,
    };
    Arriving::Exception(Box::new(Received::new(id.parse().unwrap(), raw, triaged, &Arc::new(pack), arrival)))
}

/// Outcomes of a batch.
async fn receive(ours: &TestTenant, batch: &[Arriving]) -> Vec<Result<Outcome, Refusal>> {
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    let receipts = tx.receive(batch).await.unwrap();
    tx.commit().await.unwrap();
    receipts.into_iter().map(|receipt| receipt.map(|receipt| receipt.outcome)).collect()
}

#[tokio::test]
async fn repetitions_are_duplicates_and_changes_differ_within_a_batch_and_after() {
    let ours = TestTenant::new().await;
    let receipts = receive(&ours, &[burnt("a", 1.0), burnt("a", 1.0), burnt("a", 2.0), burnt("b", 1.0)]).await;
    assert!(
        matches!(
            receipts[..],
            [
                Ok(Outcome::Accepted),
                Ok(Outcome::Duplicate),
                Err(Refusal::Differs(_)),
                Ok(Outcome::Accepted)
            ]
        ),
        "{receipts:?}"
    );
    assert_eq!(receipts[2], Err(Refusal::Differs(vec!["/rawPayload/loss".into()])));
    let again = receive(&ours, &[burnt("b", 1.0), burnt("c", 1.0)]).await;
    assert!(matches!(again[..], [Ok(Outcome::Duplicate), Ok(Outcome::Accepted)]), "{again:?}");
    counters::assert_exact(&ours).await;
}

#[tokio::test]
async fn one_hundred_at_the_same_moment_make_one_row_and_one_event() {
    let ours = TestTenant::new().await;
    let receipts = futures_util::future::join_all((0..100).map(|_| async { receive(&ours, &[burnt("one", 1.0)]).await.remove(0) })).await;
    assert_eq!(
        receipts.iter().filter(|receipt| matches!(receipt, Ok(Outcome::Accepted))).count(),
        1
    );
    assert_eq!(
        receipts.iter().filter(|receipt| matches!(receipt, Ok(Outcome::Duplicate))).count(),
        99
    );
    let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
    assert_eq!(tx.events_of("one", 0, 100).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn pages_walk_every_order_without_gaps_or_repetitions_while_rows_arrive() {
    let ours = TestTenant::new().await;
    let all: Vec<Arriving> = (0..25)
        .map(|index| burnt(&format!("x{index:02}"), f64::from(index) * 60.0))
        .collect();
    receive(&ours, &all).await;
    for key in SortKey::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            let sort = Sort { key, direction };
            let mut seen = Vec::new();
            let mut after: Option<Cursor> = None;
            loop {
                let mut tx = ours.store.begin_reading(&ours.scope()).await.unwrap();
                let listing = Listing {
                    filter: &Filter::default(),
                    sort,
                    after: after.as_ref(),
                    limit: 7,
                    now: noon(),
                };
                let page = tx.exceptions(listing).await.unwrap();
                seen.extend(page.items.into_iter().map(|row| row.exception_id).filter(|id| id.starts_with('x')));
                let Some(next) = page.next else { break };
                after = Some(Cursor::decode(&next.encode(), sort).expect("our own cursor"));
                receive(&ours, &[burnt(&format!("new{}{direction:?}{key:?}", seen.len()), 1.0)]).await;
            }
            let mut sorted = seen.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!((seen.len(), sorted.len()), (25, 25), "{sort:?}");
        }
    }
}
