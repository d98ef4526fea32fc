//! Somebody else holds what the server needs: the end of a tenant's chain, or all connections that write.

use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use super::{BACK_WITHIN, Load, Site, site::Sender};
use crate::app::client;

/// Longer than a request waits for a connection.
const HELD: Duration = Duration::from_millis(3500);
/// Only catches what hangs.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// Locks the ends of the chains of tenants until it is dropped.
async fn hold(site: &Site, tenants: &[Sender]) -> PgConnection {
    let mut admin = site.connection().await;
    let names: Vec<&str> = tenants.iter().map(|sender| sender.tenant.as_str()).collect();
    sqlx::query("begin").execute(&mut admin).await.unwrap();
    let locked = sqlx::query("select 1 from chain_head where tenant_id = any($1) for update").bind(&names);
    assert_eq!(locked.fetch_all(&mut admin).await.unwrap().len(), tenants.len());
    admin
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_chain_delays_its_tenant_and_no_other() {
    let site = Site::with_tenants(2).await;
    let server = site.server().await;
    let [held, free] = &site.tenants[..] else { unreachable!() };
    let loads = [held, free].map(|sender| Load::start(&site, sender, &[server.base()]));
    let lock = hold(&site, std::slice::from_ref(held)).await;
    loads[1].more(300, BACK_WITHIN).await;
    let list = client()
        .get(format!("{}/v1/tenants/{}/exceptions", server.base(), held.tenant))
        .header("x-api-key", &held.key);
    assert_eq!(list.send().await.unwrap().status(), 200, "reading goes on");
    lock.close().await.unwrap();
    loads[0].more(100, BACK_WITHIN).await;
    for (load, sender) in loads.into_iter().zip([held, free]) {
        site.holds(sender, load.finish().await, &server).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_every_writer_waits_for_a_chain_others_read_and_all_is_stored_afterwards() {
    let site = Site::with_tenants(3).await;
    // Two of them write.
    let server = site.server_with(3).await;
    let [one, two, other] = &site.tenants[..] else { unreachable!() };
    let lock = hold(&site, &[one.clone(), two.clone()]).await;
    let loads = [one, two].map(|sender| Load::start(&site, sender, &[server.base()]));
    let began = Instant::now();
    while began.elapsed() < HELD {
        let asked = Instant::now();
        let list = client()
            .get(format!("{}/v1/tenants/{}/exceptions", server.base(), other.tenant))
            .header("x-api-key", &other.key);
        assert_eq!(list.send().await.unwrap().status(), 200);
        assert!(asked.elapsed() < ANSWERED_WITHIN, "waited for {:?}", asked.elapsed());
    }
    lock.close().await.unwrap();
    for load in &loads {
        load.more(50, BACK_WITHIN).await;
    }
    for (load, sender) in loads.into_iter().zip([one, two]) {
        site.holds(sender, load.finish().await, &server).await;
    }
}
