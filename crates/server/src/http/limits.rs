//! What a server allows its callers in time and memory, and the keeping of the time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{problem::ApiError, state::AppState};

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
#[derive(Debug)]
pub struct Room {
    bytes: u32,
    texts: Arc<Semaphore>,
    values: Arc<Semaphore>,
}

/// What a request holds of [`Room`] until it is dropped.
#[derive(Debug, Default)]
pub struct Held {
    text: Option<OwnedSemaphorePermit>,
    _values: Option<OwnedSemaphorePermit>,
    waited: Duration,
}

impl Room {
    /// Room for so many bytes of text.
    pub fn new(bytes: u32) -> Self {
        let part = || Arc::new(Semaphore::new(bytes as usize));
        Self {
            bytes,
            texts: part(),
            values: part(),
        }
    }

    /// Makes what is held at least so many bytes of text; waits a moment for others to finish, first come first served.
    pub async fn hold(&self, held: &mut Held, bytes: usize) -> Result<(), ApiError> {
        let more = bytes.saturating_sub(held.bytes());
        if more == 0 {
            return Ok(());
        }
        let permit = acquire(&self.texts, u32::try_from(more).unwrap_or(u32::MAX), &mut held.waited).await?;
        match &mut held.text {
            Some(text) => text.merge(permit),
            None => held.text = Some(permit),
        }
        Ok(())
    }

    /// Holds bytes for the values of a text that was read; all there are for whoever needs more than that.
    ///
    /// They are apart from those of the texts, and taken at once: nobody waits for somebody who waits.
    pub async fn hold_values(&self, mut held: Held, bytes: usize) -> Result<Held, ApiError> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.bytes);
        let permit = acquire(&self.values, bytes, &mut held.waited).await?;
        Ok(Held {
            _values: Some(permit),
            ..held
        })
    }
}

async fn acquire(part: &Arc<Semaphore>, bytes: u32, waited: &mut Duration) -> Result<OwnedSemaphorePermit, ApiError> {
    let began = Instant::now();
    let acquired = timeout(PATIENCE.saturating_sub(*waited), Arc::clone(part).acquire_many_owned(bytes)).await;
    *waited += began.elapsed();
    acquired.ok().and_then(Result::ok).ok_or(ApiError::NoRoom)
}

impl Held {
    /// How much text it is for.
    pub fn bytes(&self) -> usize {
        self.text.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }
}
