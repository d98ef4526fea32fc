//! Jobs: where they stand, and when one that failed is tried again.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Longest pause before the second attempt.
const FIRST_PAUSE_MS: i64 = 1_000;
/// Longest pause before any attempt.
const LONGEST_PAUSE_MS: i64 = 3_600_000;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobState {
    /// Waits for its time.
    Queued,
    /// A worker has it.
    Running,
    /// Done.
    Done,
    /// Given up by the workers: a dead letter, until somebody replays or discards it.
    Dead,
    /// A dead letter that was given up by a person.
    Discarded,
}

impl JobState {
    /// All of them.
    pub const ALL: [JobState; 5] = [
        JobState::Queued,
        JobState::Running,
        JobState::Done,
        JobState::Dead,
        JobState::Discarded,
    ];

    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Queued => "QUEUED",
            JobState::Running => "RUNNING",
            JobState::Done => "DONE",
            JobState::Dead => "DEAD",
            JobState::Discarded => "DISCARDED",
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No state of a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a job is QUEUED, RUNNING, DONE, DEAD or DISCARDED")]
pub struct UnknownJobState;

impl FromStr for JobState {
    type Err = UnknownJobState;
    fn from_str(text: &str) -> Result<Self, UnknownJobState> {
        let mut all = Self::ALL.into_iter();
        all.find(|state| state.as_str() == text).ok_or(UnknownJobState)
    }
}

/// What becomes of a job whose attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// It is tried again after a pause.
    Retry(TimeDelta),
    /// It is given up.
    Bury,
}

/// Decides after `attempts` of `most` attempts. The pause is exponential with full jitter: anything from nothing to a ceiling that doubles
/// with every attempt, from 1 s up to 1 h. `random` is uniform over all of its type.
pub fn after_failure(attempts: u32, most: u32, random: u32) -> AfterFailure {
    if attempts >= most {
        return AfterFailure::Bury;
    }
    let ceiling = FIRST_PAUSE_MS << attempts.saturating_sub(1).min(12);
    let pause = ceiling.min(LONGEST_PAUSE_MS) * i64::from(random) / i64::from(u32::MAX);
    AfterFailure::Retry(TimeDelta::milliseconds(pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_are_spread_evenly() {
        let longest = |attempts| after_failure(attempts, u32::MAX, u32::MAX);
        for (attempts, seconds) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (10, 512),
            (12, 2048),
            (13, 3600),
            (4_000_000_000, 3600),
        ] {
            assert_eq!(longest(attempts), AfterFailure::Retry(TimeDelta::seconds(seconds)), "{attempts}");
        }
        assert_eq!(after_failure(13, 20, 0), AfterFailure::Retry(TimeDelta::zero()));
        assert_eq!(
            after_failure(3, 20, u32::MAX / 2),
            AfterFailure::Retry(TimeDelta::milliseconds(1999))
        );
    }

    #[test]
    fn the_last_attempt_that_fails_buries() {
        assert_eq!(after_failure(3, 3, 0), AfterFailure::Bury);
        assert_eq!(after_failure(4, 3, 0), AfterFailure::Bury);
        assert_ne!(after_failure(2, 3, 0), AfterFailure::Bury);
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in JobState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("dead".parse::<JobState>(), Err(UnknownJobState));
    }
}
