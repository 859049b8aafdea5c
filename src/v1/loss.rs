//! What a conversion between the versions cost.

use std::{collections::HashSet, fmt, ops::Deref};

use serde::{Serialize, Serializer};

/// One thing that did not come through a conversion as it was.
///
/// Its text names a field and a reason; values are never part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Loss {
    /// The field, by its name in the version that has it; `[]` stands for every item of a list (`attendees[].id`).
    pub field: String,
    /// What happened to it.
    pub why: Why,
}

/// What happened to a field, and for what reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// It was there, and has no place in the other version.
    Dropped(&'static str),
    /// The other version wants it, and it had to be made up.
    MadeUp(&'static str),
    /// The other version has the field, but no form for this value.
    NotExpressible(&'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped(why) => write!(f, "dropped: {why}"),
            Self::MadeUp(why) => write!(f, "made up: {why}"),
            Self::NotExpressible(why) => write!(f, "not expressible: {why}"),
        }
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.why)
    }
}

/// A value in the other version, and what it cost to get there. Dereferences to the value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Converted<T> {
    /// The value.
    pub value: T,
    /// What was lost, each once.
    pub losses: Vec<Loss>,
}

impl<T> Converted<T> {
    pub(crate) fn new(value: T, losses: Losses) -> Self {
        Self { value, losses: losses.list }
    }

    /// The value, unless anything was lost.
    ///
    /// # Errors
    ///
    /// What was lost.
    pub fn strict(self) -> Result<T, Vec<Loss>> {
        if self.losses.is_empty() { Ok(self.value) } else { Err(self.losses) }
    }

    /// Gives the value, and what it cost to `losses`.
    pub(crate) fn into(self, losses: &mut Losses) -> T {
        losses.extend(self.losses);
        self.value
    }
}

impl<T> Deref for Converted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Losses in the order in which they happened, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses {
    list: Vec<Loss>,
    seen: HashSet<Loss>,
}

impl Losses {
    pub(crate) fn add(&mut self, field: impl Into<String>, why: Why) {
        self.extend([Loss { field: field.into(), why }]);
    }

    pub(crate) fn extend(&mut self, losses: impl IntoIterator<Item = Loss>) {
        for loss in losses {
            if self.seen.insert(loss.clone()) {
                self.list.push(loss);
            }
        }
    }

    pub(crate) fn list(&self) -> &[Loss] {
        &self.list
    }
}
