//! The values made so far, and which members of pools have been chosen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Values by name; later ones hide earlier ones of the same name.
#[derive(Debug, Default)]
pub(crate) struct Scope<'p> {
    values: Vec<(&'p str, Value)>,
}

impl<'p> Scope<'p> {
    pub(crate) fn push(&mut self, name: &'p str, value: Value) {
        self.values.push((name, value));
    }

    /// The value of a name, or of a path such as `holder.name`.
    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = names.next()?;
        let (_, value) = self.values.iter().rev().find(|(name, _)| *name == first)?;
        names.try_fold(value, |value, name| value.get(name))
    }

    /// A mark to come back to with [`Scope::leave`].
    pub(crate) fn enter(&self) -> usize {
        self.values.len()
    }

    /// Forgets what was pushed since.
    pub(crate) fn leave(&mut self, mark: usize) {
        self.values.truncate(mark);
    }
}

/// Members chosen for one exception.
///
/// Within a frame the same pool and alias is the same member. An exception is one frame, and so is each item of a list.
/// Members of one exception differ as long as the pool has enough.
#[derive(Debug, Default)]
pub(crate) struct Picks<'p> {
    frame: u32,
    frames: u32,
    chosen: BTreeMap<(u32, usize, Option<&'p str>), usize>,
    /// Members of each pool that were chosen.
    used: BTreeMap<usize, BTreeSet<usize>>,
}

impl<'p> Picks<'p> {
    /// Starts a frame; give the result back to [`Picks::leave`].
    pub(crate) fn enter(&mut self) -> u32 {
        self.frames += 1;
        std::mem::replace(&mut self.frame, self.frames)
    }

    pub(crate) fn leave(&mut self, frame: u32) {
        self.frame = frame;
    }

    /// The member chosen before, or a new one: `choose` draws, `size` is the size of the pool.
    pub(crate) fn member(&mut self, pool: usize, alias: Option<&'p str>, size: usize, mut choose: impl FnMut() -> usize) -> usize {
        let key = (self.frame, pool, alias);
        if let Some(member) = self.chosen.get(&key) {
            return *member;
        }
        let used = self.used.entry(pool).or_default();
        let mut member = choose();
        for _ in 0..64 {
            if !used.contains(&member) {
                break;
            }
            member = choose();
        }
        if used.contains(&member) && used.len() < size {
            // The popular ones are taken: the next in rank.
            member = (0..size).find(|member| !used.contains(member)).unwrap_or(member);
        }
        used.insert(member);
        self.chosen.insert(key, member);
        member
    }
}
