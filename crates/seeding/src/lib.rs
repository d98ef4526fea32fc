//! Realistic exceptions from any pack. Pure and deterministic: no clock, no I/O, no domain words.
//!
//! [`Seeder::new`] checks and compiles what the pack says in `seed`, `seedPools` and `seedProfiles`; the lint of a pack
//! calls [`Seeder::faults`]. [`Seeder::start`] makes a [`Series`] of exceptions of which each can be had by its index.
//! The same pack, seed, tenant and as-of time give the same bytes on every machine. [`Seeder::live`] lets exceptions be worked: a history.

mod budget;
mod compile;
mod exception;
mod expression;
mod fault;
mod functions;
mod history;
mod make;
mod number;
mod plan;
mod pool;
mod recipe;
mod schedule;
mod scope;
mod seeder;
mod series;
mod stream;

pub use exception::{SeedRun, SeededException};
pub use fault::{SeedFault, SeedProblem};
pub use history::{Figures, HistoryFault, Life};
pub use seeder::Seeder;
pub use series::Series;

#[cfg(test)]
mod tests;
