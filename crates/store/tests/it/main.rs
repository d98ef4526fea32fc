//! Tests of the store on a real PostgreSQL, as the application role.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod catalog;
mod chain;
mod counters;
mod database;
mod dead;
mod filled;
mod given_up;
mod idempotency;
mod jobs;
mod lists;
mod matrix;
mod messages;
mod plans;
mod privileges;
mod quarantine;
mod receive;
mod searches;
mod statements;
mod states;
mod walls;
mod writes;
