//! The proof chain: every tenant's events form a chain of SHA-256 hashes without gaps.
//!
//! `hash(n) = SHA-256(hash(n-1) ‖ len ‖ field ‖ len ‖ field …)`, where every field is UTF-8 text behind its length in bytes
//! as a big-endian u64, in the order of [`Link`]'s fields. The chain starts from 32 zero bytes. FIPS 180-4 for the hash.

use std::{cmp::Ordering, fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Hash before a tenant's first event.
pub const GENESIS: Hash = [0; 32];

/// What one event contributes to the chain.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Position in the tenant's chain, from 1, without gaps.
    pub seq: i64,
    /// The exception, or "" for an event of the tenant as a whole.
    pub exception_id: &'a str,
    /// Kind of event, past tense.
    pub kind: &'a str,
    /// Who caused it.
    pub actor: &'a str,
    /// When, to the microsecond (finer parts must have been cut off before).
    pub at: DateTime<Utc>,
    /// JSON text exactly as stored.
    pub data: &'a str,
}

impl Link<'_> {
    /// The hash of this event behind `previous`.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let seq = self.seq.to_string();
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut hasher = Sha256::new();
        hasher.update(previous);
        for field in [self.tenant, &seq, self.exception_id, self.kind, self.actor, &at, self.data] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().into()
    }
}

/// A point of a chain: all that is needed to go on from there, or to hold the chain to it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Position of the event; 0 before the first.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Point {
    /// Before the first event.
    pub const START: Point = Point { seq: 0, hash: GENESIS };
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, hex::encode(self.hash))
    }
}

impl FromStr for Point {
    type Err = NoPoint;
    fn from_str(text: &str) -> Result<Self, NoPoint> {
        let (seq, hash) = text.trim().split_once(':').ok_or(NoPoint)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 1).ok_or(NoPoint)?;
        Ok(Self {
            seq,
            hash: hash_of(hash).ok_or(NoPoint)?,
        })
    }
}

/// A hash from its 64 hexadecimal digits.
pub fn hash_of(text: &str) -> Option<Hash> {
    hex::decode(text).ok()?.try_into().ok()
}

/// The text names no point of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write SEQ:HASH, the number of an event from 1 on and the 64 hexadecimal digits of its hash")]
pub struct NoPoint;

/// The first place where a chain is not what it claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// Position of the first event that is wrong or missing.
    pub seq: i64,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A number is left out.
    #[error("the event is missing; the next one there is {next}")]
    Gap {
        /// The event found in its place.
        next: i64,
    },
    /// A number that cannot be at this place.
    #[error("an event stands before the place of its number")]
    Stray,
    /// The event, or one before it, is not what was written.
    #[error("the hash differs: the event was changed, exchanged, or stands behind one that was")]
    HashDiffers,
    /// The chain is shorter than its head says.
    #[error("the event is missing at the end; the head is {head}")]
    MissingAtEnd {
        /// Position that the head names.
        head: i64,
    },
    /// The chain is longer than its head says.
    #[error("the event stands behind the head, which is {head}")]
    BehindHead {
        /// Position that the head names.
        head: i64,
    },
    /// The head names another hash than that of the last event.
    #[error("the head's hash is not that of the last event")]
    HeadDiffers,
    /// There is no head.
    #[error("the head is missing")]
    NoHead,
    /// The chain is sound in itself, but not the one of which the anchor was taken.
    #[error("the hash is not the anchor's: the chain was written anew")]
    AnchorDiffers,
    /// The chain does not contain the anchor.
    #[error("the anchor is not within what there is, which is {first} to {last}: events were removed at the end, or it is another chain's")]
    AnchorOutside {
        /// First event there is.
        first: i64,
        /// Last event there is.
        last: i64,
    },
}

/// Recomputes a chain, event by event, in constant memory.
#[derive(Debug, Clone)]
pub struct Verification {
    start: Point,
    end: Point,
    /// Anchors in the order of their positions.
    anchors: Vec<Point>,
}

impl Verification {
    /// Begins behind a point: [`Point::START`] for a whole chain. The chain must go through the anchors.
    pub fn behind(start: Point, mut anchors: Vec<Point>) -> Self {
        anchors.sort_unstable_by_key(|anchor| anchor.seq);
        Self {
            start,
            end: start,
            anchors,
        }
    }

    /// The last event that was found sound.
    pub fn end(&self) -> Point {
        self.end
    }

    /// How many events were found sound.
    pub fn events(&self) -> i64 {
        self.end.seq - self.start.seq
    }

    /// Takes the next event with the hash that stands beside it.
    pub fn take(&mut self, link: &Link<'_>, hash: &[u8]) -> Result<(), Broken> {
        let seq = self.end.seq + 1;
        let broken = |problem| Err(Broken { seq, problem });
        match link.seq.cmp(&seq) {
            Ordering::Less => {
                return Err(Broken {
                    seq: link.seq,
                    problem: Problem::Stray,
                });
            }
            Ordering::Greater => return broken(Problem::Gap { next: link.seq }),
            Ordering::Equal => {}
        }
        let computed = link.hash(&self.end.hash);
        if computed[..] != *hash {
            return broken(Problem::HashDiffers);
        }
        self.end = Point { seq, hash: computed };
        if self.leaves_anchor(self.end) {
            return broken(Problem::AnchorDiffers);
        }
        Ok(())
    }

    /// True where an anchor names this position with another hash.
    fn leaves_anchor(&self, point: Point) -> bool {
        let from = self.anchors.partition_point(|anchor| anchor.seq < point.seq);
        let here = self.anchors[from..].iter().take_while(|anchor| anchor.seq == point.seq);
        here.into_iter().any(|anchor| anchor.hash != point.hash)
    }

    /// Compares the end with the head that was written down beside the chain.
    pub fn finish(&self, head: Option<Point>) -> Result<(), Broken> {
        let end = self.end;
        let broken = |seq, problem| Err(Broken { seq, problem });
        let Some(head) = head else {
            return broken(end.seq, Problem::NoHead);
        };
        match head.seq.cmp(&end.seq) {
            Ordering::Greater => return broken(end.seq + 1, Problem::MissingAtEnd { head: head.seq }),
            Ordering::Less => return broken(head.seq + 1, Problem::BehindHead { head: head.seq }),
            Ordering::Equal if head.hash != end.hash => return broken(end.seq, Problem::HeadDiffers),
            Ordering::Equal => {}
        }
        if self.leaves_anchor(self.start) {
            return broken(self.start.seq, Problem::AnchorDiffers);
        }
        let outside = self
            .anchors
            .iter()
            .find(|anchor| anchor.seq < self.start.seq || anchor.seq > end.seq);
        outside.map_or(Ok(()), |anchor| {
            let (first, last) = (self.start.seq + 1, end.seq);
            broken(anchor.seq, Problem::AnchorOutside { first, last })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link<'a>(exception_id: &'a str, kind: &'a str) -> Link<'a> {
        Link {
            tenant: "T",
            seq: 1,
            exception_id,
            kind,
            actor: "key:x",
            at: DateTime::UNIX_EPOCH,
            data: "{}",
        }
    }

    #[test]
    fn the_hash_is_pinned() {
        assert_eq!(
            hex::encode(link("E-1", "received").hash(&GENESIS)),
            "96135359d1bd4cddb810fbbd6f0ebc54ec2d450a2cfc7573139176167daf0bde"
        );
    }

    #[test]
    fn moving_a_letter_between_fields_changes_the_hash() {
        assert_ne!(link("ab", "c").hash(&GENESIS), link("a", "bc").hash(&GENESIS));
    }

    /// Events 1 to 4 with their hashes.
    fn chain() -> Vec<(i64, &'static str, Hash)> {
        let mut previous = GENESIS;
        let events = [(1, "a"), (2, "b"), (3, "c"), (4, "d")].map(|(seq, kind)| {
            previous = Link { seq, ..link("", kind) }.hash(&previous);
            (seq, kind, previous)
        });
        events.into()
    }

    fn verified(events: &[(i64, &str, Hash)], head: Option<Point>, anchors: &[Point]) -> Result<i64, Broken> {
        let mut verification = Verification::behind(Point::START, anchors.to_vec());
        for (seq, kind, hash) in events {
            verification.take(
                &Link {
                    seq: *seq,
                    ..link("", kind)
                },
                hash,
            )?;
        }
        verification.finish(head)?;
        Ok(verification.events())
    }

    #[test]
    fn the_first_place_where_a_chain_is_wrong_is_named() {
        let sound = chain();
        let point = |index: usize| Point {
            seq: sound[index].0,
            hash: sound[index].2,
        };
        let head = Some(point(3));
        assert_eq!(verified(&sound, head, &[]), Ok(4));
        let edited = |edit: fn(&mut Vec<(i64, &'static str, Hash)>)| {
            let mut events = sound.clone();
            edit(&mut events);
            verified(&events, head, &[]).expect_err("broken")
        };
        let broken = |seq, problem| Broken { seq, problem };
        assert_eq!(edited(|events| events[1].1 = "x"), broken(2, Problem::HashDiffers));
        assert_eq!(edited(|events| events[2].2[0] ^= 1), broken(3, Problem::HashDiffers));
        assert_eq!(
            edited(|events| events.retain(|event| event.0 != 2)),
            broken(2, Problem::Gap { next: 3 })
        );
        assert_eq!(edited(|events| events.truncate(3)), broken(4, Problem::MissingAtEnd { head: 4 }));
        assert_eq!(edited(|events| events[0].0 = 0), broken(0, Problem::Stray));
        assert_eq!(
            verified(&sound, Some(point(2)), &[]),
            Err(broken(4, Problem::BehindHead { head: 3 }))
        );
        assert_eq!(verified(&sound, None, &[]), Err(broken(4, Problem::NoHead)));
        let other = Point { seq: 4, hash: GENESIS };
        assert_eq!(verified(&sound, Some(other), &[]), Err(broken(4, Problem::HeadDiffers)));
    }

    #[test]
    fn a_chain_goes_through_its_anchor() {
        let sound = chain();
        let point = |index: usize| Point {
            seq: sound[index].0,
            hash: sound[index].2,
        };
        assert_eq!(verified(&sound, Some(point(3)), &[point(3), point(1), point(1)]), Ok(4));
        let other = Point { seq: 2, hash: GENESIS };
        let broken = verified(&sound, Some(point(3)), &[point(3), other]).expect_err("broken");
        assert_eq!((broken.seq, broken.problem), (2, Problem::AnchorDiffers));
        let later = Point { seq: 5, hash: GENESIS };
        let broken = verified(&sound, Some(point(3)), &[later, point(1)]).expect_err("broken");
        assert_eq!(broken.problem, Problem::AnchorOutside { first: 1, last: 4 });
    }

    #[test]
    fn a_point_is_read_as_it_is_written() {
        let point = Point { seq: 7, hash: [9; 32] };
        assert_eq!(point.to_string().parse(), Ok(point));
        for wrong in ["", "7", "7:ab", "0:00", "x:y"] {
            assert_eq!(wrong.parse::<Point>(), Err(NoPoint), "{wrong}");
        }
    }
}
