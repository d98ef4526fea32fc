//! Server and database are killed at random moments, `FAULT_ROUNDS` times. `make faults ROUNDS=50` does it often.

use std::time::Duration;

use super::{BACK_WITHIN, Load, Site};
use crate::chance::rounds;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_when_the_laws_hold() {
    let mut site = Site::with_tenants(0).await;
    let mut server = site.server().await;
    for round in 1..=rounds() {
        // The moment differs; what is sent repeats itself, so each round has a tenant of its own.
        let sender = site.another().await;
        let load = Load::start(&site, &sender, &[server.base()]);
        load.more(1, BACK_WITHIN).await;
        let moment = Duration::from_micros(site.chance.within(0..400_000));
        // Chance decides the moment, and nothing is waited for.
        tokio::time::sleep(moment).await;
        let what = *site.chance.of_list(&["server", "database", "both"]);
        eprintln!("seed {}, round {round}: {what} after {moment:?}", site.seed);
        if what != "database" {
            server.kill();
        }
        if what != "server" {
            site.kill_database();
            site.start_database().await;
        }
        if what != "database" {
            server.start_again().await;
        }
        load.more(50, BACK_WITHIN).await;
        site.holds(&sender, load.finish().await, &server).await;
    }
}
