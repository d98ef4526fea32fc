//! Whoever gives a transaction up, at whatever moment, leaves nothing of it to the next user of its connection.

use std::future::Future;

use store::Store;

use super::database::TestTenant;

/// Polls a future until it is ready, but gives it up after so many polls.
async fn polled<T>(future: impl Future<Output = T>, times: u32) -> Option<T> {
    let mut future = std::pin::pin!(future);
    for _ in 0..times {
        if let Some(done) = futures_util::FutureExt::now_or_never(future.as_mut()) {
            return Some(done);
        }
        tokio::task::yield_now().await;
    }
    None
}

#[tokio::test]
async fn a_transaction_given_up_while_it_begins_leaves_nothing_behind() {
    let ours = TestTenant::new().await;
    let store = Store::open(&ours.url, 1).unwrap();
    store.ping().await.unwrap();
    let mut given_up = 0;
    for times in 1..400 {
        match polled(store.begin_reading(&ours.scope()), times).await {
            Some(begun) => drop(begun.unwrap()),
            None => given_up += 1,
        }
        // Writes, outside of any transaction: refused in one that only reads.
        store.delete_session(&[0; 32]).await.unwrap();
    }
    assert!((1..399).contains(&given_up), "given up {given_up} times of 399");
}
