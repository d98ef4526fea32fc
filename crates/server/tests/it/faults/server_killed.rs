//! The server is killed in the middle of its work and started again.

use std::time::Duration;

use super::{BACK_WITHIN, Load, Site};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_what_it_acknowledged() {
    let mut site = Site::start().await;
    let mut server = site.server().await;
    let load = Load::start(&site, site.sender(), &[server.base()]);
    for _ in 0..2 {
        load.more(site.chance.within(100..600), Duration::from_secs(10)).await;
        server.kill();
        server.start_again().await;
    }
    load.more(100, BACK_WITHIN).await;
    site.holds(site.sender(), load.finish().await, &server).await;
}
