//! PostgreSQL is stopped, as for an upgrade, and started again.

use std::time::Duration;

use super::{BACK_WITHIN, Load, Site};
use crate::app::{Answer, client};

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_database_is_met_with_503_and_then_goes_on() {
    let mut site = Site::start().await;
    let server = site.server().await;
    let load = Load::start(&site, site.sender(), &[server.base()]);
    load.more(site.chance.within(100..600), Duration::from_secs(10)).await;
    site.stop_database().await;
    let ask = async |path: String| {
        let request = client().get(format!("{}{path}", server.base()));
        let answer = Answer::of(request.header("x-api-key", &site.sender().key).send().await.unwrap()).await;
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert!(answer.headers.contains_key("retry-after") && !answer.detail().is_empty());
    };
    let list = format!("/v1/tenants/{}/exceptions", site.sender().tenant);
    tokio::join!(ask("/health/db".to_owned()), ask(list));
    site.start_database().await;
    let back = load.more(100, BACK_WITHIN).await;
    eprintln!("acknowledging again after {back:?}");
    site.holds(site.sender(), load.finish().await, &server).await;
}
