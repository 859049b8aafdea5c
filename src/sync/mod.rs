//! Locks, times and background tasks that several modules use.

#[cfg(feature = "client")]
mod background;

use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(feature = "client")]
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

#[cfg(feature = "client")]
pub(crate) use background::{TaskTracker, spawn};

/// Locks a mutex even if it is poisoned: every change under these locks is one assignment, so that a panic leaves none
/// incomplete.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`lock`], to read.
#[cfg(feature = "client")]
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// As [`lock`], to write.
#[cfg(feature = "client")]
pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// A duration in milliseconds, bounded so that sums of a few of them do not overflow.
#[cfg(feature = "client")]
pub(crate) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}
