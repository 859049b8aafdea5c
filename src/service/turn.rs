//! One call at a time for each key, within this process: two that book the same key at once would each see nothing of
//! the other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
};

use tokio::sync::OwnedMutexGuard;

use super::IdempotencyKey;
use crate::sync::lock;

type Door = tokio::sync::Mutex<()>;

/// The keys that are being worked on.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<IdempotencyKey, Weak<Door>>>);

/// The right to work on a key; given back when dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Turns {
    pub(crate) async fn wait(&self, key: &IdempotencyKey) -> Turn {
        let door = {
            let mut doors = lock(&self.0);
            if doors.len() >= 64 {
                doors.retain(|_, door| door.strong_count() > 0);
            }
            match doors.get(key).and_then(Weak::upgrade) {
                Some(door) => door,
                None => {
                    let door = Arc::new(Door::default());
                    doors.insert(key.clone(), Arc::downgrade(&door));
                    door
                }
            }
        };
        door.lock_owned().await
    }
}
