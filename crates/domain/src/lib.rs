//! What is true about exceptions: packs, triage, clocks, events. Pure: no I/O, no async, no clock, no randomness.
//!
//! Time and identifiers come in as arguments. The other crates depend on this one; it depends on none of them.

pub mod ageing;
pub mod calendar;
pub mod cell;
pub mod chain;
pub mod clock;
pub mod decimal;
pub mod display;
pub mod event;
pub mod evidence;
pub mod exception;
pub mod exposure;
pub mod expression;
pub mod fault;
pub mod filter;
pub mod format;
pub mod identity;
pub mod ids;
pub mod intake;
pub mod job;
pub mod json;
pub mod lived;
pub mod member;
pub mod pack;
pub mod rate;
pub mod reception;
pub mod replay;
pub mod role;
pub mod severity;
pub mod standing;
pub mod status;
pub mod terms;
pub mod text;
pub mod time;
pub mod title;
pub mod triage;
pub mod work;
