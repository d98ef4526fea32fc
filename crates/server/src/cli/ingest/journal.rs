//! What is known about the lines so far, on disk: refused ones with their errors, and how far the run has got.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use domain::{fault::Fault, ids::TenantId};
use serde::{Deserialize, Serialize};

use super::{
    input::{Identity, is_stream},
    record::Record,
    rejected,
};
use crate::cli::api::{failure::Failure, stream::LineResult};

/// How often the state is written.
const SAVE: Duration = Duration::from_secs(1);

/// How many lines became what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Stored now.
    pub accepted: u64,
    /// Stored before.
    pub duplicates: u64,
    /// Not stored.
    pub rejected: u64,
    /// Of those not stored, those whose id is stored with other content.
    #[serde(default)]
    pub differing: u64,
    /// Nothing but white space.
    #[serde(default)]
    pub blank: u64,
    /// Stored in another way, by outcome.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub others: std::collections::BTreeMap<String, u64>,
}

impl Counts {
    /// All lines with a result.
    pub fn lines(&self) -> u64 {
        self.accepted + self.duplicates + self.rejected + self.blank + self.others.values().sum::<u64>()
    }

    fn add(&mut self, outcome: &str) {
        *(match outcome {
            "accepted" => &mut self.accepted,
            "duplicate" => &mut self.duplicates,
            "rejected" => &mut self.rejected,
            "blank" => &mut self.blank,
            other => self.others.entry(other.to_owned()).or_default(),
        }) += 1;
    }
}

/// How far a run has got: what `--resume` reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    tenant: TenantId,
    file: Identity,
    /// The last line whose result is known.
    line: u64,
    /// Length of the file of refused lines up to that line.
    rejects_bytes: u64,
    #[serde(flatten)]
    counts: Counts,
}

/// Both files of a run.
pub struct Journal {
    rejects: Rejects,
    /// None for standard input, which cannot be read again.
    state: Option<(PathBuf, State)>,
    /// Results of this run and those it goes on from.
    pub counts: Counts,
    /// The last line whose result is known.
    pub line: u64,
    saved: Instant,
}

impl Journal {
    /// Begins a run, or goes on with one that was interrupted.
    pub fn open(input: &Path, tenant: &TenantId, rejects: Option<&Path>, resume: bool) -> anyhow::Result<Self> {
        let is_stream = is_stream(input);
        let rejects = rejects.map_or_else(
            || beside(if is_stream { Path::new("stdin") } else { input }, ".rejects.ndjson"),
            Path::to_owned,
        );
        if is_stream && resume {
            bail!(
                "a stream cannot be read again: --resume needs a file. Send all of it again without --resume: what is stored is a duplicate"
            );
        }
        let mut state = None;
        if !is_stream {
            let (path, file) = (beside(input, ".ingest-state"), Identity::of(input)?);
            let known = if resume {
                Some(State::read(&path, input, tenant, &file)?)
            } else {
                None
            };
            let fresh = State {
                tenant: tenant.clone(),
                file,
                line: 0,
                rejects_bytes: 0,
                counts: Counts::default(),
            };
            state = Some((path, known.unwrap_or(fresh)));
        }
        let (line, counts, length) = match &state {
            Some((_, state)) => (state.line, state.counts.clone(), state.rejects_bytes),
            None => Default::default(),
        };
        let is_input = |rejects: &Path| Some(std::fs::canonicalize(rejects).ok()? == std::fs::canonicalize(input).ok()?);
        if is_input(&rejects) == Some(true) {
            bail!("{} is the file to be sent: give another with --rejects", rejects.display());
        }
        let mut journal = Journal {
            rejects: Rejects::open(rejects, length)?,
            state,
            counts,
            line,
            saved: Instant::now(),
        };
        // What cannot be written is told before anything is sent.
        journal.save().with_context(|| {
            format!(
                "copy {0} to a folder that you may write to, or send it with: sentinai ingest - < {0}",
                input.display()
            )
        })?;
        Ok(journal)
    }

    /// A line has its result.
    pub fn settle(&mut self, record: &Record, result: Option<&LineResult>) -> Result<(), Failure> {
        let here = |error: anyhow::Error| Failure::Here(format!("{error:#}"));
        let outcome = record.outcome(result);
        self.counts.add(outcome);
        if outcome == "rejected" {
            self.counts.differing += u64::from(record.errors(result).iter().any(|fault| fault.code == "differs"));
            self.rejects.add(record, record.errors(result)).map_err(here)?;
        }
        self.line = record.line;
        if self.saved.elapsed() >= SAVE {
            self.save().map_err(here)?;
        }
        Ok(())
    }

    /// Writes how far the run has got: the rejects first, so that the state never promises more than there is.
    pub fn save(&mut self) -> anyhow::Result<()> {
        self.rejects.flush()?;
        self.saved = Instant::now();
        let Some((path, state)) = &mut self.state else { return Ok(()) };
        state.line = self.line;
        state.counts.clone_from(&self.counts);
        state.rejects_bytes = self.rejects.length;
        let unfinished = beside(path, ".new");
        let written = || -> anyhow::Result<()> {
            let mut file = File::create(&unfinished)?;
            serde_json::to_writer_pretty(&mut file, state)?;
            file.sync_all()?;
            Ok(std::fs::rename(&unfinished, &*path)?)
        };
        written().with_context(|| format!("cannot write {}", path.display()))
    }

    /// Every line has its result: there is nothing to go on from.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        self.rejects.flush()?;
        match &self.state {
            Some((path, _)) => remove(path),
            None => Ok(()),
        }
    }

    /// Whether an interrupted run can be gone on with.
    pub fn can_resume(&self) -> bool {
        self.state.is_some()
    }

    /// Where refused lines are.
    pub fn rejects(&self) -> &Path {
        &self.rejects.path
    }
}

impl State {
    fn read(path: &Path, input: &Path, tenant: &TenantId, file: &Identity) -> anyhow::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bail!("there is no interrupted run of {}: send it without --resume", input.display())
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let again = "send it without --resume: what is stored is a duplicate";
        let state: State = serde_json::from_str(&text).with_context(|| format!("{} cannot be understood; {again}", path.display()))?;
        if state.file != *file {
            bail!(
                "{} is not the file whose run was interrupted: its size or its beginning is another; {again}",
                input.display()
            );
        }
        if state.tenant != *tenant {
            bail!(
                "the interrupted run of {} was for {}: give that tenant, or {again}",
                input.display(),
                state.tenant
            );
        }
        Ok(state)
    }
}

/// A path with something after its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The file of refused lines, made when there is one.
struct Rejects {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    length: u64,
}

impl Rejects {
    /// Keeps what is known of an interrupted run; what an earlier run left is put aside.
    fn open(path: PathBuf, length: u64) -> anyhow::Result<Self> {
        let cannot = || format!("cannot write {}", path.display());
        let mut file = None;
        if length > 0 {
            let mut kept = OpenOptions::new().write(true).open(&path).with_context(cannot)?;
            if kept.metadata().with_context(cannot)?.len() < length {
                bail!(
                    "{} was changed since the interrupted run: put it back, or send the file without --resume",
                    path.display()
                );
            }
            kept.set_len(length).with_context(cannot)?;
            kept.seek(SeekFrom::End(0)).with_context(cannot)?;
            file = Some(BufWriter::new(kept));
        } else if path
            .parent()
            .is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        {
            bail!(
                "{} cannot be written: its folder is not there. Make it, or give another with --rejects",
                path.display()
            );
        } else if path.is_file() {
            std::fs::rename(&path, beside(&path, ".old")).with_context(cannot)?;
        }
        Ok(Rejects { path, file, length })
    }

    fn add(&mut self, record: &Record, errors: &[Fault]) -> anyhow::Result<()> {
        let line = rejected::written(record, errors)?;
        self.length += line.len() as u64;
        let cannot = || format!("cannot write {}", self.path.display());
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(File::create(&self.path).with_context(cannot)?)),
        };
        file.write_all(line.as_bytes()).with_context(cannot)
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        match &mut self.file {
            Some(file) => file.flush().with_context(|| format!("cannot write {}", self.path.display())),
            None => Ok(()),
        }
    }
}
