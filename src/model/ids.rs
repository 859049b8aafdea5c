//! Ids as types of their own, so that none can stand in another's place.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::patch::Patch;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl From<i64> for Patch<$name> {
            fn from(id: i64) -> Self {
                Self::Set(id.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as the service wrote it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the service wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// The beginning only: whoever knows such an id can read, move or cancel what it names.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown: String = self.0.chars().take(4).collect();
                write!(f, "{}({shown}..)", stringify!($name))
            }
        }
    )+};
}

numbers! {
    /// The number of a user.
    UserId,
    /// The number of a team.
    TeamId,
    /// The number of an organization.
    OrganizationId,
    /// The number of an event type.
    EventTypeId,
    /// The number of a schedule.
    ScheduleId,
    /// The number of a booking; version 2 finds bookings by their [`BookingUid`] only.
    BookingId,
    /// The number of an attendee.
    AttendeeId,
}

texts! {
    /// The uid of a booking, or of a whole series (its `recurringBookingUid`). A reschedule gives a new one.
    ///
    /// Whoever knows it can read, move and cancel the booking, without a credential.
    BookingUid,
    /// The uid of one attendee's seat in a seated booking.
    SeatUid,
    /// The uid of a reservation of a slot.
    ReservationUid,
    /// The id of a webhook.
    WebhookId,
    /// The id of a private link.
    PrivateLinkId,
}
