//! Work on an exception: typed commands, decided one at a time, told as events. Pure.
//!
//! ```text
//!                 claim, start                     wait
//!          OPEN ───────────────► IN_PROGRESS ───────────────► WAITING
//!           ▲ ▲ ◄─── release, ──────┘  ▲ ◄───── resume, ─────────┘
//!           │ │   handBack, move,      │    or its time is over
//!           │ │      escalate          │
//!           │ │                        │ refused, withdrawn, expired, void: back to where it was
//!           │ │                        ▼
//!    reopen │ └──────────────── PENDING_APPROVAL ◄─── what needs a second person
//!           │                          │ granted
//!           └────────────────────── RESOLVED ◄─── resolve, from anywhere but PENDING_APPROVAL
//! ```
//!
//! Nothing leaves `RESOLVED` but `reopen`. Escalation is a level, not a status. Where a source system reports what needs a second person, a
//! request waits too, but the exception keeps its status: a feed stops nobody's work.

pub mod alarm;
mod command;
mod decide;
mod pending;
#[cfg(test)]
mod tests;
mod verbs;

pub use self::{
    command::Command,
    decide::{Actor, Case, Decision, Refused, Settled, decide, tick},
    pending::{Act, Asked, Maker, Pending, Report, VOIDED, required, void},
    verbs::allowed,
};
