//! The proof chain: every tenant's events form a chain of SHA-256 hashes without gaps.
//!
//! `hash(n) = SHA-256(hash(n-1) ‖ len ‖ field ‖ len ‖ field …)`, where every field is UTF-8 text behind its length in bytes
//! as a big-endian u64, in the order of [`Link`]'s fields. The chain starts from 32 zero bytes. FIPS 180-4 for the hash.

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
}
