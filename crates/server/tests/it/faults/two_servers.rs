//! Two servers share a database, and one of them is killed. Clients go on with the other.

use std::time::Duration;

use super::{BACK_WITHIN, Load, Site};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_the_other_goes_on() {
    let mut site = Site::start().await;
    let (mut one, two) = (site.server().await, site.server().await);
    let load = Load::start(&site, site.sender(), &[one.base(), two.base()]);
    load.more(site.chance.within(100..600), Duration::from_secs(10)).await;
    one.kill();
    let back = load.more(200, BACK_WITHIN).await;
    eprintln!("200 acknowledged by the other after {back:?}");
    one.start_again().await;
    load.more(100, BACK_WITHIN).await;
    site.holds(site.sender(), load.finish().await, &two).await;
}
