//! Everything that talks: the HTTP API with the desk, and the command line. The binary `sentinai` is [`cli::main`].
//!
//! `http` and `cli` never import each other's insides; what both need lies beside them.

mod alarms;
mod batcher;
pub mod cli;
mod clock;
mod config;
mod fresh;
pub mod http;
mod intake;
mod keeper;
mod lock;
mod packs;
mod secrets;
mod work;
