//! Random numbers with an address: every stream is made of the seed, the tenant, a name and an index.
//!
//! So each row can be made on its own, in any order and in parallel, and a change of one generator does not move others.
//! `ChaCha8Rng` is documented as portable between versions and machines.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

/// What streams of one run have in common.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    pub(crate) seed: u64,
    pub(crate) tenant: String,
    /// Stands before every name: runs of another kind are other ones.
    pub(crate) prefix: &'static str,
}

impl Streams {
    /// Stream whose generator starts from SHA-256(seed ‖ tenant ‖ name ‖ index), texts with their length before.
    pub(crate) fn stream(&self, name: &str, index: u64) -> Stream {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        let name = format!("{}{name}", self.prefix);
        for text in [self.tenant.as_str(), &name] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.update(index.to_be_bytes());
        Stream(ChaCha8Rng::from_seed(hash.finalize().into()))
    }
}

/// A stream of random numbers.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// A number from 0 to `count` − 1, evenly; 0 where `count` is 0.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        let Some(rest) = u64::MAX.checked_rem(count) else {
            return 0;
        };
        // Numbers of the last, incomplete round are drawn again.
        let last = u64::MAX - (rest + 1) % count;
        loop {
            let number = self.0.next_u64();
            if number <= last {
                return number % count;
            }
        }
    }

    /// An index of a list that is not empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// A whole number, both ends included.
    pub(crate) fn between(&mut self, min: i64, max: i64) -> i64 {
        let count = max.abs_diff(min).saturating_add(1);
        min.saturating_add_unsigned(self.below(count))
    }

    /// A number from 0 up to, but not including, 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of the standard normal distribution (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        radius * libm::cos(2.0 * std::f64::consts::PI * self.unit())
    }

    /// Random bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A random order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.index(end + 1));
        }
    }
}

/// Relative weights, ready to choose by.
#[derive(Debug, Clone)]
pub(crate) struct Weights(Vec<f64>);

impl Weights {
    /// `None` unless all are finite, none is negative and one is positive.
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sum = 0.0;
        let mut sums = Vec::new();
        for weight in weights {
            if !weight.is_finite() || weight < 0.0 {
                return None;
            }
            sum += weight;
            sums.push(sum);
        }
        (sum > 0.0 && sum.is_finite()).then_some(Weights(sums))
    }

    /// A single choice.
    pub(crate) fn single() -> Self {
        Weights(vec![1.0])
    }

    /// Weights 1, 1/2ˢ, 1/3ˢ … of Zipf's law.
    #[expect(clippy::cast_precision_loss, reason = "pools are small")]
    pub(crate) fn zipf(count: usize, exponent: f64) -> Option<Self> {
        Weights::new((1..=count).map(|rank| 1.0 / libm::pow(rank as f64, exponent)))
    }

    /// Index of one, by weight; one of weight 0 is never chosen.
    pub(crate) fn choose(&self, stream: &mut Stream) -> usize {
        let total = self.0.last().copied().unwrap_or(0.0);
        let at = stream.unit() * total;
        let index = self.0.partition_point(|sum| *sum <= at);
        // Rounding may reach the total itself: then it is the last that has a weight.
        index.min(self.0.partition_point(|sum| *sum < total))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        let streams = Streams {
            seed: 1,
            tenant: "T".to_owned(),
            prefix: "",
        };
        streams.stream("test", 0)
    }

    #[test]
    fn weights_that_choose_nothing_are_none() {
        assert!(Weights::new([]).is_none());
        assert!(Weights::new([0.0, 0.0]).is_none());
        assert!(Weights::new([1.0, -1.0]).is_none());
        assert!(Weights::new([f64::NAN, 1.0]).is_none());
    }

    #[test]
    fn weight_zero_is_never_chosen() {
        let weights = Weights::new([0.0, 1.0, 0.0, 3.0, 0.0]).expect("weights");
        let mut stream = stream();
        let mut counts = [0; 5];
        for _ in 0..4000 {
            counts[weights.choose(&mut stream)] += 1;
        }
        assert_eq!([counts[0], counts[2], counts[4]], [0, 0, 0]);
        assert!((900..1100).contains(&counts[1]), "{counts:?}");
    }

    #[test]
    fn both_ends_of_a_range_are_reached() {
        let mut stream = stream();
        let numbers: std::collections::BTreeSet<_> = (0..200).map(|_| stream.between(-2, 2)).collect();
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        stream.between(i64::MIN, i64::MAX);
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.below(1), 0);
    }
}
