//! Chance that can be repeated: everything random follows from one seed, which is told when a test fails.

use std::ops::Range;

/// How often faults at random moments are repeated, `FAULT_ROUNDS`.
pub fn rounds() -> u32 {
    setting("FAULT_ROUNDS").unwrap_or(1)
}

/// Of `TEST_SEED`, to repeat a run; else a new one.
pub fn seed() -> u64 {
    let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    setting("TEST_SEED").unwrap_or_else(|| now() << 20 | u64::from(std::process::id()))
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, not {text}")))
}

/// A stream of random numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed that belongs to a purpose of this number.
    pub fn of(seed: u64, purpose: u64) -> Self {
        let mut chance = Self(seed ^ purpose.wrapping_mul(0xd134_2543_de82_ef95));
        chance.next();
        chance
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of several.
    pub fn of_list<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[usize::try_from(self.within(0..list.len() as u64)).unwrap()]
    }

    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }
}
