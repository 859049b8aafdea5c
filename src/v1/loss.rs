//! The losses of a conversion between the versions.

use std::{collections::HashSet, fmt, ops::Deref};

use serde::{Serialize, Serializer};

/// A field that a conversion did not carry over unchanged.
///
/// `Display` names the field and the reason, and never a value.
///
/// ```
/// use calcom::v1::{LossReason, convert, types::SlotsQuery};
///
/// let mut query = SlotsQuery::new(1, "2030-01-15", "2030-01-16");
/// query.event_type_slug = Some("check-up".to_owned());
/// let converted = convert::slots_query(&query);
/// let loss = &converted.losses[0];
/// assert_eq!(loss.field, "eventTypeSlug");
/// assert!(matches!(loss.reason, LossReason::Dropped(_)));
/// assert_eq!(loss.to_string(), "eventTypeSlug dropped: eventTypeId names the event type");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Loss {
    /// The name of the field in the version that has it. `[]` means all items of a list: `attendees[].id`.
    pub field: String,
    /// What happened to the field, and for what reason. Serialized as `why`.
    #[serde(rename = "why")]
    pub reason: LossReason,
}

/// The loss of a field in a conversion, and the reason.
///
/// [`Loss`](crate::v1::Loss) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LossReason {
    /// The field had a value, which the other version does not take.
    Dropped(&'static str),
    /// The other version requires the field, and the conversion supplied a value.
    MadeUp(&'static str),
    /// The other version has the field, but cannot express this value.
    NotExpressible(&'static str),
}

impl fmt::Display for LossReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped(reason) => write!(f, "dropped: {reason}"),
            Self::MadeUp(reason) => write!(f, "made up: {reason}"),
            Self::NotExpressible(reason) => write!(f, "not expressible: {reason}"),
        }
    }
}

impl Serialize for LossReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

/// A value in the form of the other version, with the losses of its conversion. Dereferences to the value.
///
/// ```
/// use calcom::v1::{convert, types::SlotsQuery};
///
/// let converted = convert::slots_query(&SlotsQuery::new(1, "2030-01-15", "2030-01-16"));
/// assert_eq!(converted.event_type_id, Some(1));
/// assert!(converted.into_lossless().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Converted<T> {
    /// The value.
    pub value: T,
    /// The losses in the order in which they occurred, each once.
    pub losses: Vec<Loss>,
}

impl<T> Converted<T> {
    pub(crate) fn new(value: T, losses: Losses) -> Self {
        Self { value, losses: losses.list }
    }

    /// Returns the value if nothing was lost.
    ///
    /// # Errors
    ///
    /// The losses, if there are any.
    pub fn into_lossless(self) -> Result<T, Vec<Loss>> {
        if self.losses.is_empty() { Ok(self.value) } else { Err(self.losses) }
    }

    /// Moves the losses into `losses` and returns the value.
    pub(crate) fn unpack(self, losses: &mut Losses) -> T {
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

/// Collects losses in the order in which they occur, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses {
    list: Vec<Loss>,
    seen: HashSet<Loss>,
}

impl Losses {
    pub(crate) fn add(&mut self, field: impl Into<String>, reason: LossReason) {
        self.extend([Loss { field: field.into(), reason }]);
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
