//! The one place that takes random numbers from the system: keys, session tokens, ids, seeds.

use rand::{TryRng, rngs::SysRng};

/// Random bytes for a secret.
///
/// # Panics
/// If the operating system has none: nothing can be done safely then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system provides random numbers");
    bytes
}

/// A time-ordered id (RFC 9562, version 7).
#[expect(clippy::disallowed_methods, reason = "this is its home")]
pub fn uuid() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
