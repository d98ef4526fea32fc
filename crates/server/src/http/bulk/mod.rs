//! One command for many exceptions: preview, agree, watch.

pub mod decide;
pub mod list;
pub mod preview;
pub mod show;
pub mod views;
