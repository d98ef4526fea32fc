//! The API as the program's own commands see it.

pub mod address;
pub mod client;
pub mod failure;
pub mod health;
mod pace;
pub mod report;
pub mod stream;
pub mod target;
pub mod tenant;
mod window;
