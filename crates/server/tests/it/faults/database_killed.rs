//! PostgreSQL is killed with everything it started. The server stays, and goes on when the database is started again.

use std::time::Duration;

use store::{OwnerStore, Store};

use super::{BACK_WITHIN, Load, Site};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_keeps_what_was_acknowledged_and_the_server_goes_on() {
    let mut site = Site::start().await;
    let server = site.server().await;
    let load = Load::start(&site, site.sender(), &[server.base()]);
    load.more(site.chance.within(100..600), Duration::from_secs(10)).await;
    site.kill_database();
    site.start_database().await;
    let back = load.more(100, BACK_WITHIN).await;
    eprintln!("acknowledging again after {back:?}");
    site.holds(site.sender(), load.finish().await, &server).await;
}

/// The window the load above hits by chance: the database dies after a commit and before the flush.
#[tokio::test(flavor = "multi_thread")]
async fn a_flush_does_not_vouch_for_what_was_committed_before_the_database_died() {
    let site = Site::start().await;
    let store = Store::open(&site.admin, 4).unwrap();
    let owner = OwnerStore::connect(&site.admin).await.unwrap();
    let scope = owner.scope(&site.sender().tenant);
    let (committed_in, tx) = store.begin_unflushed(&scope).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.flush().await.unwrap(), committed_in);

    site.kill_database();
    site.start_database().await;
    // The session notices at the first attempt at the latest.
    let after = match store.flush().await {
        Ok(life) => life,
        Err(_) => store.flush().await.unwrap(),
    };
    assert_ne!(after, committed_in);
    let (begun_in, tx) = store.begin_unflushed(&scope).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.flush().await.unwrap(), begun_in);
}
