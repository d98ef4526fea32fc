//! How many requests of a tenant are answered, where the operator set a rate: one bucket per tenant in this process.
//!
//! A request counts when its caller is known ([`super::actor`]); [`tell`] writes where the tenant stands on every answer to it.

use std::{
    collections::HashMap,
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
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::{InMemoryState, NotKeyed},
};
use store::keys::Identity;

use super::problem::ApiError;
use crate::lock::lock;

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// Buckets of the tenants that have a rate.
#[derive(Debug, Default)]
pub struct Rates {
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

impl Rates {
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
