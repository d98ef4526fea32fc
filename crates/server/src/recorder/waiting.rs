//! Events that wait to be written, per tenant: in order, bounded, and one transaction of a tenant at a time.

use std::collections::{HashMap, VecDeque};

use domain::{event::NewEvent, ids::TenantId};

use super::NotRecorded;

/// Most events of a tenant that wait to be written.
pub const MAX_OF_TENANT: usize = 4096;
/// Most events of all tenants that wait.
const MAX_OF_ALL: usize = 65_536;
/// Most events of one transaction.
const MAX_BATCH: usize = 512;

/// What waits. A tenant is there as long as something of it waits or is being written.
#[derive(Debug, Default)]
pub struct Waiting {
    tenants: HashMap<TenantId, VecDeque<NewEvent>>,
    /// Tenants of which nothing is being written, the longest waiting first.
    ready: VecDeque<TenantId>,
    count: usize,
}

impl Waiting {
    /// Takes one more, unless too many wait.
    pub fn push(&mut self, tenant: &TenantId, event: NewEvent) -> Result<(), NotRecorded> {
        let of_tenant = self.tenants.get(tenant).map_or(0, VecDeque::len);
        if of_tenant >= MAX_OF_TENANT || self.count >= MAX_OF_ALL {
            return Err(NotRecorded);
        }
        self.add(tenant, event);
        Ok(())
    }

    /// Takes one more in any case: one that stands for many.
    pub fn add(&mut self, tenant: &TenantId, event: NewEvent) {
        self.count += 1;
        if let Some(events) = self.tenants.get_mut(tenant) {
            events.push_back(event);
        } else {
            self.tenants.insert(tenant.clone(), VecDeque::from([event]));
            self.ready.push_back(tenant.clone());
        }
    }

    /// What is to be written next, of a tenant that waits for its turn.
    pub fn take(&mut self) -> Option<(TenantId, Vec<NewEvent>)> {
        let tenant = self.ready.pop_front()?;
        let events = self.tenants.get_mut(&tenant)?;
        let batch: Vec<NewEvent> = events.drain(..events.len().min(MAX_BATCH)).collect();
        self.count -= batch.len();
        Some((tenant, batch))
    }

    /// A batch was written, but for these; they come first again when it is the tenant's turn.
    pub fn done(&mut self, tenant: TenantId, unwritten: Vec<NewEvent>) {
        let Some(events) = self.tenants.get_mut(&tenant) else { return };
        self.count += unwritten.len();
        for event in unwritten.into_iter().rev() {
            events.push_front(event);
        }
        if events.is_empty() {
            self.tenants.remove(&tenant);
        } else {
            self.ready.push_back(tenant);
        }
    }

    /// Whether everything is written.
    pub fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::event::EventKind;
    use serde_json::json;
    use store::tenant_event;

    use super::*;

    fn tenant(id: &str) -> TenantId {
        id.parse().expect("an id")
    }

    fn event(kind: EventKind) -> NewEvent {
        tenant_event(kind, "key:a", DateTime::UNIX_EPOCH, &json!({}))
    }

    fn kinds(events: &[NewEvent]) -> Vec<EventKind> {
        events.iter().map(|event| event.kind).collect()
    }

    #[test]
    fn a_tenant_whose_batch_is_under_way_does_not_hold_another() {
        let mut waiting = Waiting::default();
        waiting.push(&tenant("A"), event(EventKind::LoggedIn)).expect("room");
        let (a, batch) = waiting.take().expect("a batch");
        waiting.push(&tenant("A"), event(EventKind::Exported)).expect("room");
        waiting.push(&tenant("B"), event(EventKind::Viewed)).expect("room");
        assert_eq!(waiting.take().map(|(tenant, _)| tenant), Some(tenant("B")));
        assert!(waiting.take().is_none(), "one transaction of a tenant at a time");
        waiting.done(a, batch);
        let (a, batch) = waiting.take().expect("what could not be written");
        assert_eq!(kinds(&batch), [EventKind::LoggedIn, EventKind::Exported]);
        waiting.done(a, Vec::new());
        waiting.done(tenant("B"), Vec::new());
        assert!(waiting.is_empty() && waiting.count == 0);
    }

    #[test]
    fn a_tenant_that_fills_its_queue_leaves_the_others_theirs() {
        let mut waiting = Waiting::default();
        for _ in 0..MAX_OF_TENANT {
            waiting.push(&tenant("A"), event(EventKind::Viewed)).expect("room");
        }
        assert_eq!(waiting.push(&tenant("A"), event(EventKind::Viewed)), Err(NotRecorded));
        assert_eq!(waiting.push(&tenant("B"), event(EventKind::Viewed)), Ok(()));
        waiting.add(&tenant("A"), event(EventKind::AccessRefused));
        assert_eq!(waiting.take().map(|(_, batch)| batch.len()), Some(MAX_BATCH));
    }

    #[test]
    fn all_tenants_together_are_bounded() {
        let mut waiting = Waiting::default();
        let taken = (0..=MAX_OF_ALL)
            .take_while(|index| waiting.push(&tenant(&format!("T{}", index % 64)), event(EventKind::Viewed)).is_ok())
            .count();
        assert_eq!(taken, MAX_OF_ALL);
    }
}
