//! Limits of rates: requests of a tenant where the operator set one, and logins and exports of each key, which cost more than
//! most. One bucket each in this process.
//!
//! A request counts when its caller is known ([`super::actor`]); [`tell`] writes where the tenant stands on every answer to it.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::{ids::TenantId, rate::Rate};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::{InMemoryState, NotKeyed},
};
use store::keys::Identity;

use super::problem::ApiError;
use crate::lock::lock;

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// Requests of a key that each cost more than most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Costly {
    /// A login. Those with keys that are not the tenant's count together.
    Login,
    /// An export of exceptions.
    Export,
}

/// Costly requests that a key may make in a minute on average.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// Costly requests that a key may make at once after a while without.
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
/// Keys after which buckets that are full again are forgotten.
const MANY: usize = 10_000;

/// Buckets of the tenants that have a rate, and of keys.
#[derive(Debug)]
pub struct Rates {
    costs: DefaultKeyedRateLimiter<(Costly, String)>,
    buckets: Mutex<HashMap<TenantId, (Rate, Arc<Bucket>)>>,
    clock: DefaultClock,
}

/// Where a tenant stood when its request came.
#[derive(Debug, Clone, Copy)]
struct Standing {
    rate: Rate,
    left: u32,
}

/// Takes a standing from where the caller becomes known to where the answer leaves.
#[derive(Debug, Clone, Default)]
pub struct Told(Arc<OnceLock<Standing>>);

impl Default for Rates {
    fn default() -> Self {
        let quota = Quota::per_minute(PER_MINUTE).allow_burst(BURST);
        Self {
            costs: RateLimiter::keyed(quota),
            buckets: Mutex::default(),
            clock: DefaultClock::default(),
        }
    }
}

impl Rates {
    /// Counts a costly request of a key, or of whoever has none; refuses it if there were too many.
    pub fn spend(&self, what: Costly, key: &str) -> Result<(), ApiError> {
        if self.costs.len() > MANY {
            self.costs.retain_recent();
        }
        self.costs.check_key(&(what, key.to_owned())).map_err(|empty| ApiError::TooOften {
            what,
            wait: empty.wait_time_from(self.clock.now()).max(Duration::from_millis(1)),
        })
    }

    /// Counts a request; refuses it if the tenant's bucket is empty.
    pub fn admit(&self, identity: &Identity, request: &Parts) -> Result<(), ApiError> {
        let Some(rate) = identity.rate else { return Ok(()) };
        let taken = self.bucket(identity.scope.tenant(), rate).check();
        if let Some(Told(told)) = request.extensions.get() {
            let left = taken.as_ref().map_or(0, StateSnapshot::remaining_burst_capacity);
            // One request has one caller.
            let _: Result<(), Standing> = told.set(Standing { rate, left });
        }
        taken.map(drop).map_err(|empty| ApiError::RateLimited {
            per_second: rate.per_second.get(),
            wait: empty.wait_time_from(self.clock.now()).max(Duration::from_millis(1)),
        })
    }

    fn bucket(&self, tenant: &TenantId, rate: Rate) -> Arc<Bucket> {
        let mut buckets = lock(&self.buckets);
        if let Some((_, bucket)) = buckets.get(tenant).filter(|(known, _)| *known == rate) {
            return Arc::clone(bucket);
        }
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        let bucket = Arc::new(RateLimiter::direct(quota).with_middleware());
        buckets.insert(tenant.clone(), (rate, Arc::clone(&bucket)));
        bucket
    }
}

/// Writes `RateLimit-Policy` and `RateLimit` on answers to tenants that have a rate (draft-ietf-httpapi-ratelimit-headers-10).
pub async fn tell(mut request: Request, next: Next) -> Response {
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    let mut response = next.run(request).await;
    if let Some(standing) = told.0.get() {
        write(response.headers_mut(), *standing);
    }
    response
}

fn write(headers: &mut HeaderMap, Standing { rate, left }: Standing) {
    let policy = format!("\"default\";q={};w={}", rate.burst, rate.window());
    let standing = format!("\"default\";r={left};t={}", rate.full_in(left));
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", standing)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_burst_of_each_costly_request_and_no_more() {
        let rates = Rates::default();
        // More than come back while this runs.
        let spent = |what, key| (0..10_000).take_while(|_| rates.spend(what, key).is_ok()).count();
        assert!((60..10_000).contains(&spent(Costly::Login, "one")));
        assert!((60..10_000).contains(&spent(Costly::Login, "other")));
        assert!((60..10_000).contains(&spent(Costly::Export, "one")));
        assert!(matches!(rates.spend(Costly::Export, "one"), Err(ApiError::TooOften { wait, .. }) if wait <= Duration::from_secs(3)));
    }
}
