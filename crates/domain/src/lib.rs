//! What is true about exceptions: packs, triage, clocks, events. Pure: no I/O, no async, no clock, no randomness.
//!
//! Time and identifiers come in as arguments. The other crates depend on this one; it depends on none of them.

pub mod calendar;
pub mod format;
pub mod pack;
pub mod severity;
