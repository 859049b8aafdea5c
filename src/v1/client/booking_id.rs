//! The number or the uid of a booking, as callers of V1 have it.

use std::fmt;

use crate::model::BookingUid;

/// The number or the uid of a booking. Calls take both by `Into`.
///
/// ```no_run
/// # async fn example(v1: calcom::v1::V1Client) -> Result<(), calcom::v1::V1Error> {
/// let by_number = v1.booking(7).await?;
/// let by_uid = v1.booking("3SiCmcQn828nSiTte59a6R").await?;
/// assert_eq!(by_number.uid, by_uid.uid);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum BookingIdOrUid {
    /// The number. The client finds its uid by a [`UidResolver`](crate::v1::ids::UidResolver).
    Id(i64),
    /// The uid, which V1's responses contain too.
    Uid(String),
}

/// Shows a uid as [`BookingUid`] does: it gives access to the booking.
impl fmt::Debug for BookingIdOrUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.debug_tuple("Id").field(id).finish(),
            Self::Uid(uid) => f.debug_tuple("Uid").field(&BookingUid::from(uid.as_str())).finish(),
        }
    }
}

impl From<i64> for BookingIdOrUid {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for BookingIdOrUid {
    fn from(uid: &str) -> Self {
        Self::Uid(uid.to_owned())
    }
}
