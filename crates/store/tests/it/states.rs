//! What is stored is what the events say, after arrivals of every kind.

use std::sync::Arc;

use domain::{
    exception::OnConflict,
    intake::RawException,
    pack::Pack,
    reception::{Arriving, ClearBy, Clearing},
};
use serde_json::{json, value::to_raw_value};

use super::{
    counters,
    database::{BAKERY, TestTenant},
    receive::{burnt, burnt_in},
};

fn revised(id: &str, loss: f64) -> Arriving {
    let mut arriving = burnt(id, loss);
    if let Arriving::Exception(received) = &mut arriving {
        received.arrival.on_conflict = OnConflict::Revise;
    }
    arriving
}

fn cleared(id: &str) -> Arriving {
    let Arriving::Exception(received) = burnt(id, 1.0) else {
        panic!("an exception")
    };
    let object = json!({"exceptionId": id, "sourceSystem": "Oven", "state": "cleared", "rawPayload": {}});
    Arriving::Clearing(Box::new(Clearing {
        by: ClearBy::Id(received.id.clone()),
        raw: RawException::parse(&to_raw_value(&object).unwrap()).expect("well-formed"),
        pack: Arc::new(Pack::parse(BAKERY).expect("a whole pack")),
        arrival: received.arrival.clone(),
    }))
}

#[tokio::test]
async fn what_is_stored_follows_from_the_events_after_revisions_and_clearings() {
    let ours = TestTenant::new().await;
    let batches = [
        vec![burnt("a", 1.0), burnt("b", 1.0), burnt("a", 1.0)],
        vec![revised("a", 900_000.0), revised("b", 2.0)],
        vec![cleared("b"), revised("b", 3.0)],
        vec![revised("a", 1.0), cleared("a"), burnt("c", 5.0)],
        // The second opens the first again, all in one batch.
        vec![burnt_in("d", "O-d", 1.0), cleared("d"), burnt_in("e", "O-d", 900_000.0)],
    ];
    for batch in batches {
        let mut tx = ours.store.begin(&ours.scope()).await.unwrap();
        for receipt in tx.receive(&batch).await.unwrap() {
            receipt.expect("taken");
        }
        let states = tx.stored_states("").await.unwrap();
        for state in &states {
            let state = state.as_ref().expect("readable");
            assert!(state.replay.is_received());
            assert_eq!(state.replay.differences(&state.told()), []);
            assert_eq!(state.content.recomputed(), Some(state.content.hash));
            assert_eq!(state.facet_bucket, state.standing.cell.id());
        }
        assert!(states.len() >= 2);
        assert!(tx.missing_exceptions().await.unwrap().is_empty() && tx.wrong_counters().await.unwrap().is_empty());
        tx.commit().await.unwrap();
    }
    counters::assert_exact(&ours).await;
}
