//! Events: the kinds there are, in one spelling, and events that are to be appended to a tenant's chain.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::Serialize;

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)*) => {
        /// A kind of event, in the past tense.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// Every kind of event.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$kind,)*];

            /// The text that is stored, hashed and answered.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(EventKind::$kind => $text,)*
                }
            }
        }
    };
}

event_kinds! {
    /// An exception was received.
    Received = "received",
    /// Its source replaced the content of an exception.
    Revised = "revised",
    /// An exception was received again.
    Recurred = "recurred",
    /// A member took an exception.
    Claimed = "claimed",
    /// A member gave an exception to another one.
    Assigned = "assigned",
    /// The owner gave an exception up.
    Released = "released",
    /// An exception went back to the queue it came from.
    HandedBack = "handed_back",
    /// An exception began to wait for something.
    Waiting = "waiting",
    /// A member ended a wait.
    Resumed = "resumed",
    /// A wait ended at its time.
    WaitEnded = "wait_ended",
    /// An exception was hidden from Next until a time.
    Snoozed = "snoozed",
    /// A snooze ended.
    Woken = "woken",
    /// An exception went a level up.
    Escalated = "escalated",
    /// An exception moved to another queue.
    Moved = "moved",
    /// The severity changed.
    SeverityChanged = "severity_changed",
    /// An exception got a parent.
    Linked = "linked",
    /// An exception lost its parent.
    Unlinked = "unlinked",
    /// A member wrote a comment.
    Commented = "commented",
    /// A step of the playbook was completed.
    StepCompleted = "step_completed",
    /// A step of the playbook was skipped.
    StepSkipped = "step_skipped",
    /// An exception was resolved.
    Resolved = "resolved",
    /// An exception was reopened.
    Reopened = "reopened",
    /// A change needs the approval of a second person.
    ApprovalRequested = "approval_requested",
    /// The second person approved.
    ApprovalGranted = "approval_granted",
    /// The second person refused.
    ApprovalRefused = "approval_refused",
    /// The maker withdrew the request.
    ApprovalWithdrawn = "approval_withdrawn",
    /// The exception changed, so the request is void.
    ApprovalVoided = "approval_voided",
    /// Nobody decided in time.
    ApprovalExpired = "approval_expired",
    /// The deadline of the first response passed.
    RespondBreached = "respond_breached",
    /// The deadline of the resolution is near.
    BreachImminent = "breach_imminent",
    /// The deadline of the resolution passed.
    Breached = "breached",
    /// A member looked at classified fields.
    Viewed = "viewed",
    /// A quarantined object was stored as an exception.
    QuarantineReplayed = "quarantine_replayed",
    /// A quarantined object was discarded.
    QuarantineDiscarded = "quarantine_discarded",
    /// A dead-lettered job was enqueued again.
    JobReplayed = "job_replayed",
    /// A dead-lettered job was discarded.
    JobDiscarded = "job_discarded",
    /// A bulk run was committed and needs approval.
    BulkApprovalRequested = "bulk_approval_requested",
    /// A bulk run began.
    BulkStarted = "bulk_started",
    /// A bulk run was discarded.
    BulkDiscarded = "bulk_discarded",
    /// A member logged in at the desk.
    LoggedIn = "logged_in",
    /// Logins failed.
    LoginFailed = "login_failed",
    /// Requests were refused for their role.
    AccessRefused = "access_refused",
    /// Exceptions were exported.
    Exported = "exported",
    /// The tenant was created.
    TenantCreated = "tenant_created",
    /// The tenant was suspended.
    TenantSuspended = "tenant_suspended",
    /// The suspension was lifted.
    TenantResumed = "tenant_resumed",
    /// The rate limit was set.
    RateSet = "rate_set",
    /// The retention of quarantined objects was set.
    QuarantineDaysSet = "quarantine_days_set",
    /// A key was created.
    KeyCreated = "key_created",
    /// A key was revoked.
    KeyRevoked = "key_revoked",
    /// The role of a member was changed.
    RoleChanged = "role_changed",
    /// The chain was recomputed, with the result.
    ChainVerified = "chain_verified",
    /// A pack version was activated.
    PackActivated = "pack_activated",
    /// A simulated history was written.
    HistorySeeded = "history_seeded",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EventKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = UnknownEventKind;
    fn from_str(text: &str) -> Result<Self, UnknownEventKind> {
        EventKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownEventKind)
    }
}

/// The text is not a kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of event")]
pub struct UnknownEventKind;

/// An event to append to the chain of its tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Exception it is about; empty for an event of the tenant as a whole.
    pub exception_id: String,
    /// Kind of event.
    pub kind: EventKind,
    /// Actor that caused it.
    pub actor: String,
    /// Time of the event (UTC).
    pub at: DateTime<Utc>,
    /// Details as JSON text.
    pub data: String,
}

/// The time of the next event of an exception: `now`, but never before its last one. The clock of the server that wrote the last one may
/// be ahead.
pub fn not_before(last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    last.map_or(now, |last| now.max(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_spelling_in_snake_case_and_is_read_back() {
        let mut seen = std::collections::HashSet::new();
        for kind in EventKind::ALL {
            let text = kind.as_str();
            assert!(text.bytes().all(|c| c.is_ascii_lowercase() || c == b'_'), "{text}");
            assert!(seen.insert(text), "{text} twice");
            assert_eq!(text.parse(), Ok(*kind));
        }
        assert!("key-created".parse::<EventKind>().is_err());
    }
}
