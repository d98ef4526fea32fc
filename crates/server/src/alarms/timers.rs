//! Next timers of all tenants, as far as they are known: a tenant in which nothing happens is not asked about again and again.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::TenantId;
use store::TenantScope;

/// Time for which the timers of all tenants count as known: hints may be lost.
const HOLDS: TimeDelta = TimeDelta::seconds(30);

/// Question to the database.
#[derive(Debug, PartialEq, Eq)]
pub enum Ask {
    /// None: everything is known.
    Nothing,
    /// For the next timers of these tenants.
    Of(Vec<TenantId>),
    /// For the next timers of all tenants.
    All,
}

/// The next timer of each tenant.
#[derive(Debug, Default)]
pub struct Timers {
    next: HashMap<TenantId, (TenantScope, DateTime<Utc>)>,
    changed: HashSet<TenantId>,
    /// When all were asked about.
    learned_at: Option<DateTime<Utc>>,
}

impl Timers {
    /// Something of a tenant changed.
    pub fn changed(&mut self, tenant: TenantId) {
        self.changed.insert(tenant);
    }

    /// Anything may have changed.
    pub fn forget(&mut self) {
        self.learned_at = None;
    }

    /// Returns the question that is due now. Whoever does not learn its answer must [`forget`](Self::forget).
    pub fn ask(&mut self, now: DateTime<Utc>) -> Ask {
        // A clock that was set back knows nothing of the time since.
        let holds = self.learned_at.is_some_and(|at| at <= now && now - at < HOLDS);
        let changed: Vec<TenantId> = self.changed.drain().collect();
        if !holds {
            self.learned_at = Some(now);
            return Ask::All;
        }
        if changed.is_empty() { Ask::Nothing } else { Ask::Of(changed) }
    }

    /// The next timers of all tenants that have one.
    pub fn learn_all(&mut self, next: Vec<(TenantScope, DateTime<Utc>)>) {
        self.next.clear();
        self.learn(&[], next);
    }

    /// The next timers of some tenants, as far as they have one.
    pub fn learn(&mut self, asked: &[TenantId], next: Vec<(TenantScope, DateTime<Utc>)>) {
        for tenant in asked {
            self.next.remove(tenant);
        }
        let named = next.into_iter().map(|(scope, at)| (scope.tenant().clone(), (scope, at)));
        self.next.extend(named);
    }

    /// Tenants with a timer that has fired.
    pub fn due(&self, now: DateTime<Utc>) -> impl Iterator<Item = &TenantScope> {
        self.next.values().filter(move |(_, at)| *at <= now).map(|(scope, _)| scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        name.parse().expect("an id")
    }

    #[test]
    fn only_what_changed_is_asked_for_until_all_is_asked_for_again() {
        let start = DateTime::UNIX_EPOCH;
        let at = |seconds| start + TimeDelta::seconds(seconds);
        let mut timers = Timers::default();
        assert_eq!(timers.ask(at(0)), Ask::All);
        timers.learn_all(Vec::new());
        for second in 1..30 {
            assert_eq!(timers.ask(at(second)), Ask::Nothing, "{second}");
        }
        timers.changed(tenant("A"));
        timers.changed(tenant("A"));
        assert_eq!(timers.ask(at(29)), Ask::Of(vec![tenant("A")]));
        assert_eq!(timers.ask(at(29)), Ask::Nothing);
        assert_eq!(timers.ask(at(30)), Ask::All);
        timers.forget();
        assert_eq!(timers.ask(at(31)), Ask::All);
        assert_eq!(timers.ask(at(1)), Ask::All, "the clock was set back");
    }
}
