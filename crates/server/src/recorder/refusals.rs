//! Refusals, counted per tenant and told at most once a minute.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Mutex,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    event::{EventKind, NewEvent},
    ids::TenantId,
};
use serde_json::json;
use store::tenant_event;

use crate::lock::lock;

/// How often refusals of a kind are told.
const TOLD_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Most callers that one event names.
const MAX_NAMED: usize = 16;

/// Why somebody was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A login with a key that is none of the tenant's.
    Login,
    /// The key's role is too weak, or somebody else must decide.
    Access,
}

impl Refusal {
    fn kind(self) -> EventKind {
        match self {
            Refusal::Login => EventKind::LoginFailed,
            Refusal::Access => EventKind::AccessRefused,
        }
    }
}

#[derive(Debug)]
struct Tally {
    count: u64,
    since: DateTime<Utc>,
    by: BTreeSet<String>,
    told: Option<DateTime<Utc>>,
}

/// Refusals that are not yet told. As many as there are tenants and reasons.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<HashMap<(TenantId, Refusal), Tally>>);

impl Refusals {
    /// Counts one.
    pub fn count(&self, tenant: &TenantId, refusal: Refusal, by: &str, at: DateTime<Utc>) {
        let mut tallies = lock(&self.0);
        let tally = tallies.entry((tenant.clone(), refusal)).or_insert_with(|| Tally {
            count: 0,
            since: at,
            by: BTreeSet::new(),
            told: None,
        });
        if tally.count == 0 {
            tally.since = at;
        }
        tally.count += 1;
        if tally.by.len() < MAX_NAMED {
            tally.by.insert(by.to_owned());
        }
    }

    /// What is to be told now.
    pub fn due(&self, now: DateTime<Utc>) -> Vec<(TenantId, NewEvent)> {
        self.take(now, |tally| tally.told.is_none_or(|told| now - told >= TOLD_EVERY))
    }

    /// Everything, however lately something was told.
    pub fn all(&self, now: DateTime<Utc>) -> Vec<(TenantId, NewEvent)> {
        self.take(now, |_| true)
    }

    fn take(&self, now: DateTime<Utc>, is_due: impl Fn(&Tally) -> bool) -> Vec<(TenantId, NewEvent)> {
        let mut tallies = lock(&self.0);
        let mut events = Vec::new();
        for ((tenant, refusal), tally) in tallies.iter_mut().filter(|(_, tally)| tally.count > 0 && is_due(tally)) {
            let by = std::mem::take(&mut tally.by);
            let data = json!({"count": tally.count, "since": tally.since, "by": by});
            events.push((tenant.clone(), tenant_event(refusal.kind(), "system", now, &data)));
            tally.count = 0;
            tally.told = Some(now);
        }
        tallies.retain(|_, tally| tally.count > 0 || tally.told.is_some_and(|told| now - told < TOLD_EVERY));
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_refusal_is_told_at_once_and_a_flood_once_a_minute() {
        let refusals = Refusals::default();
        let tenant: TenantId = "T".parse().expect("an id");
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        refusals.count(&tenant, Refusal::Access, "key:a", at(0));
        let told = |events: Vec<(TenantId, NewEvent)>| -> Vec<serde_json::Value> {
            let data = events.iter().map(|(_, event)| serde_json::from_str(&event.data));
            data.collect::<Result<_, _>>().expect("JSON")
        };
        let first = json!({"count": 1, "since": "1970-01-01T00:00:00Z", "by": ["key:a"]});
        assert_eq!(told(refusals.due(at(1))), [first]);
        for index in 0..1000 {
            refusals.count(&tenant, Refusal::Access, &format!("key:{index:03}"), at(2));
        }
        assert!(refusals.due(at(60)).is_empty());
        let flood = told(refusals.due(at(61)));
        assert_eq!((flood.len(), &flood[0]["count"]), (1, &json!(1000)));
        assert_eq!(flood[0]["by"].as_array().map(Vec::len), Some(MAX_NAMED));
        assert!(refusals.due(at(200)).is_empty());
        assert!(lock(&refusals.0).is_empty(), "nothing is remembered for ever");
    }
}
