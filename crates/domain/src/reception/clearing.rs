//! A source says that a problem is gone.

use std::sync::Arc;

use serde_json::json;

use super::{NotAllowed, Outcome, Receipt, Reception, Refusal, report::Reporter};
use crate::{
    event::EventKind,
    evidence::Evidence,
    exception::Arrival,
    ids::ExceptionId,
    intake::RawException,
    pack::Pack,
    standing::AUTO_CLEARED,
    work::{Act, Report, required},
};

/// Word that a problem is gone.
#[derive(Debug, Clone)]
pub struct Clearing {
    /// Which problem.
    pub by: ClearBy,
    /// As sent.
    pub raw: RawException,
    /// The active pack, whose approval rules count.
    pub pack: Arc<Pack>,
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
    fn evidence(&self) -> Evidence {
        let raw = &self.raw;
        let exception_type = raw.claimed_type.as_ref().map(|claimed| claimed.name.as_str());
        Evidence::of(&raw.content, &raw.source_system, exception_type, self.pack.label())
    }
}

/// The exceptions that a clearing means.
struct Meant {
    open: Vec<String>,
    /// One of them, open or not.
    any: String,
    /// Open ones of other source systems.
    left_open: usize,
}

impl Reception<'_> {
    pub(super) fn clear(&mut self, clearing: &Clearing) -> Result<Receipt, Refusal> {
        let source = &clearing.raw.source_system;
        if !clearing.arrival.sender.may_change(source) {
            return Err(not_allowed(source));
        }
        let Meant { open, any, left_open } = self.meant(clearing)?;
        let reporter = Reporter::new(&clearing.arrival.sender, source, clearing.arrival.at);
        let evidence = clearing.evidence();
        let (mut resolved, mut asked, mut waiting) = (0, 0, 0);
        for id in &open {
            let reporter = Reporter {
                at: self.not_before(id, reporter.at),
                ..reporter.clone()
            };
            match self.clear_one(id, clearing, &evidence, &reporter) {
                Cleared::Resolved => resolved += 1,
                Cleared::Asked => asked += 1,
                Cleared::Waits => waiting += 1,
            }
        }
        let outcome = if resolved + asked == 0 {
            Outcome::Duplicate
        } else {
            Outcome::Cleared {
                resolved,
                waiting: asked + waiting,
                left_open,
            }
        };
        let standing = self
            .entries
            .get(&any)
            .map(|entry| entry.now.clone())
            .ok_or(Refusal::NothingToClear)?;
        Ok(Receipt { outcome, standing })
    }

    fn meant(&self, clearing: &Clearing) -> Result<Meant, Refusal> {
        let source = &clearing.raw.source_system;
        match &clearing.by {
            ClearBy::Id(id) => {
                let entry = self.entries.get(id.as_str()).ok_or(Refusal::NothingToClear)?;
                if entry.now.cell.source_system != *source {
                    return Err(not_allowed(&entry.now.cell.source_system));
                }
                let any = entry.now.exception_id.clone();
                let open = entry.is_open().then(|| any.clone()).into_iter().collect();
                Ok(Meant { open, any, left_open: 0 })
            }
            ClearBy::Fingerprint(fingerprint) => {
                let all = self.open.get(fingerprint).map(Vec::as_slice).unwrap_or_default();
                let is_own = |id: &&String| self.entries.get(*id).is_some_and(|entry| entry.now.cell.source_system == *source);
                let open: Vec<String> = all.iter().filter(is_own).cloned().collect();
                let resolved = self.resolved_of.get(&(fingerprint.clone(), source.clone()));
                let any = open.first().or(resolved).ok_or(Refusal::NothingToClear)?.clone();
                let left_open = all.len() - open.len();
                Ok(Meant { open, any, left_open })
            }
        }
    }

    fn clear_one(&mut self, id: &str, clearing: &Clearing, evidence: &Evidence, reporter: &Reporter) -> Cleared {
        let waits = self.entries.get(id).is_some_and(|entry| Self::is_asked(&entry.now, reporter));
        if waits {
            return Cleared::Waits;
        }
        self.unask(id, reporter);
        let now = self.entries.get(id).map(|entry| &entry.now);
        let rule = now.and_then(|now| required(&clearing.pack, now, Act::Resolve(AUTO_CLEARED), reporter.maker));
        if let Some(rule) = rule {
            self.ask(id, Report::Cleared, rule, reporter, Some(evidence));
            return Cleared::Asked;
        }
        let changed = self.change(id, |standing| standing.resolve(AUTO_CLEARED, reporter.at));
        if let Some((before, after)) = changed {
            let evidence = self.keep(evidence);
            let data = json!({"resolution": AUTO_CLEARED, "before": before.told(), "after": after.told(), "evidence": evidence});
            self.happened(id, EventKind::Resolved, reporter.by(), &data);
        }
        Cleared::Resolved
    }
}

/// Effect of a clearing on one exception.
enum Cleared {
    Resolved,
    /// A member is asked now.
    Asked,
    /// A member was asked before.
    Waits,
}

fn not_allowed(source_system: &str) -> Refusal {
    Refusal::SourceNotAllowed(NotAllowed::Change {
        source_system: source_system.to_owned(),
    })
}
