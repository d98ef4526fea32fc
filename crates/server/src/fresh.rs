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
        self.get_at(key, Instant::now())
    }

    /// Remembers an answer for a second.
    pub fn put(&self, key: K, value: V) {
        self.put_at(key, value, Instant::now());
    }

    fn get_at(&self, key: &K, now: Instant) -> Option<V> {
        lock(&self.0)
            .get(key)
            .filter(|(asked, _)| is_fresh(*asked, now))
            .map(|(_, value)| value.clone())
    }

    fn put_at(&self, key: K, value: V, now: Instant) {
        let mut known = lock(&self.0);
        if known.len() >= MAX_REMEMBERED {
            known.retain(|_, (asked, _)| is_fresh(*asked, now));
        }
        if known.len() < MAX_REMEMBERED {
            known.insert(key, (now, value));
        }
    }

    /// Forgets an answer at once.
    pub fn forget(&self, key: &K) {
        lock(&self.0).remove(key);
    }
}

fn is_fresh(asked: Instant, now: Instant) -> bool {
    now.saturating_duration_since(asked) < FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_used_for_a_second() {
        let (fresh, now) = (Fresh::default(), Instant::now());
        fresh.put_at("key", 1, now);
        assert_eq!(fresh.get_at(&"key", now + Duration::from_millis(999)), Some(1));
        assert_eq!(fresh.get_at(&"key", now + FRESH), None);
        fresh.put_at("key", 2, now + FRESH);
        assert_eq!(fresh.get_at(&"key", now + FRESH), Some(2));
        fresh.forget(&"key");
        assert_eq!(fresh.get_at(&"key", now + FRESH), None);
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let (fresh, now) = (Fresh::default(), Instant::now());
        for key in 0..=MAX_REMEMBERED {
            fresh.put_at(key, (), now);
        }
        assert_eq!(fresh.get_at(&MAX_REMEMBERED, now), None);
        fresh.put_at(MAX_REMEMBERED, (), now + FRESH);
        assert_eq!(fresh.get_at(&MAX_REMEMBERED, now + FRESH), Some(()));
    }
}
