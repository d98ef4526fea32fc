//! The part of a pack that says what becomes of repetitions. See [`crate::reception`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens when the same problem comes again. No repetition is ever thrown away.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecurrenceDocument {
    /// While the earlier exception is open.
    #[serde(default)]
    pub while_open: WhileOpen,
    /// When the earlier exception was resolved by somebody. One that its source cleared is opened again in any case.
    #[serde(default)]
    pub when_resolved: WhenResolved,
    /// For how many days a resolved exception is remembered; later it is a new problem.
    #[serde(default = "thirty_days")]
    #[schemars(range(min = 0, max = 3650))]
    pub within_days: u16,
}

impl Default for RecurrenceDocument {
    fn default() -> Self {
        Self {
            while_open: WhileOpen::default(),
            when_resolved: WhenResolved::default(),
            within_days: thirty_days(),
        }
    }
}

fn thirty_days() -> u16 {
    30
}

/// What becomes of a repetition while the earlier exception is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WhileOpen {
    /// It is open as well and worked on its own, linked to the earlier one.
    #[default]
    Link,
    /// It is kept but closed at once: the earlier one stands for both.
    Fold,
}

/// What becomes of a repetition when the earlier exception was resolved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WhenResolved {
    /// It is open and linked to the earlier one.
    #[default]
    Link,
    /// The earlier one is opened again with new deadlines and stands for both.
    Reopen,
}
