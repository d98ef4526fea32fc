//! Verification of an export, without any database.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::Context;
use domain::chain::{Broken, Point, Problem, Verification, hash_of};
use store::audit::Verdict;

use super::line::{Line, Summary};

/// What came of verifying a file.
pub struct FileVerdict {
    /// The tenant that the file names; empty if it names none.
    pub tenant: String,
    /// The chain in the file.
    pub verdict: Verdict,
    /// What is wrong, with the number of the line.
    pub wrong: Option<String>,
}

/// A file as far as it was read.
struct Reading {
    tenant: String,
    anchor: Option<Point>,
    verification: Option<Verification>,
    summary: Option<Summary>,
}

/// Why reading ended early.
enum Wrong {
    Chain(Broken),
    Text(String),
}

/// Verifies an export.
pub fn verify(path: &Path, anchor: Option<Point>) -> anyhow::Result<FileVerdict> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut reading = Reading {
        tenant: String::new(),
        anchor,
        verification: None,
        summary: None,
    };
    let (mut number, mut found) = (0_u64, None);
    for line in BufReader::new(file).lines() {
        number += 1;
        let taken = line
            .map_err(|error| Wrong::Text(format!("it cannot be read: {error}")))
            .and_then(|line| reading.take(&line));
        if let Err(wrong) = taken {
            found = Some(wrong);
            break;
        }
    }
    let found = found.map_or_else(|| reading.finish(), Err).err();
    let verification = reading
        .verification
        .unwrap_or_else(|| Verification::behind(Point::START, Vec::from_iter(anchor)));
    let (broken, wrong) = match found {
        None => (None, None),
        Some(Wrong::Chain(broken)) => (
            Some(broken),
            Some(format!("line {number}, event {}: {}", broken.seq, broken.problem)),
        ),
        Some(Wrong::Text(text)) => (None, Some(format!("line {number}: {text}"))),
    };
    Ok(FileVerdict {
        tenant: reading.tenant,
        verdict: Verdict {
            events: verification.events(),
            end: verification.end(),
            broken,
        },
        wrong,
    })
}

impl Reading {
    fn take(&mut self, text: &str) -> Result<(), Wrong> {
        if self.summary.is_some() {
            return Err(Wrong::Text("something stands behind the last line of the export".into()));
        }
        if let Ok(summary) = serde_json::from_str(text) {
            self.summary = Some(summary);
            return Ok(());
        }
        let line: Line<'_> = serde_json::from_str(text).map_err(|error| Wrong::Text(format!("this is no event: {error}")))?;
        let strange = |what: &str| Wrong::Text(format!("event {} has no {what}", line.seq));
        let event = line.link().ok_or_else(|| strange("time"))?;
        let previous = line.previous().ok_or_else(|| strange("hash of the event before"))?;
        let hash = hash_of(&line.hash).ok_or_else(|| strange("hash"))?;
        let broken = |problem| Err(Wrong::Chain(Broken { seq: line.seq, problem }));
        if self.verification.is_none() {
            let start = Point {
                seq: line.seq.saturating_sub(1),
                hash: previous,
            };
            if start.seq < 0 || (start.seq == 0 && start != Point::START) {
                return broken(Problem::HashDiffers);
            }
            self.tenant = line.tenant.clone().into_owned();
            self.verification = Some(Verification::behind(start, Vec::from_iter(self.anchor)));
        }
        let Some(verification) = &mut self.verification else {
            return Ok(());
        };
        if *line.tenant != self.tenant {
            return Err(Wrong::Text(format!("event {} is of another tenant, {}", line.seq, line.tenant)));
        }
        let before = verification.end();
        verification.take(&event, &hash).map_err(Wrong::Chain)?;
        if before.hash == previous {
            Ok(())
        } else {
            broken(Problem::HashDiffers)
        }
    }

    fn finish(&self) -> Result<(), Wrong> {
        let (Some(summary), Some(verification)) = (&self.summary, &self.verification) else {
            return Err(Wrong::Text(
                "the last line of the export is missing: the file was cut off; export it again".into(),
            ));
        };
        let hash = hash_of(&summary.head.hash).ok_or_else(|| Wrong::Text("the head has no hash".into()))?;
        let head = Point {
            seq: summary.head.seq,
            hash,
        };
        verification.finish(Some(head)).map_err(Wrong::Chain)?;
        if summary.tenant == self.tenant && summary.events == verification.events() {
            Ok(())
        } else {
            Err(Wrong::Text(format!(
                "it says {} events of {}, and there are {} of {}",
                summary.events,
                summary.tenant,
                verification.events(),
                self.tenant
            )))
        }
    }
}
