//! A source sends a changed record under a known id and asks that it replace what is stored.

use serde_json::{Map, Value, json};

use super::{Outcome, Receipt, Reception};
use crate::{exception::Received, intake::Content, status::Status, work};

impl<'b> Reception<'b> {
    /// Replaces content and triage; status, owner and history stay. The event keeps what was replaced.
    pub(super) fn revise(&mut self, received: &'b Received, changed: &[String]) -> Receipt {
        let id = received.id.as_str();
        let replaced = self.entries.get(id).and_then(|entry| entry.content()).map(told).unwrap_or_default();
        self.unask(id, &received.arrival);
        let revised = self.change(id, |standing| {
            let status = standing.cell.status;
            standing.cell = received.cell(status);
            standing.fingerprint.clone_from(&received.triaged.fingerprint);
            standing.pack_version = received.pack.version();
            standing.created_at = received.triaged.created_at;
            if let Some(restart) = &mut standing.work.restarted {
                restart.pack_version = received.pack.version();
            }
            let (was_due, now) = (standing.due_at, received.arrival.at);
            // Also of what is resolved: whether it was in time is told by what is known of it now.
            standing.set_deadlines(&received.pack);
            if status != Status::Resolved {
                let has_become_late = standing.due_at <= now && was_due > now;
                standing.alarm_at = if has_become_late {
                    Some(standing.due_at)
                } else {
                    work::alarm::next(standing, now)
                };
            }
        });
        let entry = self.entries.get_mut(id);
        let standing = entry.map(|entry| {
            entry.latest = Some(received);
            entry.now.clone()
        });
        if let Some((before, after)) = revised {
            let side = |standing: Map<String, Value>, content: Value| json!({"standing": standing, "sent": content});
            let data = json!({
                "changed": changed,
                "pack": received.pack.label(),
                "before": side(before.told(), replaced),
                "after": side(after.told(), told(&received.raw.content)),
            });
            self.happened(id, "revised", &received.arrival, &data);
        }
        Receipt {
            outcome: Outcome::Revised,
            // It was there a moment ago.
            standing: standing.unwrap_or_else(|| super::Standing::new(received)),
        }
    }
}

fn told(content: &Content) -> Value {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    json!({
        "header": json(&content.header),
        "rawPayload": json(&content.payload),
        "normalizedContext": json(&content.context),
        "contentSha256": hex::encode(content.hash),
    })
}
