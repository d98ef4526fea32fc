//! Answers of the database that are used for a second and then asked for again: what changes takes effect within that time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::lock::lock;

const FRESH: Duration = Duration::from_secs(1);
/// More answers than this of the same second are not remembered.
const MAX_REMEMBERED: usize = 10_000;

/// Answers of the last second.
#[derive(Debug)]
pub struct Fresh<K, V>(Mutex<HashMap<K, (Instant, V)>>);

impl<K, V> Default for Fresh<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Fresh<K, V> {
    /// The answer, if it is fresh.
    pub fn get(&self, key: &K) -> Option<V> {
        lock(&self.0)
            .get(key)
            .filter(|(asked, _)| asked.elapsed() < FRESH)
            .map(|(_, value)| value.clone())
    }

    /// Remembers an answer for a second.
    pub fn put(&self, key: K, value: V) {
        let mut known = lock(&self.0);
        if known.len() >= MAX_REMEMBERED {
            known.retain(|_, (asked, _)| asked.elapsed() < FRESH);
        }
        if known.len() < MAX_REMEMBERED {
            known.insert(key, (Instant::now(), value));
        }
    }

    /// Forgets an answer at once.
    pub fn forget(&self, key: &K) {
        lock(&self.0).remove(key);
    }
}
