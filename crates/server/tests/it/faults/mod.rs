//! What no fault may break, tried on the real program and a real database of its own, under load.
//!
//! A [`Site`] is an installation. A [`Load`] sends to it without pause and writes into a [`Ledger`] what it sent and what
//! was acknowledged. One file per fault breaks something meanwhile. Then [`laws`] holds the database against the ledger,
//! and whatever was left in doubt is sent again.

mod clients_gone;
mod database_killed;
mod database_restarted;
mod laws;
mod ledger;
mod load;
mod locks;
mod poolers;
pub mod program;
mod random_moments;
mod restore;
mod server_killed;
mod site;
mod two_servers;
mod worker_killed;

use std::time::Duration;

pub use self::site::Site;
use self::{ledger::Ledger, load::Load, program::Program};

/// How soon a server must acknowledge again once its database is back.
const BACK_WITHIN: Duration = Duration::from_secs(5);
