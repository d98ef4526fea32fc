//! PostgreSQL is killed with everything it started. The server stays, and goes on when the database is started again.

use std::time::Duration;

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
