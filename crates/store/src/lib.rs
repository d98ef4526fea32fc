//! The only crate that knows PostgreSQL.

pub mod cluster;
