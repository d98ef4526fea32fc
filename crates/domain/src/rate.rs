//! How many requests of a tenant are answered: a bucket that holds a burst and fills up evenly.

use std::num::NonZeroU32;

/// A rate and the burst that a pause allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per second in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// Seconds in which an empty bucket fills up, at least 1.
    pub fn window(self) -> u32 {
        self.burst.get().div_ceil(self.per_second.get())
    }

    /// Seconds until the bucket is full again when so many requests are left in it.
    pub fn full_in(self, left: u32) -> u32 {
        self.burst.get().saturating_sub(left).div_ceil(self.per_second.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_up_at_its_rate() {
        let rate = |per_second, burst| Rate {
            per_second: NonZeroU32::new(per_second).expect("positive"),
            burst: NonZeroU32::new(burst).expect("positive"),
        };
        for (rate, left, window, full_in) in [
            (rate(10, 10), 10, 1, 0),
            (rate(10, 10), 9, 1, 1),
            (rate(10, 100), 0, 10, 10),
            (rate(10, 100), 45, 10, 6),
            (rate(100, 1), 0, 1, 1),
        ] {
            assert_eq!((rate.window(), rate.full_in(left)), (window, full_in), "{rate:?} with {left}");
        }
    }
}
