//! Storing what intake accepted: what is known is read, `domain::reception` decides, and all that came of it is written, in one transaction.

use domain::{
    reception::{Arriving, Receipt, Reception, Refusal},
    work::Settled,
};

use super::{
    change,
    columns::Columns,
    known, recurrence,
    tally::Tally,
    work::{ask, settle},
    write::write,
};
use crate::{StoreError, TenantTx, events::lock_chain, evidence::keep};

/// What became of one arrival.
pub type Received = Result<Receipt, Refusal>;

impl TenantTx {
    /// Stores a batch. One receipt per arrival, in order; each sees what those before it changed.
    pub async fn receive(&mut self, batch: &[Arriving]) -> Result<Vec<Received>, StoreError> {
        // Whoever holds the chain is the only one who writes: nothing known changes before the transaction ends.
        let locked = self.head.take();
        let (connection, tenant) = self.parts();
        let head = match locked {
            Some(end) => end,
            None => lock_chain(connection, tenant).await?,
        };
        let mut reception = Reception::new(known::of(connection, tenant, batch).await?);
        let receipts = batch.iter().map(|arriving| reception.take(arriving)).collect();
        if reception.events.is_empty() {
            return Ok(receipts);
        }
        change::known(connection, tenant, &reception).await?;
        recurrence::count(connection, tenant, &reception.recurrences).await?;
        let tally = Tally::of(reception.outcome().map(|entry| (entry.before.as_ref(), &entry.now)));
        let new = Columns::new(tenant, reception.outcome());
        write(connection, &new, tally, head, &reception.events).await?;
        for (id, pending) in &reception.asked {
            ask(connection, tenant, id, pending).await?;
        }
        for (pending, event) in &reception.voided {
            settle(connection, tenant, pending, Settled::Void, std::slice::from_ref(event)).await?;
        }
        if let Some(last) = reception.events.last() {
            keep(connection, tenant, &reception.evidence, last.at).await?;
        }
        Ok(receipts)
    }
}
