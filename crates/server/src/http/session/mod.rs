//! The desk's session: a key exchanged for an `HttpOnly` cookie, so that no script ever holds the key.

pub mod create;
pub mod delete;
pub mod show;
pub mod views;
