//! Small changes of bytes, from a seed: for machines without libFuzzer, and the same on all of them.

/// Pieces that mean something to some target.
const WORDS: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\\u",
    "\\ud800",
    "\u{feff}",
    "\r\n",
    "\0",
    "1e999",
    "-0",
    "null",
    "\"rawPayload\":{}",
    "\"exception\":",
    "\"sourceSystem\":\"S\"",
    "rawPayload.",
    "exists(x, x == 1)",
    "&&",
    "?1:",
    ".matches('a')",
    "((((",
    "days('2026-11-23', '')",
];

/// A stream of changes (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Mutation(u64);

impl Mutation {
    /// The stream of a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Changes a text in one to four places; `other` may lend a piece.
    pub fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let to = at + self.below((bytes.len() - at).min(16) + 1);
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 => drop(bytes.drain(at..to)),
                2 => {
                    let word = WORDS[self.below(WORDS.len())].as_bytes();
                    bytes.splice(at..at, word.iter().copied());
                }
                3 => {
                    let piece = bytes[at..to].repeat(1 + self.below(40));
                    bytes.splice(at..at, piece);
                }
                4 => {
                    let from = self.below(other.len() + 1);
                    bytes.splice(at..to, other[from..].iter().copied());
                }
                _ => bytes.insert(at, self.below(256).to_le_bytes()[0]),
            }
        }
        bytes.truncate(8192);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the remainder is below a usize")]
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}
