//! Operator commands on a tenant: the change and the event that tells of it, in one transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{
    event::{EventKind, NewEvent},
    ids::TenantId,
};
use serde_json::Value;
use sqlx::PgConnection;

use crate::{
    OwnerStore, StoreError, TenantTx,
    events::{ChainHead, append, find_chain},
};

/// An event of the tenant as a whole.
pub fn tenant_event(kind: EventKind, actor: &str, at: DateTime<Utc>, data: &Value) -> NewEvent {
    NewEvent {
        exception_id: String::new(),
        kind,
        actor: actor.to_owned(),
        at,
        data: data.to_string(),
    }
}

/// A change that is under way; holds the end of the tenant's chain.
pub(crate) struct Change {
    tx: TenantTx,
    head: ChainHead,
    actor: Arc<str>,
}

impl OwnerStore {
    /// Begins a change. None if there is no such tenant.
    pub(crate) async fn begin_change(&self, tenant: &TenantId) -> Result<Option<Change>, StoreError> {
        let mut tx = self.begin(&self.scope(tenant)).await?;
        let (connection, tenant) = tx.parts();
        let head = find_chain(connection, tenant).await?;
        Ok(head.map(|head| Change {
            tx,
            head,
            actor: Arc::clone(&self.actor),
        }))
    }
}

impl Change {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.tx.parts().0
    }

    /// Commits the change with its event.
    pub(crate) async fn commit(mut self, kind: EventKind, at: DateTime<Utc>, data: &Value) -> Result<(), StoreError> {
        let event = tenant_event(kind, &self.actor, at, data);
        let (connection, tenant) = self.tx.parts();
        append(connection, tenant, self.head, &[event]).await?;
        self.tx.commit().await
    }
}
