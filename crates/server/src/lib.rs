//! Everything that talks: the HTTP API with the desk, the worker of jobs, and the command line. The binary `sentinai` is [`cli::main`].
//!
//! `http`, `worker` and `cli` never import each other's insides, but `cli` starts the other two; what they all need lies beside them.

pub mod alarms;
pub mod anchors;
mod aside;
mod batcher;
mod bulk;
pub mod cli;
pub mod clock;
mod config;
mod fresh;
pub mod history;
pub mod http;
mod intake;
mod keeper;
mod lock;
pub mod packs;
pub mod pulse;
mod recorder;
mod secrets;
mod skew;
mod work;
pub mod worker;
