//! The laws, held against the database as its administrator sees it.

use std::collections::{BTreeMap, BTreeSet};

use domain::chain::{GENESIS, Hash, Link};
use sqlx::{Connection, PgConnection, Row};

use super::{Ledger, Program, Site, ledger::Form, load::send, site::Sender};
use crate::app::client;

/// All exceptions and events of a tenant at one moment.
struct Stored {
    /// Id and payload.
    exceptions: Vec<(String, String)>,
    /// Exceptions with a `received` event, one entry per event.
    received: Vec<String>,
    broken_chain: Option<String>,
}

impl Site {
    /// Holds what is stored against what was sent; then sends again what is in doubt, and looks once more.
    pub async fn holds(&self, sender: &Sender, mut ledger: Ledger, server: &Program) {
        let mut broken = std::mem::take(&mut ledger.wrong);
        let before = self.stored(sender).await;
        broken.extend(before.against(&ledger));
        eprintln!(
            "{} acknowledged, {} in doubt, {} stored",
            ledger.acknowledged(),
            ledger.in_doubt(),
            before.exceptions.len()
        );
        broken.extend(send_again(&before, &mut ledger, sender, server).await);
        assert_eq!(
            ledger.in_doubt(),
            0,
            "seed {}: sent again and not acknowledged; {broken:#?}",
            self.seed
        );
        broken.extend(self.stored(sender).await.against(&ledger));
        assert!(broken.is_empty(), "seed {}: {broken:#?}", self.seed);
    }

    async fn stored(&self, sender: &Sender) -> Stored {
        let mut admin = self.connection().await;
        let mut tx = admin.begin_with("begin isolation level repeatable read").await.unwrap();
        let exceptions = sqlx::query_as("select exception_id, raw_payload::text from exception where tenant_id = $1")
            .bind(sender.tenant.as_str())
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        let (received, broken_chain) = chain(&mut tx, sender).await;
        Stored {
            exceptions,
            received,
            broken_chain,
        }
    }
}

/// Recomputes the chain; what the events are about, and where it breaks.
async fn chain(admin: &mut PgConnection, sender: &Sender) -> (Vec<String>, Option<String>) {
    let tenant = sender.tenant.as_str();
    let events =
        sqlx::query("select seq, exception_id, kind, actor, occurred_at, data::text, hash from event where tenant_id = $1 order by seq")
            .bind(tenant)
            .fetch_all(&mut *admin)
            .await
            .unwrap();
    let (mut received, mut broken) = (Vec::new(), None);
    let mut end: (i64, Hash) = (0, GENESIS);
    for row in &events {
        let link = Link {
            tenant,
            seq: row.get(0),
            exception_id: row.get(1),
            kind: row.get(2),
            actor: row.get(3),
            at: row.get(4),
            data: row.get(5),
        };
        let hash = link.hash(&end.1);
        if (link.seq, &hash[..]) != (end.0 + 1, row.get(6)) {
            broken = broken.or(Some(format!("the chain breaks at event {}", link.seq)));
        }
        end = (link.seq, hash);
        if link.kind == "received" {
            received.push(link.exception_id.to_owned());
        }
    }
    let (seq, hash): (i64, Vec<u8>) = sqlx::query_as("select seq, hash from chain_head where tenant_id = $1")
        .bind(tenant)
        .fetch_one(admin)
        .await
        .unwrap();
    if (seq, &hash[..]) != (end.0, &end.1[..]) {
        broken = broken.or(Some(format!("the chain ends at event {}, its head says {seq}", end.0)));
    }
    (received, broken)
}

impl Stored {
    /// The laws that are broken.
    fn against(&self, ledger: &Ledger) -> Vec<String> {
        let mut broken: Vec<String> = self.broken_chain.clone().into_iter().collect();
        let stored: BTreeMap<&str, &str> = self.exceptions.iter().map(|(id, payload)| (&**id, &**payload)).collect();
        if stored.len() < self.exceptions.len() {
            broken.push("an exception is there twice".into());
        }
        let sent = ledger.payloads();
        for (id, payload) in &stored {
            if sent.get(id).is_none_or(|sent| sent != payload) {
                broken.push(format!("{id} is stored as nobody sent it: {payload}"));
            }
        }
        for item in ledger.items().filter(|item| item.acknowledged && !stored.contains_key(&*item.id)) {
            broken.push(format!("{} was acknowledged and is not there", item.id));
        }
        for batch in ledger.requests.iter().filter(|request| request.form == Form::Batch) {
            let there = batch.items.iter().filter(|item| stored.contains_key(&*item.id)).count();
            if there != 0 && there != batch.items.len() {
                broken.push(format!("{there} of {} of the batch of {}", batch.items.len(), batch.items[0].id));
            }
        }
        broken.extend(self.events_against(&stored));
        broken
    }

    fn events_against(&self, stored: &BTreeMap<&str, &str>) -> Vec<String> {
        let told: BTreeSet<&str> = self.received.iter().map(String::as_str).collect();
        let mut broken = Vec::new();
        if told.len() < self.received.len() {
            broken.push("an exception was received twice".to_owned());
        }
        let stored: BTreeSet<&str> = stored.keys().copied().collect();
        let differ = stored.symmetric_difference(&told);
        broken.extend(differ.map(|id| format!("{id} has a row without an event, or an event without a row")));
        broken
    }
}

/// Sends again what is in doubt. What was there before must be a duplicate.
async fn send_again(before: &Stored, ledger: &mut Ledger, sender: &Sender, server: &Program) -> Vec<String> {
    let there: BTreeSet<&str> = before.exceptions.iter().map(|(id, _)| &**id).collect();
    let (client, mut broken) = (client(), Vec::new());
    for request in 0..ledger.requests.len() {
        let sent = ledger.requests[request].clone();
        if !sent.is_in_doubt() {
            continue;
        }
        let answered = send(&client, &server.base(), sender, &sent).await;
        for (index, outcome) in &answered.outcomes {
            let id = &sent.items[*index].id;
            if there.contains(id.as_str()) && outcome != "duplicate" {
                broken.push(format!("{id} was there and is {outcome} when it is sent again"));
            }
        }
        ledger.settle(request, &answered);
    }
    broken.append(&mut ledger.wrong);
    broken
}
