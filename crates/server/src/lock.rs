//! Mutexes whose holders leave nothing half done: what a panic leaves behind can be used.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whether or not a holder panicked. Never held across an await.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
