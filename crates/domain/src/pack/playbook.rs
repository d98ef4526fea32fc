//! The part of a pack that says how one type of exception is worked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ordered steps to work one type of exception.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaybookDocument {
    /// Name for people.
    pub title: String,
    /// The steps, in order.
    pub steps: Vec<StepDocument>,
}

/// One step of a playbook.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepDocument {
    /// Name within the playbook, e.g. `check-ssi`.
    pub id: String,
    /// Who or what does it.
    pub kind: StepKind,
    /// What to do, in a line.
    pub title: String,
    /// How to do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// CEL; the step applies where it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What must be attached or written down to complete it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// Who or what does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// A person works it.
    Human,
    /// A connected system is called.
    Tool,
    /// Somebody is told.
    Notify,
    /// The owner or queue changes.
    Assign,
    /// The status changes.
    SetStatus,
    /// A note is written.
    Comment,
    /// The clock waits for somebody else.
    Wait,
    /// A second person decides.
    Approval,
}
