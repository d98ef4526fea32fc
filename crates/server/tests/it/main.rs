//! Tests of the server over real HTTP and a real PostgreSQL, as its clients see it.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod ageing;
mod app;
mod architecture;
mod audit;
mod audit_state;
mod audit_trail;
mod browsers;
mod bulk;
mod chance;
mod cloud_events;
mod columns;
mod commands;
mod conformance;
#[path = "../../../store/tests/it/database.rs"]
mod database;
mod digits;
mod disclosure;
mod documents;
mod encodings;
mod exact_filters;
mod exception_ids;
mod export;
mod faults;
mod generated;
mod health;
mod history;
mod idempotency;
mod ingest;
mod intake;
mod jobs;
mod limits;
mod lines;
mod markdown;
mod memory;
mod open_streams;
mod outage;
mod permissions;
mod quarantine;
mod rates;
mod reading;
mod recurrence;
mod reset;
mod sessions;
mod shown;
mod work;
