//! What a server allows its callers in time and memory, and the keeping of the time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ids::TenantId;
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{body::MAX_BODY, problem::ApiError, state::AppState};
use crate::lock::lock;

/// How long a body waits for room in all before its sender is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// Limits of a server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest a request may take, its body included; an answer that streams only has to begin.
    pub request_time: Duration,
    /// Longest a body that is read whole may take to arrive.
    pub body_time: Duration,
    /// Bytes of all bodies that are read whole and not yet answered, at least those of the largest one; and as much again for their values.
    pub body_memory: u32,
    /// How often an open event stream gives a sign of life, and asks whether its reader may still have it.
    pub live_pulse: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_time: Duration::from_secs(60),
            body_time: Duration::from_secs(30),
            body_memory: 128 << 20,
            live_pulse: Duration::from_secs(15),
        }
    }
}

/// Gives up on requests that take too long. Streams are answered at once and go on.
pub async fn time_out(State(state): State<AppState>, request: Request, next: Next) -> Response {
    timeout(state.limits.request_time, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::TimedOut.into_response())
}

/// Memory for bodies, in bytes, shared by all requests: for their texts, and as much again for what the texts become when they are parsed.
/// A tenant gets at most half of it, and so do all whose tenant is not known together.
#[derive(Debug)]
pub struct Room {
    texts: Part,
    values: Part,
}

#[derive(Debug)]
struct Part {
    all: Arc<Semaphore>,
    share: u32,
    shares: Mutex<HashMap<Option<TenantId>, Arc<Semaphore>>>,
}

/// Permits of a share, and as many of the whole.
#[derive(Debug)]
struct Permits {
    own: OwnedSemaphorePermit,
    all: OwnedSemaphorePermit,
}

/// Part of [`Room`] that a request takes while its body arrives.
#[derive(Debug)]
pub struct Holder {
    room: Arc<Room>,
    of: Option<TenantId>,
    text: Option<Permits>,
    waited: Duration,
}

/// What a request holds of [`Room`] until it is dropped.
#[derive(Debug)]
pub struct Held {
    _text: Option<Permits>,
    _values: Permits,
}

impl Room {
    /// Room for so many bytes of text.
    pub fn new(bytes: u32) -> Self {
        let largest = u32::try_from(MAX_BODY).unwrap_or(u32::MAX);
        let part = || Part {
            all: Arc::new(Semaphore::new(bytes as usize)),
            share: (bytes / 2).max(largest).min(bytes),
            shares: Mutex::default(),
        };
        Self {
            texts: part(),
            values: part(),
        }
    }

    /// Nothing yet, for a body of a tenant.
    pub fn holder(self: &Arc<Self>, of: Option<&TenantId>) -> Holder {
        Holder {
            room: Arc::clone(self),
            of: of.cloned(),
            text: None,
            waited: Duration::ZERO,
        }
    }
}

impl Part {
    /// Waits a moment for others to finish, first come first served.
    async fn take(&self, of: Option<&TenantId>, bytes: usize, waited: &mut Duration) -> Result<Permits, ApiError> {
        let began = Instant::now();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.share);
        let share = Arc::clone(
            lock(&self.shares)
                .entry(of.cloned())
                .or_insert_with(|| Arc::new(Semaphore::new(self.share as usize))),
        );
        let both = async {
            // Its own first: whoever waits for that holds nothing of the others'.
            let own = share.acquire_many_owned(bytes).await?;
            let all = Arc::clone(&self.all).acquire_many_owned(bytes).await?;
            Ok::<_, AcquireError>(Permits { own, all })
        };
        let taken = timeout(PATIENCE.saturating_sub(*waited), both).await;
        *waited += began.elapsed();
        taken.ok().and_then(Result::ok).ok_or(ApiError::NoRoom)
    }
}

impl Holder {
    /// Bytes of text that it holds.
    pub fn bytes(&self) -> usize {
        self.text.as_ref().map_or(0, |text| text.all.num_permits())
    }

    /// Extends what it holds to at least `bytes` of text.
    pub async fn hold(&mut self, bytes: usize) -> Result<(), ApiError> {
        let more = bytes.saturating_sub(self.bytes());
        let permits = self.room.texts.take(self.of.as_ref(), more, &mut self.waited).await?;
        match &mut self.text {
            Some(text) => {
                text.own.merge(permits.own);
                text.all.merge(permits.all);
            }
            None => self.text = Some(permits),
        }
        Ok(())
    }

    /// Gives back what it holds of text.
    pub fn give_back(&mut self) {
        self.text = None;
    }

    /// Holds bytes for the values of the text as well; the whole share for whoever needs more than that.
    ///
    /// They are apart from those of the texts, and taken at once: nobody waits for somebody who waits.
    pub async fn with_values(mut self, bytes: usize) -> Result<Held, ApiError> {
        let values = self.room.values.take(self.of.as_ref(), bytes, &mut self.waited).await?;
        Ok(Held {
            _text: self.text,
            _values: values,
        })
    }
}
