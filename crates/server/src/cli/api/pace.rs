//! When to send: no faster than asked, and again after a while where the server could not.

use std::{num::NonZeroU32, sync::Mutex, time::Duration};

use tokio::time::Instant;

use super::failure::Failure;
use crate::{lock::lock, secrets};

/// Times a request is sent at most.
const TRIES: u32 = 7;
/// Times a stream is begun without getting on: half a minute, in which a server starts again.
const STREAM_TRIES: u32 = 12;
/// Pause after the first; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The server may ask for a longer pause up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Spaces requests evenly.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// So many a second at most.
    pub fn new(rate: NonZeroU32) -> Self {
        Pace {
            gap: Duration::from_secs(1) / rate.get(),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits for the next turn.
    pub async fn turn(&self) {
        tokio::time::sleep_until(self.reserve(Instant::now())).await;
    }

    /// The next turn. Turns that were not taken are lost, but for the few that a timer is late by.
    fn reserve(&self, now: Instant) -> Instant {
        const LATE: Duration = Duration::from_millis(5);
        let mut next = lock(&self.next);
        let at = (*next).max(now.checked_sub(LATE).unwrap_or(now));
        *next = at + self.gap;
        at
    }
}

/// Pauses between the tries of one request.
#[derive(Debug)]
pub struct Backoff {
    tries: u32,
    most: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { tries: 0, most: TRIES }
    }
}

impl Backoff {
    /// For a stream, which has more to lose than one request.
    pub fn of_stream() -> Self {
        Backoff {
            tries: 0,
            most: STREAM_TRIES,
        }
    }

    /// The pause before the next try; `None` where it is given up.
    pub fn pause(&mut self, failure: &Failure) -> Option<Duration> {
        self.tries += 1;
        if self.tries >= self.most {
            return None;
        }
        let asked = match failure {
            Failure::Refused(problem) => problem.retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let pause = (FIRST_PAUSE * 2_u32.saturating_pow(self.tries - 1)).max(asked).min(LONGEST_PAUSE);
        Some(pause + spread(pause))
    }
}

/// Up to a quarter more, so that requests refused together do not come back together.
fn spread(pause: Duration) -> Duration {
    let [random] = secrets::bytes();
    pause * u32::from(random) / 1024
}

#[cfg(test)]
mod tests {
    use super::{super::failure::Problem, *};

    fn busy(retry_after: u64) -> Failure {
        Failure::Refused(Problem {
            status: 503,
            code: String::new(),
            detail: String::new(),
            retry_after: Some(Duration::from_secs(retry_after)),
        })
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = std::iter::from_fn(|| backoff.pause(&Failure::Lost(String::new()))).collect();
        assert_eq!(pauses.len(), 6);
        assert!(
            pauses.is_sorted() && pauses[0] >= FIRST_PAUSE && pauses[5] <= Duration::from_secs(4),
            "{pauses:?}"
        );
    }

    #[test]
    fn the_server_is_heeded_within_reason() {
        let pause = |seconds| Backoff::default().pause(&busy(seconds)).expect("pause");
        assert!((2000..=2500).contains(&pause(2).as_millis()));
        assert!((5000..=6250).contains(&pause(3600).as_millis()));
    }

    #[test]
    fn requests_are_spaced() {
        let pace = Pace::new(NonZeroU32::new(10).expect("rate"));
        let now = Instant::now();
        let last = (0..=20).map(|_| pace.reserve(now)).last().expect("turn");
        assert!((1990..=2010).contains(&(last - now).as_millis()), "{:?}", last - now);
        let later = now + Duration::from_secs(60);
        assert!(pace.reserve(later) + Duration::from_millis(5) == later, "no burst after a pause");
    }
}
