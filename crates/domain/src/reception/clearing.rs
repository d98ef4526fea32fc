//! A source says that a problem is gone.

use serde_json::{Value, json};

use super::{Outcome, Receipt, Reception, Refusal};
use crate::{exception::Arrival, ids::ExceptionId, intake::RawException, standing::AUTO_CLEARED};

/// Word that a problem is gone.
#[derive(Debug, Clone)]
pub struct Clearing {
    /// Which problem.
    pub by: ClearBy,
    /// As sent.
    pub raw: RawException,
    /// When and from whom.
    pub arrival: Arrival,
}

/// Which problem a clearing means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClearBy {
    /// One exception.
    Id(ExceptionId),
    /// All open ones of a fingerprint.
    Fingerprint(String),
}

impl Clearing {
    /// The record itself, as evidence.
    fn evidence(&self) -> Value {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        json!({
            "sourceSystem": self.raw.source_system,
            "header": json(&self.raw.content.header),
            "rawPayload": json(&self.raw.content.payload),
            "contentSha256": hex::encode(self.raw.content.hash),
        })
    }
}

impl Reception<'_> {
    pub(super) fn clear(&mut self, clearing: &Clearing) -> Result<Receipt, Refusal> {
        let (open, any) = match &clearing.by {
            ClearBy::Id(id) => {
                let entry = self.entries.get(id.as_str()).ok_or(Refusal::NothingToClear)?;
                let id = entry.now.exception_id.clone();
                (if entry.is_open() { vec![id.clone()] } else { Vec::new() }, id)
            }
            ClearBy::Fingerprint(fingerprint) => {
                let open = self.open.get(fingerprint).cloned().unwrap_or_default();
                let any = open
                    .first()
                    .or_else(|| self.resolved.get(fingerprint))
                    .ok_or(Refusal::NothingToClear)?
                    .clone();
                (open, any)
            }
        };
        for id in &open {
            self.unask(id, &clearing.arrival);
            let changed = self.change(id, |standing| standing.resolve(AUTO_CLEARED, clearing.arrival.at));
            if let Some((before, after)) = changed {
                let data =
                    json!({"resolution": AUTO_CLEARED, "before": before.told(), "after": after.told(), "evidence": clearing.evidence()});
                self.happened(id, "resolved", &clearing.arrival, &data);
            }
        }
        let outcome = match open.len() {
            0 => Outcome::Duplicate,
            resolved => Outcome::Cleared { resolved },
        };
        let standing = self
            .entries
            .get(&any)
            .map(|entry| entry.now.clone())
            .ok_or(Refusal::NothingToClear)?;
        Ok(Receipt { outcome, standing })
    }
}
