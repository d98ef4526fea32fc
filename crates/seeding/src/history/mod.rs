//! A past: exceptions that arose over weeks, and what people and the clock did with them.
//!
//! [`Seeder::live`](crate::Seeder::live) starts one; it is an iterator of steps in the order of time. People are made up here, what comes of
//! their commands is not: exceptions go through triage and reception, commands through `decide`, and alarms ring when they are due.
//! The same pack, seed, tenant, as-of time, count and number of days give the same steps.

mod command;
mod figures;
mod life;
mod occasion;
mod people;
mod story;
mod temper;
#[cfg(test)]
mod tests;
mod view;
mod words;

pub use self::{
    figures::Figures,
    life::{HistoryFault, Life},
};
