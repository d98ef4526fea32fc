//! Tests of the server over real HTTP and a real PostgreSQL, as its clients see it.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod app;
mod architecture;
mod cloud_events;
mod commands;
#[path = "../../../store/tests/it/database.rs"]
mod database;
mod documents;
mod encodings;
mod export;
mod generated;
mod intake;
mod lines;
mod markdown;
mod memory;
mod outage;
mod permissions;
mod reading;
mod sessions;
