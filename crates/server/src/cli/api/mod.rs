//! The API as programs that send see it: `sentinai seed` and `sentinai ingest` share it.

pub mod address;
pub mod client;
pub mod failure;
pub mod health;
mod pace;
pub mod report;
pub mod stream;
pub mod target;
mod window;
