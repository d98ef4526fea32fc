//! From what a source sends to a [`RawException`]: shape only, no pack and no clock.
//!
//! Two steps: [`envelope::split`] or [`cloud_event`] finds the exception objects in a body, [`RawException::parse`] reads one of them.

pub mod cloud_event;
mod content;
pub mod envelope;
pub mod lines;
#[cfg(test)]
mod properties;
pub mod quarantine;
mod raw;
#[cfg(test)]
mod tests;

pub use content::{Content, differences};
pub use raw::{ClaimedType, RawException, State};
